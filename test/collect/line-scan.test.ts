import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scanLines } from '#collect/scan/line-scan.ts'

/**
 * Every fixture is counted by cloc too. `cloc.json` holds what cloc said, so that the comparison
 * stands on a machine without perl; with perl, cloc is asked again and has to say the same.
 * `MUSTER_RECORD=1` writes the file anew.
 */
const folder = join(import.meta.dirname, '../../src/collect/scan/fixtures/lines')
const cloc = join(import.meta.dirname, '../../node_modules/cloc/lib/cloc')

interface Counts {
  readonly code: number
  readonly comment: number
  readonly blank: number
}

/** Where Muster deliberately counts otherwise, and why. */
const DEVIATIONS: Readonly<Record<string, Counts>> = {
  // A string that is assigned is data and stays code; cloc takes every triple quote for documentation.
  'deviation-assigned.py': { code: 5, comment: 0, blank: 0 },
  // "#[" opens an attribute, which is code.
  'deviation-attribute.php': { code: 3, comment: 0, blank: 0 },
  // "/*" inside a string opens no comment; cloc looks for it in some languages and quotes only.
  'deviation-glob.css': { code: 4, comment: 0, blank: 0 },
  'deviation-glob.java': { code: 4, comment: 1, blank: 0 },
  'deviation-glob.vue': { code: 7, comment: 1, blank: 0 },
  // Block comments nest in Rust; cloc ends them at the first closer.
  'deviation-nested.rs': { code: 1, comment: 2, blank: 0 },
  // A regular expression that holds "/*" opens no comment.
  'deviation-regex.js': { code: 3, comment: 0, blank: 0 },
  // Lines of a template that begin with "//" are text of the program.
  'deviation-template.js': { code: 5, comment: 0, blank: 0 },
}

const fixtures = readdirSync(folder).filter((name) => name !== 'cloc.json')

const count = (name: string): Counts => {
  const lines = scanLines(name, readFileSync(join(folder, name), 'utf8'))?.lines ?? []
  const of = (wanted: string): number => lines.filter((line) => line === wanted).length
  return { code: of('code'), comment: of('comment'), blank: of('blank') }
}

const askCloc = (): Readonly<Record<string, Counts>> | undefined => {
  if (spawnSync('perl', ['-v']).status !== 0) return undefined
  const { stdout } = spawnSync('perl', [cloc, '--by-file', '--json', '--skip-uniqueness', '--timeout', '0', ...fixtures], {
    cwd: folder,
    encoding: 'utf8',
  })
  const report = JSON.parse(stdout) as Record<string, Counts>
  return Object.fromEntries(
    fixtures.map((name) => {
      const { code = -1, comment = -1, blank = -1 } = report[name] ?? {}
      return [name, { code, comment, blank }]
    }),
  )
}

const live = askCloc()
if (process.env['MUSTER_RECORD'] === '1' && live !== undefined)
  writeFileSync(join(folder, 'cloc.json'), `${JSON.stringify(live, undefined, 2)}\n`)
const recorded = JSON.parse(readFileSync(join(folder, 'cloc.json'), 'utf8')) as Readonly<Record<string, Counts>>

// cloc is written in Perl; without it, what it said before is what counts are held against.
if (live === undefined) console.warn('not tested: that cloc still says what was recorded, because it does not run here')
test.skipIf(live === undefined)('cloc says what was recorded', () => {
  expect(live).toEqual(recorded)
})

describe('counts as cloc does', () => {
  test.each(fixtures.filter((name) => !(name in DEVIATIONS)))('%s', (name) => {
    expect(count(name)).toEqual(recorded[name])
  })

  test('in fifty languages', () => {
    const languages = fixtures.map((name) => scanLines(name, readFileSync(join(folder, name), 'utf8'))?.language.name)
    expect(new Set(languages).size).toBeGreaterThanOrEqual(50)
  })
})

describe('counts otherwise than cloc, on purpose', () => {
  test.each(Object.keys(DEVIATIONS))('%s', (name) => {
    expect(count(name)).toEqual(DEVIATIONS[name])
    expect(count(name)).not.toEqual(recorded[name])
  })
})
