import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedScripts, sectionsOf } from './sections.ts'

const toml = (text: string): string | undefined => sectionsOf('pyproject.toml', text, ['tool.pytest'])

describe('settings in TOML', () => {
  const BEFORE = '[project]\nname = "demo"\n\n[tool.pytest.ini_options]\naddopts = "-ra" # as always\n\n[tool.black]\nline-length = 100\n'

  it('come out the same when something else changes', () => {
    expect(toml(BEFORE.replace('"demo"', '"other"').replace('100', '120').replace('# as always', '# never'))).toBe(toml(BEFORE))
  })

  it.each([
    ['a value', BEFORE.replace('-ra', '-ra --ignore=slow')],
    [
      'a key that is added behind a text that looks like a header',
      BEFORE.replace('[tool.black]', 'x = """\n[tool.black]\n"""\ntestpaths = ["easy"]\n[tool.black]'),
    ],
    ['an inline table above', `tool = { pytest = { ini_options = { addopts = "" } } }\n${BEFORE}`],
    ['a dotted key', `tool . "pytest".ini_options.addopts = ""\n${BEFORE}`],
    ['a key in quotes', BEFORE.replace('[tool.black]', '["tool"."pytest".more]\nx = 1\n[tool.black]')],
    ['a key with an escape', BEFORE.replace('[tool.black]', '["\\u0074ool".pytest.more]\nx = 1\n[tool.black]')],
    ['a list over several lines', BEFORE.replace('addopts = "-ra"', 'addopts = [\n  "-ra", # [tool.black]\n  "-x",\n]')],
    ['a section that is gone', BEFORE.replace(/\[tool\.pytest[^]*?\n\n/, '')],
  ])('come out otherwise with %s', (_, after) => {
    expect(toml(after)).not.toBe(toml(BEFORE))
  })

  it.each(['x = "', 'x = """', 'x = [', 'x = }', "x = '''a\n", '"""a" \\\n\\"""a"'])('that cannot be read are no settings: %s', (text) => {
    expect(toml(`${text}\n[tool.pytest]\na = 1\n`)).toBeUndefined()
  })

  // One look at the rest for each line would take minutes.
  it.each(['\\"""a"\n', '"""', "'''", '[', 'x = "a"\n', '"\\"'])('take no longer than their length: %j', (line) => {
    expect(toml(line.repeat(500_000)) ?? '').toBe('')
  })

  it('never throw, and are the same for the same text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[[\]"'\\#=.{}\ntool\x20pytest]{0,80}$/)), (text) => {
        expect(toml(text)).toBe(toml(text))
        sectionsOf('setup.cfg', text, ['tool:pytest'])
        sectionsOf('package.json', text, ['jest'])
        changedScripts(text, '{}')
      }),
    )
  })
})

describe('settings in INI', () => {
  const BEFORE = '[metadata]\nname = demo\n[tool:pytest]\naddopts =\n  -ra\n# why\n[flake8]\nmax = 1\n'
  const ini = (text: string): string | undefined => sectionsOf('setup.cfg', text, ['tool:pytest', 'coverage:'])

  it('are those of the sections that are asked for', () => {
    expect(ini(BEFORE.replace('demo', 'other').replace('# why', '# not').replace('max = 1', 'max = 2'))).toBe(ini(BEFORE))
    expect(ini(BEFORE.replace('-ra', '-k easy'))).not.toBe(ini(BEFORE))
    expect(ini(`${BEFORE}[coverage:run]\nomit = src/hard/*\n`)).not.toBe(ini(BEFORE))
  })
})

describe('settings in JSON', () => {
  const json = (text: string): string | undefined => sectionsOf('package.json', text, ['jest'])

  it('are values, whatever their layout', () => {
    expect(json('{"name": "a", "jest": {"b": 1, "a": 2}}')).toBe(json('{"jest":{"a":2,"b":1},"name":"b"}'))
    expect(json('{"jest": {"a": 2}}')).not.toBe(json('{"jest": {"a": 3}}'))
    expect(json('')).toBe(json('{}'))
    expect(json('{"jest": ')).toBeUndefined()
    expect(json('[]')).toBeUndefined()
  })
})

describe('scripts of a package', () => {
  it.each([
    ['{"scripts": {"test": "vitest"}}', '{"scripts": {"test": "vitest", "demo": "node demo.js"}}', []],
    ['{"scripts": {"test": "vitest"}}', '{"scripts": {"test": "true"}}', ['test']],
    ['{"scripts": {"test": "vitest"}}', '{"scripts": {"test": "vitest", "pretest": "rm -r test"}}', ['pretest']],
    ['{"scripts": {"test": "vitest"}}', '{}', ['test']],
    ['', '{"scripts": {"test": "vitest"}}', []],
  ])('%s, then %s', (before, after, changed) => {
    expect(changedScripts(before, after)).toEqual(changed)
  })
})
