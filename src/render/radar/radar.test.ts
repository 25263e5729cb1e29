import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { CONFLICT_KINDS } from '#core/merge/probe.ts'
import type { Radar } from '#core/merge/radar.ts'
import { renderChanges } from '#render/radar/changes.ts'
import { content, radarOf, type StreamSketch } from '#render/radar/fixtures/build.ts'
import { CASES } from '#render/radar/fixtures/index.ts'
import { RADAR_FORMATS, RADAR_RENDERERS } from '#render/radar/registry.ts'
import { renderRadarText } from '#render/radar/text.ts'

/** Cases in every format, against the files beside them: `vitest run -u` writes them anew. */

const EXTENSIONS = { text: 'txt', markdown: 'md', json: 'json', sarif: 'sarif', dot: 'dot', mermaid: 'mmd' } as const
const CROWDS = new Set(['forty', 'everyone', 'hundred-twenty'])
const ANSI = new RegExp(String.raw`\u001b\[\d+m`, 'g')

describe.each(Object.entries(CASES))('%s', (name, radar) => {
  const file = (rest: string): string => `./fixtures/expected/${name}/${rest}`

  // Of a crowd the documents for machines are long, and nobody would read them.
  test.each(RADAR_FORMATS.filter((format) => !CROWDS.has(name) || (format !== 'json' && format !== 'sarif')))('%s', async (format) => {
    const render = await RADAR_RENDERERS[format]()
    await expect(render(radar, { version: '1.2.3' })).toMatchFileSnapshot(file(`radar.${EXTENSIONS[format]}`))
  })

  test('text at 60 columns, and the lines of a watch', async () => {
    await expect(renderRadarText(radar, { width: 60 })).toMatchFileSnapshot(file('radar-60.txt'))
    await expect(renderChanges(radar)).toMatchFileSnapshot(file('watch.txt'))
  })

  test.each([60, 80, 100, 120])('the text keeps within %i columns, and no line ends in spaces', (width) => {
    const lines = renderRadarText(radar, { width }).split('\n')
    expect(lines.filter((line) => stringWidth(line) > width)).toEqual([])
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([])
  })

  test('colour adds nothing but colour', () => {
    const colored = renderRadarText(radar, { color: true })
    expect(colored.replace(ANSI, '')).toBe(renderRadarText(radar))
    expect(colored).not.toBe(renderRadarText(radar))
    expect(renderChanges(radar, undefined, { color: true }).replace(ANSI, '')).toBe(renderChanges(radar))
  })

  test('nothing is called safe, and nothing hidden comes through', async () => {
    for (const format of RADAR_FORMATS) {
      const output = (await RADAR_RENDERERS[format]())(radar)
      expect(output).not.toMatch(/\bsafe/i)
      expect(output).not.toMatch(new RegExp(String.raw`[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2066-\u2069]`, 'u'))
      expect(output.endsWith('\n')).toBe(true)
    }
  })
})

describe('the matrix', () => {
  /** A row of the matrix, its cells without the gaps. */
  const cellsOf = (output: string, name: string): readonly string[] => {
    const line = output.split('\n').find((one) => new RegExp(String.raw`^ +\d+  . +${name} `).test(one)) ?? ''
    return [...(line.split('  ').at(-1) ?? '').replaceAll(' ', '')]
  }
  const streams = Array.from({ length: 40 }, (_, index): StreamSketch => ({
    id: `stream-${index + 1}`,
    lead: `lead-${index}`,
    changes: ['x'],
  }))
  const pairs = streams
    .slice(1)
    .map(({ id }, index) => ({ a: streams[index]?.id ?? '', b: id, verdict: 'conflicted' as const, files: [content('x')] }))
  const chain = radarOf(streams, pairs)

  test.each([100, 120])('of forty streams that all collide stands beside them at %i columns', (width) => {
    const output = renderRadarText(chain, { width })
    for (const [row, { id }] of streams.entries()) {
      const expected = streams.map((_, column) => (row === column ? '\\' : Math.abs(row - column) === 1 ? '✗' : '·'))
      expect(cellsOf(output, id)).toEqual(expected)
    }
  })

  test('numbers its columns as the rows are numbered', () => {
    const lines = renderRadarText(chain).split('\n')
    const first = lines.findIndex((line) => line.includes('Stream '))
    const [tens = '', units = ''] = [lines[first - 1], lines[first]].map((line) => (line ?? '').padEnd(120))
    const last = lines.find((line) => line.includes(' stream-40 ')) ?? ''
    const at = last.lastIndexOf('\\')
    expect(`${tens[at]}${units[at]}`).toBe('40')
  })

  test('gives way to a list where it does not fit', () => {
    const output = renderRadarText(chain, { width: 60 })
    expect(output).not.toContain('row × column')
    expect(output).toMatch(/stream-20 +clean +2 +stream-19/)
  })

  test('says what a pair is by its shape', () => {
    const output = renderRadarText(CASES['typical']!)
    expect(cellsOf(output, 'Image browser')).toEqual(['·', '·', '⊂', '\\', '◐'])
    expect(output).toContain('◐ conflict in one order only')
    const unknown = radarOf([{ id: 'a' }, { id: 'b' }], [{ a: 'a', b: 'b', verdict: 'unavailable', files: [] }])
    expect(cellsOf(renderRadarText(unknown), 'a')).toEqual(['\\', '?'])
  })
})

