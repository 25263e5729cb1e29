import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Radar } from '#core/merge/radar.ts'
import { renderRadarDot } from '#render/radar/dot.ts'
import { content, radarOf } from '#render/radar/fixtures/build.ts'
import { CASES } from '#render/radar/fixtures/index.ts'
import { renderRadarJson } from '#render/radar/json.ts'
import { renderRadarMarkdown } from '#render/radar/markdown.ts'
import { renderRadarMermaid } from '#render/radar/mermaid.ts'
import { renderRadarSarif } from '#render/radar/sarif.ts'

const hostileName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .array(
      fc.constantFrom(
        '"',
        '\\',
        '\\"',
        '&quot;',
        '#quot;',
        ']',
        '}}',
        '-->',
        '\n',
        '%%',
        '`',
        '1. ',
        '- ',
        '<b>',
        ';',
        ':',
        'end',
        '\\N',
        '|',
        '\u202e',
        '長',
      ),
      { maxLength: 10 },
    )
    .map((pieces) => pieces.join('')),
)

/** Two streams that collide, with that name, and one that conflicts with a target of that name. */
const named = (name: string): Radar => {
  const radar = radarOf(
    [{ id: 'a', name }, { id: 'b' }, { id: 'c', name, state: 'conflicted', files: [content('x')] }],
    [{ a: 'a', b: 'b', verdict: 'conflicted', files: [content('y')], onlyWhenFirst: 'a' }],
  )
  return { ...radar, target: { ...radar.target, branch: name } }
}

describe('JSON', () => {
  const documentOf = (radar: Radar, zone?: string) =>
    JSON.parse(renderRadarJson(radar, zone === undefined ? {} : { zone })) as {
      at: string
      target: object
      streams: { id: string; state: string }[]
      pairs: { a: string; b: string; verdict: string; files: { path: string; kind: string }[] }[]
      waves: string[][]
      order: string[]
    }

  test.each(Object.entries(CASES))('of %s holds every pair of clean streams once, those that are not clean as they are', (_name, radar) => {
    const { pairs, streams } = documentOf(radar)
    const clean = streams.filter(({ state }) => state === 'clean').map(({ id }) => id)
    const asked = clean.flatMap((a, index) => clean.slice(index + 1).map((b) => [a, b].sort().join(' ')))
    expect(pairs.map(({ a, b }) => [a, b].sort().join(' '))).toEqual(asked)
    const listed = new Map(radar.pairs.map((pair) => [`${pair.a} ${pair.b}`, pair]))
    for (const { a, b, verdict, files } of pairs) {
      expect(verdict).toBe(listed.get(`${a} ${b}`)?.verdict ?? 'clean')
      expect(files.map(({ path }) => path)).toEqual((listed.get(`${a} ${b}`)?.files ?? []).map(({ path }) => path))
    }
    expect(pairs.filter(({ verdict }) => verdict !== 'clean')).toHaveLength(radar.pairs.length)
  })

  test('has the names that scripts rely on, and instants with an offset', () => {
    const radar = CASES['typical']!
    const document = documentOf(radar, 'Europe/Berlin')
    expect(Object.keys(document)).toEqual([
      'schemaVersion', 'exitCode', 'at', 'target', 'streams', 'pairs', 'waves', 'order', 'plan', 'landing', 'surprises', 'hot', 'trespasses', 'tests', 'whatIf', 'since', 'effort',
    ]) // prettier-ignore
    expect(Object.keys(document.target)).toEqual(['branch', 'commit', 'tree'])
    expect([document.waves, document.order]).toEqual([radar.plan.waves, radar.plan.order])
    expect(document.at).toBe('2026-02-27T15:02:00+01:00')
    expect(renderRadarJson(radar)).not.toMatch(/"(?:at|committedAt)": "[^"]*Z"/)
  })
})

