import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadProgram, type Loaded } from '#core/program/load.ts'
import { PROBLEMS } from '#core/problems.ts'
import { KINDS } from './kinds.ts'

const load = (content: string | Uint8Array): Loaded =>
  loadProgram('muster.yaml', typeof content === 'string' ? new TextEncoder().encode(content) : content, KINDS)
const codes = (content: string | Uint8Array): string[] => load(content).problems.map((one) => one.code)
const sound = readFileSync(new URL('../../cases/program/sound/muster.yaml', import.meta.url), 'utf8')

test('the sound program has what its file says and what it leaves out', () => {
  const { program, problems, defaults } = load(sound)
  expect(problems).toEqual([])
  expect(program?.calendar).toEqual({
    zone: 'Europe/Berlin',
    workDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
    hours: { start: '09:00', end: '17:00' },
    holidays: [],
  })
  expect(program?.checkpoints[0]?.at).toBe('2026-02-25T15:00:00Z')
  expect(program?.checkpoints[0]?.criteria.map(({ id, tier, subjects, condition }) => [id, tier, subjects, condition])).toEqual([
    [
      'target.reader',
      'supporting',
      ['stream:a'],
      { metric: 'git.code', comparison: { op: 'atLeast', value: 150 }, provenance: 'measured' },
    ],
    [
      'branch',
      'critical',
      ['stream:a', 'stream:b'],
      { metric: 'git.exists', comparison: { op: 'equals', value: true }, provenance: 'measured' },
    ],
    [
      'tests',
      'critical',
      ['stream:a', 'stream:b'],
      { metric: 'tests.ratio', comparison: { op: 'atLeast', value: 0.8 }, provenance: 'measured' },
    ],
    ['scope', 'critical', ['program'], { signOff: { roles: ['phase-lead'], quorum: 1 } }],
  ])
  expect(program?.streams[0]?.deliverables[0]).toEqual({
    id: 'reader',
    title: 'Reader',
    kind: 'code',
    measure: 'git.code',
    full: { low: 400, high: 400, unit: 'lines' },
  })
  expect(defaults).toContain('calendar.workDays')
})

test('a byte order mark and Windows line endings change nothing', () => {
  expect(load(`\uFEFF${sound.replaceAll('\n', '\r\n')}`).program).toEqual(load(sound).program)
})

