import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generated } from './reference.ts'

/** Writes the generated pages and the JSON Schema; a test holds the committed ones against them. */
for (const [path, content] of Object.entries(await generated())) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url))
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}