describe('SARIF', () => {
  interface Log {
    readonly runs: readonly [
      {
        readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
        readonly invocations: readonly [{ readonly executionSuccessful: boolean }]
        readonly results: readonly {
          readonly ruleId: string
          readonly ruleIndex: number
          readonly level: string
          readonly suppressions?: readonly object[]
          readonly locations: readonly [
            {
              readonly physicalLocation: {
                readonly artifactLocation: { readonly uri: string }
                readonly region?: { readonly startLine: number }
              }
            },
          ]
        }[]
      },
    ]
  }
  const runOf = (radar: Radar) => (JSON.parse(renderRadarSarif(radar)) as Log).runs[0]

  test('a conflict is a result on its file, at its lines in the target', () => {
    const { results, tool, invocations } = runOf(CASES['typical']!)
    expect(
      results.map(({ ruleId, level, locations: [{ physicalLocation: place }] }) => [
        ruleId,
        level,
        place.artifactLocation.uri,
        place.region?.startLine,
      ]),
    ).toEqual([
      ['merge-conflict-content', 'error', 'src/cache/index.ts', 12],
      ['merge-conflict-modify-delete', 'error', 'src/legacy.ts', undefined],
      ['merge-conflict-content', 'warning', 'package.json', 31],
      ['merge-conflict-content', 'warning', 'src/router/limit.ts', 40],
      ['merge-conflict-content', 'warning', 'src/registry.ts', 17],
      ['merge-conflict-rename', 'warning', 'docs/images.md', undefined],
      ['merge-conflict-in-order', 'warning', 'package.json', undefined],
      ['exclusive-path', 'warning', 'src/router/limit.ts', undefined],
      ['exclusive-path', 'warning', 'src/psi/read.ts', undefined],
    ])
    expect(results.map(({ suppressions }) => suppressions?.length ?? 0)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1])
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
    expect(invocations[0].executionSuccessful).toBe(false)
    expect(runOf(CASES['clean']!)).toMatchObject({ results: [], invocations: [{ executionSuccessful: true }] })
  })

  test('a path is a relative URI that leads back to it', () => {
    for (const [index, { locations }] of runOf(CASES['hostile']!).results.entries()) {
      const { uri } = locations[0].physicalLocation.artifactLocation
      expect(uri).toMatch(/^(?:[A-Za-z0-9\-_.!~*'()/]|%[0-9A-F]{2})+$/)
      if (index === 3) expect(decodeURIComponent(uri)).toBe('src/"quo\'ted"/`tick`\n| x |/--output=é.ts')
    }
  })
})

describe('Markdown', () => {
  test('no hostile name makes a line, a column or a tag', () => {
    const output = renderRadarMarkdown(CASES['hostile']!)
    const outside = (text: string): readonly string[] => {
      let fence = ''
      return text.split('\n').filter((line) => {
        const [run = ''] = /^`{3,}/.exec(line) ?? []
        if (fence === '' && run !== '') fence = run
        else if (fence !== '' && line === fence) fence = ''
        else return fence === ''
        return false
      })
    }
    const shape = (text: string): readonly string[] =>
      outside(text).map(
        (line) => `${/^(?:#+ |\|| *- |\*\*|<\/?details>)?/.exec(line)?.[0]}${line.startsWith('|') ? line.split('|').length : ''}`,
      )
    expect(shape(output)).toEqual(shape(renderRadarMarkdown(CASES['typical']!)))
    const ours = /<br>|<\/?(?:details|summary)>/g
    expect(outside(output).join('\n').replaceAll(ours, '')).not.toMatch(/[<>]|@[a-z]/)
    expect(outside(output).join('').match(ours)).toEqual(outside(renderRadarMarkdown(CASES['typical']!)).join('').match(ours))
  })

  test('what is long is folded', () => {
    const output = renderRadarMarkdown(CASES['forty']!)
    expect(output).toContain('<details><summary>50 more conflicts</summary>\n\n| Streams |')
    expect(output.match(/<details>/g)).toHaveLength(output.match(/<\/details>/g)?.length ?? 0)
  })

  test('of a crowd fits in a comment', () => {
    const output = renderRadarMarkdown(CASES['hundred-twenty']!)
    expect(output.length).toBeLessThan(65_536)
    expect(output).toMatch(/And \d+ more; the format json lists them all\./)
  })
})

/** The part of Graphviz' grammar that is written: quoted strings with escapes, names, numbers. */
const STRING = String.raw`"(?:[^"\\\n]|\\["\\n])*"`
const ATTRIBUTES = String.raw` \[label=${STRING}(?:, (?:shape|style)=[a-z]+)*\]`
const DOT_LINE = new RegExp(
  String.raw`^(?:graph radar \{|\}|  overlap=false; splines=true|  label=${STRING}|  [st]\d*${ATTRIBUTES}|  s\d+ -- [st]\d*${ATTRIBUTES}|)$`,
)

describe('the conflict graph', () => {
  test('in DOT is of its grammar, whatever a name holds', () => {
    for (const radar of Object.values(CASES)) for (const line of renderRadarDot(radar).split('\n')) expect(line).toMatch(DOT_LINE)
    fc.assert(
      fc.property(hostileName, (name) => {
        const lines = renderRadarDot(named(name)).split('\n')
        expect(lines.filter((line) => !DOT_LINE.test(line))).toEqual([])
        expect(lines).toHaveLength(10)
      }),
    )
  })

  test('in Mermaid holds names in quotes, with entities for all that could be more than text', () => {
    const label = String.raw`"(?:[^"<>&\x60#;:|{}[\]()\\*_~=+@%/\n]|#\d+;|<br>)*"`
    const line = new RegExp(
      String.raw`^(?:flowchart LR|  (?:s\d+|t|left)(?:\[|\{\{|\(\[|\[\/|\[\()${label}(?:\]|\}\}|\]\)|\/\]|\)\])|  s\d+ (?:---|-\.-)\|${label}\| (?:s\d+|t)|)$`,
      'u',
    )
    for (const radar of Object.values(CASES)) for (const one of renderRadarMermaid(radar).split('\n')) expect(one).toMatch(line)
    fc.assert(
      fc.property(hostileName, (name) => {
        const lines = renderRadarMermaid(named(name)).split('\n')
        expect(lines.filter((one) => !line.test(one))).toEqual([])
        expect(lines).toHaveLength(8)
      }),
    )
  })

  test('in Mermaid stays within what it draws, and says what is left out', () => {
    const output = renderRadarMermaid(CASES['hundred-twenty']!)
    expect(output.match(/ ---\|| -\.-\|/g)).toHaveLength(500)
    expect(output.length).toBeLessThan(50_000)
    expect(output).toMatch(/left\["not drawn#58; .*344 of 844 conflicts/)
  })

  test('shows each state by its shape, each conflict by its number of files', () => {
    const output = renderRadarDot(CASES['typical']!)
    expect(output).toContain('s5 [label="Result cache\\nconflicts in 2 files", shape=octagon]')
    expect(output).toContain('s7 [label="Tracing probes\\ncannot be judged", shape=box, style=dashed]')
    expect(output).toContain('s5 -- t [label="2 files"]')
    expect(output).toContain('s4 -- s8 [label="1 file, Call filter profiles first"]')
  })
})
