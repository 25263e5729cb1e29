import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { KINDS } from '#collect/registry.ts'
import { programJsonSchema } from '#core/program/json-schema.ts'
import { loadProgram } from '#core/program/load.ts'
import { generated } from '../../scripts/reference.ts'

const ROOT = new URL('../../', import.meta.url)
const textOf = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')
const pages = await generated()

test.each(Object.keys(pages))('%s is as `npm run generate` writes it', (path) => {
  expect(textOf(path)).toBe(pages[path])
})

test('the folder of generated pages holds nothing else', () => {
  const names = readdirSync(new URL('docs/reference/', ROOT)).map((name) => `docs/reference/${name}`)
  expect(names.toSorted()).toEqual(
    Object.keys(pages)
      .filter((path) => path.startsWith('docs/reference/'))
      .toSorted(),
  )
})

const validate = new Ajv2020({ strict: true, strictTypes: false, strictTuples: false, allErrors: true, validateFormats: false }).compile(
  programJsonSchema(KINDS),
)
const examples = readdirSync(new URL('examples/', ROOT), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `examples/${entry.name}/muster.yaml`)

test.each(examples)('%s fits the JSON Schema and loads', (path) => {
  validate(parse(textOf(path)))
  expect(validate.errors ?? []).toEqual([])
  expect(loadProgram(path, new TextEncoder().encode(textOf(path)), KINDS).problems).toEqual([])
})

const MINIMAL = textOf('docs/problems/minimal.yaml')

test('the JSON Schema takes the program of the problem pages', () => {
  expect(validate(parse(MINIMAL))).toBe(true)
})

test.each([
  ['an unknown key', 'name: Demo', 'name: Demo\ncalender: {}'],
  ['a missing key', '    branch: feature/cache', ''],
  ['a wrong type', 'name: Parser', 'name: 3'],
  ['a wrong word', 'atLeast: 80% }', 'atLeast: 80%, tier: importnat }'],
  ['a misspelt comparison', 'atLeast: 80%', 'atLesat: 80%'],
  ['a criterion with two kinds of condition', 'atLeast: 80% }', 'atLeast: 80%, signOff: phase-lead }'],
  ['an unknown kind of source', 'collect: junit', 'collect: junti'],
  ['a key of another kind of source', 'collect: git', 'collect: git, run: make'],
  ['an id with a space', '  cache:', '  the cache:'],
  ['a text where a list is meant', 'roles: [phase-lead]', 'roles: phase-lead'],
  ['a word nobody knows in an agenda', 'name: Midweek', 'name: Midweek\n    agenda: [{ item: Report, time: 5m, each: person }]'],
])('the JSON Schema refuses %s, as the loader does', (_what, from, to) => {
  const text = MINIMAL.replace(from, to)
  expect(text).not.toBe(MINIMAL)
  expect(validate(parse(text))).toBe(false)
  expect(loadProgram('muster.yaml', new TextEncoder().encode(text), KINDS).program).toBeUndefined()
})