test.each([
  ['UTF-16, little-endian', Uint8Array.from([0xff, 0xfe, 0x70, 0x00])],
  ['UTF-16, big-endian', Uint8Array.from([0xfe, 0xff, 0x00, 0x70])],
  ['UTF-16 without a mark', new Uint8Array(Buffer.from('program: x', 'utf16le'))],
  ['NUL', new TextEncoder().encode('program: x\0')],
  ['an image', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['Latin-1', Uint8Array.from([0x6e, 0xe4, 0x3a, 0x20, 0x31])],
  ['too many bytes', new Uint8Array(5_000_001).fill(0x20)],
])('%s is no text', (_name, bytes) => {
  expect(codes(bytes)).toEqual(['file-unreadable'])
})

test.each([
  ['flow lists', '['.repeat(50_000)],
  ['closed flow lists', `program: ${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ['block mappings', Array.from({ length: 3000 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')],
  ['conditions', sound.replace('{ signOff: phase-lead }', `${'{ not: '.repeat(2000)}{ signOff: phase-lead }${' }'.repeat(2000)}`)],
])('%s nested without end are a finding', (_name, text) => {
  const { program, problems } = load(text)
  expect(program).toBeUndefined()
  expect(problems.map((one) => one.code)).toContain('yaml-syntax')
})

test('a billion laughs are never told', () => {
  const levels = Array.from(
    { length: 20 },
    (_, level) => `l${level}: &l${level} [${Array.from({ length: 10 }, () => (level === 0 ? 'lol' : `*l${level - 1}`)).join(', ')}]`,
  )
  const { program, problems } = load(levels.join('\n'))
  expect(program).toBeUndefined()
  expect(problems.filter((one) => one.code === 'yaml-alias')).toHaveLength(20 + 19 * 10)
})

test('a directive for YAML 1.1 does not make a switch of a word or a date of a text', () => {
  const text = `%YAML 1.1\n---\n${sound.replace('name: Stream A', 'name: no').replace('weekday: wednesday', 'duration: 45m')}`
  expect(load(text).program?.streams[0]?.name).toBe('no')
})

test('a finding stands where the mistake is, in columns of the text', () => {
  const { problems } = load(sound.replace('name: Stream B, lead: lead-b', "name: 'Ströme 😀', lead: lead-x"))
  expect(problems).toMatchObject([{ code: 'unknown-person', line: 18, column: 33, remedy: 'write lead-a, or add lead-x under people' }])
})

test('a duplicate key names the place of the first', () => {
  const [found] = load(sound.replace('calendar:', 'name: Again\ncalendar:')).problems
  expect(found).toMatchObject({ code: 'duplicate-key', line: 4, column: 1, related: [{ line: 3, column: 1 }] })
})

test('ids that are words of JavaScript are ids', () => {
  const { program, problems } = load(
    sound
      .replaceAll('lead-a', 'constructor')
      .replace(/^ {2}a:$/m, '  toString:')
      .replace('dependsOn: [a]', 'dependsOn: [toString]')
      .replace('a: { reader', 'toString: { reader'),
  )
  expect(problems).toEqual([])
  expect(program?.streams[0]).toMatchObject({ id: 'toString', lead: 'constructor' })
})

test('what a word of JavaScript names is not there unless the file says so', () => {
  expect(codes(sound.replace('lead: lead-b', 'lead: constructor'))).toEqual(['unknown-person'])
  expect(codes(sound.replace('metric: git.exists', 'metric: constructor'))).toEqual(['unknown-metric'])
})

test('whatever stands in a file, it loads or says why, and never throws', () => {
  const lines = sound.split('\n')
  const spoil = fc.constantFrom(
    '',
    '  ',
    '- x',
    'x: y',
    '{',
    '}',
    '"',
    '&a',
    '*a',
    '<<: x',
    '!!str',
    '.nan',
    '1e400',
    '170%',
    '~',
    'true',
    '[]',
    '\t',
    '---',
    '2026-02-29 16:00',
    '\u202E',
    '__proto__: 1',
    '? x',
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(lines.length - 1), fc.constantFrom('replace', 'append', 'drop', 'value'), spoil), {
        minLength: 1,
        maxLength: 4,
      }),
      (changes) => {
        const changed = [...lines]
        for (const [at, how, text] of changes) {
          const line = changed[at] ?? ''
          changed[at] =
            how === 'replace' ? text : how === 'append' ? `${line} ${text}` : how === 'drop' ? '' : line.replace(/:.*$/, `: ${text}`)
        }
        const { program, problems } = load(changed.join('\n'))
        for (const one of problems) {
          expect(Object.hasOwn(PROBLEMS, one.code)).toBe(true)
          expect(one.line).toBeLessThanOrEqual(changed.length + 1)
          expect(one.message).not.toMatch(/undefined|\[object|NaN is NaN/)
          expect(one.remedy).not.toBe('')
        }
        expect(program === undefined).toBe(problems.some((one) => one.severity === 'error'))
      },
    ),
    { numRuns: 500 },
  )
})

test('one more mistake never hides another', () => {
  const mistakes: readonly (readonly [string, string, string])[] = [
    ['name: Demo', 'name: Demo\nnmae: x', 'unknown-key'],
    ['zone: Europe/Berlin', 'zone: Europe/Berln', 'unknown-zone'],
    ['at: 2026-02-25 16:00', 'at: 2026-02-29 16:00', 'invalid-date'],
    ['lead: lead-b', 'lead: lead-x', 'unknown-person'],
    ['atLeast: 80%', 'atLeast: 80', 'unit-mismatch'],
    ['metric: git.exists', 'metric: git.exist', 'unknown-metric'],
    ['name: Midweek', 'nam: Midweek', 'unknown-key'],
    ['name: Stream A', 'name: !!str Stream A', 'yaml-tag'],
    ['branch: feature/a', 'branch: -a', 'invalid-branch'],
    ['full: 400 lines', 'full: 2h', 'unit-mismatch'],
    ['{ signOff: phase-lead }', '{ signOff: nobody }', 'unknown-role'],
  ]
  fc.assert(
    fc.property(fc.subarray([...mistakes], { minLength: 1 }), (chosen) => {
      const text = chosen.reduce((file, [from, to]) => file.replace(from, to), sound)
      // The full amount is what the target of 150 is held against, so it may be said once more there.
      const found = new Set(codes(text))
      for (const [, , code] of chosen) expect(found).toContain(code)
      expect(codes(text).length).toBeGreaterThanOrEqual(chosen.length)
    }),
  )
})
