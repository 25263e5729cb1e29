import { readFileSync } from 'node:fs'
import { RENDERERS } from '#render/registry.ts'
const [file, width, format = 'text', part] = process.argv.slice(2)
const report = JSON.parse(readFileSync(file!, 'utf8'))
const render = await RENDERERS[format as 'text']()
process.stdout.write(render(report, { width: Number(width), ...(part && { part: part as never }) }).output)