describe('what is not known is said', () => {
  const first = (radar: Radar): string => renderRadarText(radar).split('\n')[0] ?? ''

  test('in the first line, where nothing conflicts', () => {
    const lost = radarOf([{ id: 'a', state: 'unavailable', reason: 'an object is missing' }, { id: 'b' }], [])
    expect(first(lost)).toBe('? cannot be judged: 1 stream; land first: b')
    expect(renderRadarText(lost)).toContain('? a: an object is missing')
    expect(first(radarOf([], []))).toBe('● there is no stream to judge')
  })

  test('a plan that was not landed, and one that may not be the best', () => {
    const { landing: _landing, ...untried } = CASES['forty']!
    const output = renderRadarText(untried)
    expect(output).toContain('the plan was not landed to see')
    expect(output).toMatch(/\d+ streams; every order has at least \d+, fewer than \d+ are not ruled out/)
    expect(output).not.toContain('proven')
  })

  test('each kind of conflict by its word', () => {
    const files = CONFLICT_KINDS.map((kind) => ({ path: `file of ${kind}`, kind }))
    const output = renderRadarText(radarOf([{ id: 'a', state: 'conflicted', files }], []))
    for (const kind of CONFLICT_KINDS.slice(0, 5)) expect(output).toContain(`file of ${kind} · ${kind}`)
    expect(output).toContain('and 3 more files')
  })
})

describe('the lines of a watch', () => {
  const typical = CASES['typical']!
  const before: Radar = {
    ...typical,
    at: '2026-02-27T14:01:00Z',
    streams: [...typical.streams.slice(0, 7), { ...typical.streams[7]!, id: 'spike', name: 'Spike' }],
    pairs: typical.pairs.slice(0, 1),
  }

  test('tell what changed, one line each, and nothing when nothing did', () => {
    expect(renderChanges(typical, before, { zone: 'Europe/Berlin' })).toBe(
      [
        '15:02:00 + Call filter profiles appeared: clean',
        '15:02:00 − Spike is gone',
        '15:02:00 ✗ Request router × Read-only images collide now: src/registry.ts',
        '15:02:00 ✗ Image browser × Call filter profiles collide now: docs/images.md',
        '',
      ].join('\n'),
    )
    expect(renderChanges(typical, typical)).toBe('')
  })

  test('tell of a pair that cannot be judged any more', () => {
    const lost: Radar = {
      ...typical,
      pairs: typical.pairs.map((pair) => ({ ...pair, verdict: 'unavailable', reason: 'an object is missing' })),
    }
    expect(renderChanges(lost, typical)).toContain('? cannot be judged now: Memory pressure × Request router, ')
    expect(renderChanges(lost, typical)).not.toContain('no conflict any more')
    expect(renderChanges(lost, lost)).toBe('')
  })

  test('stay one line whatever a name holds', () => {
    const hostile = CASES['hostile']!
    const [one, other] = [hostile, typical].map((radar) => renderChanges(radar, { ...radar, streams: [], pairs: [] }))
    expect(one?.split('\n')).toHaveLength(other?.split('\n').length ?? 0)
  })
})
