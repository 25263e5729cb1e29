/**
 * The build: takes the types out of every module in src/ and loads what it wrote, so that a file
 * that is no TypeScript, or an import that leads nowhere, fails here.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ENTRY = 'src/cli.ts'

rmSync('dist', { recursive: true, force: true })
const built = globSync('src/**/*.ts')
  .toSorted()
  .map((source) => {
    const target = join('dist', source.replace(/^src./, '').replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    const code = stripTypeScriptTypes(readFileSync(source, 'utf8'))
    writeFileSync(target, code.replace(/(from '\.[^']*)\.ts'/g, "$1.js'"))
    return { source, target }
  })
// The entry would read from standard input; the modules it is made of are enough.
for (const { source, target } of built) if (source !== ENTRY) await import(pathToFileURL(target).href)
console.log(`built ${built.length} modules`)
