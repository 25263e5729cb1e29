import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What `src/collect/scan/assembly` is compiled to, as a module that needs no file beside it. A process of its own: types of the compiler are global. */
export function compiledAssembly(): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-assembly-'))
  try {
    const wasm = join(folder, 'line-scan.wasm')
    const options = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert', '--initialMemory', '8']
    execFileSync(join(ROOT, 'node_modules/.bin/asc'), ['src/collect/scan/assembly/line-scan.ts', '--outFile', wasm, ...options], {
      cwd: ROOT,
    })
    return `/** \`assembly/line-scan.ts\`, compiled: written by \`npm run generate\`. */
export const LINE_SCAN =
  '${readFileSync(wasm, 'base64')}'
`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
