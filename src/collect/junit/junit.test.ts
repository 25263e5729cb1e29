import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TestReport } from '#collect/test-results/cases.ts'
import type { Selection } from '#collect/test-results/select.ts'
import { tally } from '#collect/test-results/select.ts'
import type { Outcome } from '#collect/scan/text.ts'
import { junitReader } from './parse.ts'

const fixture = (name: string): Uint8Array => readFileSync(new URL(`fixtures/${name}`, import.meta.url))

function read(bytes: Uint8Array, keep: readonly string[] = []): Outcome<TestReport> {
  const reader = junitReader(keep)
  reader.write(bytes)
  return reader.end()
}

const readText = (text: string, keep?: readonly string[]): Outcome<TestReport> => read(new TextEncoder().encode(text), keep)

function report(outcome: Outcome<TestReport>): TestReport {
  if (!outcome.ok) throw new Error(`${outcome.line}:${outcome.column}: ${outcome.reason}`)
  return outcome.value
}

const counts = (outcome: Outcome<TestReport>, selection: Selection = {}) => {
  const { total, passed, failed, errors, skipped, flaky, unlisted } = tally(report(outcome), selection)
  return { total, passed, failed, errors, skipped, flaky, unlisted }
}

const NONE_UNLISTED = { failed: 0, skipped: 0 }

describe('dialects', () => {
  test.each([
    ['node-test.xml', { total: 9, passed: 4, failed: 2, errors: 0, skipped: 3, flaky: 0, unlisted: NONE_UNLISTED }],
    ['node-test-file-fails.xml', { total: 1, passed: 0, failed: 1, errors: 0, skipped: 0, flaky: 0, unlisted: NONE_UNLISTED }],
    ['pytest.xml', { total: 8, passed: 3, failed: 3, errors: 1, skipped: 2, flaky: 0, unlisted: NONE_UNLISTED }],
    ['pytest-interrupted.xml', { total: 2, passed: 1, failed: 1, errors: 1, skipped: 0, flaky: 0, unlisted: NONE_UNLISTED }],
    ['unittest.xml', { total: 5, passed: 1, failed: 3, errors: 2, skipped: 1, flaky: 0, unlisted: NONE_UNLISTED }],
    ['criterion.xml', { total: 6, passed: 2, failed: 3, errors: 2, skipped: 1, flaky: 0, unlisted: NONE_UNLISTED }],
    ['gtest-list.xml', { total: 3, passed: 0, failed: 0, errors: 0, skipped: 3, flaky: 0, unlisted: NONE_UNLISTED }],
    ['vitest.xml', { total: 6, passed: 2, failed: 2, errors: 0, skipped: 2, flaky: 0, unlisted: NONE_UNLISTED }],
    ['libtest.xml', { total: 2, passed: 1, failed: 1, errors: 0, skipped: 0, flaky: 0, unlisted: { failed: 0, skipped: 1 } }],
    ['surefire.xml', { total: 5, passed: 2, failed: 2, errors: 1, skipped: 1, flaky: 1, unlisted: NONE_UNLISTED }],
    ['gradle-retry.xml', { total: 3, passed: 2, failed: 1, errors: 0, skipped: 0, flaky: 1, unlisted: NONE_UNLISTED }],
    ['jest-suite-fails.xml', { total: 2, passed: 2, failed: 0, errors: 0, skipped: 0, flaky: 0, unlisted: { failed: 1, skipped: 0 } }],
    ['gtest.xml', { total: 4, passed: 1, failed: 1, errors: 0, skipped: 2, flaky: 0, unlisted: NONE_UNLISTED }],
    ['phpunit.xml', { total: 5, passed: 1, failed: 2, errors: 1, skipped: 2, flaky: 0, unlisted: NONE_UNLISTED }],
    ['gtest-run.xml', { total: 6, passed: 3, failed: 1, errors: 0, skipped: 2, flaky: 0, unlisted: NONE_UNLISTED }],
    ['phpunit-run.xml', { total: 8, passed: 2, failed: 4, errors: 2, skipped: 2, flaky: 0, unlisted: NONE_UNLISTED }],
    ['surefire-run.xml', { total: 6, passed: 2, failed: 2, errors: 1, skipped: 2, flaky: 1, unlisted: NONE_UNLISTED }],
    ['ctest.xml', { total: 8, passed: 2, failed: 4, errors: 1, skipped: 2, flaky: 0, unlisted: NONE_UNLISTED }],
    ['catch2.xml', { total: 7, passed: 2, failed: 3, errors: 1, skipped: 2, flaky: 0, unlisted: NONE_UNLISTED }],
    ['gotestsum.xml', { total: 12, passed: 6, failed: 5, errors: 0, skipped: 1, flaky: 0, unlisted: { failed: 1, skipped: 0 } }],
    ['jest-junit.xml', { total: 16, passed: 6, failed: 9, errors: 2, skipped: 1, flaky: 1, unlisted: NONE_UNLISTED }],
    ['playwright.xml', { total: 8, passed: 3, failed: 3, errors: 1, skipped: 2, flaky: 1, unlisted: NONE_UNLISTED }],
    ['nextest.xml', { total: 3, passed: 2, failed: 1, errors: 0, skipped: 0, flaky: 1, unlisted: NONE_UNLISTED }],
    ['dotnet.xml', { total: 3, passed: 1, failed: 1, errors: 0, skipped: 1, flaky: 0, unlisted: NONE_UNLISTED }],
  ])('%s', (name, expected) => {
    expect(counts(read(fixture(name)))).toEqual(expected)
  })

  test('a runner that says more tests than it lists is quoted beside the count', () => {
    expect(tally(report(read(fixture('libtest.xml'))), {}).remarks).toEqual(['suite test says tests=3 and lists 2 (the list counts)'])
  })

  test('tries that a runner counts as tests and failures are neither, and a failure that it does not list is not lost among them', () => {
    expect(tally(report(read(fixture('surefire-run.xml'))), {}).remarks).toEqual([])
    const flaky = '<testcase name="a"><flakyFailure/></testcase>'
    const passes = (said: string) => counts(readText(`<testsuite name="s" ${said}>${flaky}<testcase name="b"/></testsuite>`))
    expect(passes('tests="3" failures="1"')).toMatchObject({ flaky: 1, failed: 0, unlisted: NONE_UNLISTED })
    expect(passes('tests="2" failures="1"')).toMatchObject({ flaky: 1, failed: 0, unlisted: { failed: 1 } })
    expect(passes('tests="3" failures="2"')).toMatchObject({ flaky: 1, failed: 0, unlisted: { failed: 1 } })
  })

  test('a case of pytest is shown with its module: its one suite says nothing', () => {
    const { particulars } = tally(report(read(fixture('pytest.xml'))), {})
    expect(particulars[0]).toMatch(/^failed: test_queue > test_drops_oldest - /)
  })

  test.each([
    ['status="FAILED"', 'failed'],
    ['status="Crashed"', 'failed'],
    ['result="timedout"', 'failed'],
    ['status="run" result="suppressed"', 'skipped'],
    ['status="run" result="completed"', 'passed'],
  ])('what only the attributes of a case say: %s', (said, status) => {
    expect([...report(readText(`<testsuite name="s"><testcase name="a" ${said}/></testsuite>`)).cases][0]?.status).toBe(status)
  })

  test('suites that carry the time of their run are the same in the next run', () => {
    const places = [...report(read(fixture('unittest.xml'))).suites].map(({ name }) => name)
    expect(places).toEqual(['', 'queue.Queue', 'unittest.suite._ErrorHolder'])
  })

  test('what CTest could not start is an error, not a skip', () => {
    const { particulars } = tally(report(read(fixture('ctest.xml'))), {})
    expect(particulars).toContain('errored: missing > missing - Unable to find executable')
    expect(particulars).toContain('skipped: skips > skips - SKIP_RETURN_CODE=77')
  })

  test('suites that count their own children agree with themselves', () => {
    expect(tally(report(read(fixture('node-test.xml'))), {}).remarks).toEqual([])
  })

  test('assertions are counted where the runner counts them', () => {
    expect([...report(read(fixture('phpunit-run.xml'))).cases].map(({ assertions }) => assertions)).toEqual([2, 1, 0, 0, 0, 0, 1, 1])
    expect([...report(read(fixture('pytest.xml'))).cases].every(({ assertions }) => assertions === undefined)).toBe(true)
  })

  test('times with thousands separators add up', () => {
    expect(tally(report(read(fixture('surefire.xml'))), {}).seconds).toBeCloseTo(1204.51)
  })

  test('the commit a report names is brought', () => {
    expect([...report(read(fixture('surefire.xml'))).commits]).toEqual(['1'.repeat(40)])
  })

  test('failing cases are named first, with the first line of their message', () => {
    const { particulars } = tally(report(read(fixture('surefire.xml'))), {})
    expect(particulars).toEqual([
      'failed: org.example.QueueTest > dropsOldest - expected: <2> but was: <3>',
      'errored: org.example.QueueTest > closes - closed',
      'flaky: org.example.QueueTest > settles',
      'skipped: org.example.QueueTest > needsDevice - no device',
    ])
  })

  test('a repeated case counts once, with its worst outcome, and is called flaky', () => {
    const found = report(read(fixture('gradle-retry.xml')))
    expect([...found.cases].map(({ name, classname, status, flaky }) => ({ name, classname, status, flaky }))).toEqual([
      { name: 'settles', classname: 'org.example.QueueTest', status: 'failed', flaky: true },
      { name: 'keepsOrder', classname: 'org.example.QueueTest', status: 'passed', flaky: false },
      { name: 'keepsOrder', classname: 'org.example.OtherQueueTest', status: 'passed', flaky: false },
    ])
    expect(tally(found, {}).remarks).toEqual(['1 entry repeats a case and adds nothing but the worse outcome'])
  })
})

describe('what cannot be read is refused with place and reason', () => {
  test.each([
    ['empty.xml', 1, 'the file is empty'],
    ['truncated.xml', 4, 'the file ends before </failure>: it is truncated'],
    ['html.xml', 1, 'a DOCTYPE is refused'],
    ['html-without-doctype.xml', 1, 'the root element is <html>, and <testsuites> or <testsuite> is expected'],
    ['two-roots.xml', 2, 'not well-formed XML: documents may contain only one root'],
    ['entity-bomb.xml', 2, 'a DOCTYPE is refused'],
    ['unknown-entity.xml', 2, 'not well-formed XML: undefined entity'],
    ['nul.xml', 2, 'a NUL character stands here'],
    ['not-utf8.xml', 2, 'the bytes here are not utf-8 text'],
    ['not-xml.xml', 1, 'not well-formed XML: text data outside of root node'],
    ['crossed-tags.xml', 3, 'not well-formed XML: unexpected close tag'],
    ['case-elsewhere.xml', 2, 'a <testcase> inside <results>'],
    ['unknown-encoding.xml', 1, 'the encoding x-none is not known'],
  ])('%s', (name, line, reason) => {
    expect(read(fixture(`bad/${name}`))).toEqual({ ok: false, line, column: expect.any(Number), reason })
  })

  test('every bad fixture is in the table', () => {
    for (const name of readdirSync(new URL('fixtures/bad/', import.meta.url))) expect(read(fixture(`bad/${name}`)).ok).toBe(false)
  })

  test('200,000 levels', () => {
    expect(readText('<testsuite>'.repeat(200_000))).toMatchObject({ ok: false, line: 1, reason: 'elements are nested more than 200 deep' })
  })

  test('attributes without end', () => {
    const attributes = Array.from({ length: 300 }, (_, index) => `a${index}=""`).join(' ')
    expect(readText(`<testsuite ${attributes}/>`)).toMatchObject({ ok: false, reason: 'an element has more than 200 attributes' })
  })

  test('an attribute of megabytes, in one piece or in many', () => {
    const text = `<testsuite><testcase name="a"><failure message="${'a'.repeat(2_000_000)}"/></testcase></testsuite>`
    expect(readText(text)).toMatchObject({ ok: false, reason: 'the attribute message is longer than 524288 characters' })
    const reader = junitReader()
    for (let at = 0; at < text.length; at += 50_000) reader.write(new TextEncoder().encode(text.slice(at, at + 50_000)))
    expect(reader.end()).toMatchObject({ ok: false, reason: 'the attribute message is longer than 524288 characters' })
  })

  test('output of megabytes is passed over, and what follows is read', () => {
    const reader = junitReader()
    const piece = new TextEncoder().encode('] - '.repeat(20_000))
    const write = (text: string) => reader.write(new TextEncoder().encode(text))
    write('<testsuite><!-- ')
    for (let count = 0; count < 20; count += 1) reader.write(piece)
    write('--><system-out><![CDATA[')
    for (let count = 0; count < 20; count += 1) reader.write(piece)
    write(']]></system-out><testcase name="a" classname="b"/></testsuite>')
    expect([...report(reader.end()).cases]).toMatchObject([{ name: 'a', classname: 'b', status: 'passed' }])
  })

  test('a name that is longer than any name', () => {
    expect(readText(`<testsuite><testcase name="${'a'.repeat(20_000)}"/></testsuite>`)).toMatchObject({
      ok: false,
      reason: 'a name longer than 16384 characters',
    })
  })

  test('names that take a megabyte to write, and as many cases after them', () => {
    const long = `&#x${'0'.repeat(55)}41;`.repeat(1 << 14)
    const others = Array.from({ length: 20_000 }, (_, index) => `case ${index} ${'b'.repeat(80)}`)
    const text = `<testsuite><testcase classname="${long}" name="${long}"/>${others.map((name) => `<testcase name="${name}"/>`).join('')}</testsuite>`
    expect([...report(readText(text)).cases].map(({ name }) => name)).toEqual(['A'.repeat(1 << 14), ...others])
  })

  test('the column is that of the character at fault', () => {
    expect(read(fixture('bad/nul.xml'))).toMatchObject({ line: 2, column: 20 })
    expect(read(fixture('bad/not-utf8.xml'))).toMatchObject({ line: 2, column: 19 })
  })
})

describe('encodings', () => {
  const text = '<testsuite name="größe"><testcase name="日本 😀"/></testsuite>'
  const utf16 = (littleEndian: boolean, source: string): Uint8Array => {
    const view = new DataView(new ArrayBuffer(source.length * 2))
    for (let at = 0; at < source.length; at += 1) view.setUint16(at * 2, source.charCodeAt(at), littleEndian)
    return new Uint8Array(view.buffer)
  }
  test.each([
    ['UTF-8 with a byte order mark', new TextEncoder().encode(`\ufeff${text}`)],
    ['UTF-16LE with a byte order mark', utf16(true, `\ufeff${text}`)],
    ['UTF-16BE with a byte order mark', utf16(false, `\ufeff${text}`)],
    ['UTF-16LE without', utf16(true, text)],
    ['UTF-16BE without', utf16(false, text)],
  ])('%s', (_, bytes) => {
    expect([...report(read(bytes)).cases]).toMatchObject([{ name: '日本 😀' }])
    expect(report(read(bytes)).suites).toMatchObject([{ name: 'größe' }])
  })

  test('ISO 8859-1 as the XML declaration says', () => {
    const bytes = Uint8Array.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite><testcase name="gr\u00f6\u00dfe"/></testsuite>',
      (c) => c.charCodeAt(0),
    )
    expect([...report(read(bytes)).cases]).toMatchObject([{ name: 'größe' }])
  })

  test('terminal colours in a message do not lose the report', () => {
    expect([
      ...report(readText('<testsuite><testcase name="a"><failure message="\u001b[31mred"/></testcase></testsuite>')).cases,
    ]).toMatchObject([{ status: 'failed' }])
  })
})

describe('selection', () => {
  const nested = `<testsuites><testsuite name="psi" tests="2" failures="1"><properties><property name="host" value="edge-1"/></properties>
    <testcase name="reads a/b" classname="psi.read"/></testsuite>
    <testsuite name="src/net/daemon.test.ts"><testsuite name="inner"><testcase name="starts" classname="daemon"><properties><property name="host" value="lab-2"/></properties></testcase>
    <testcase name="stops" classname="daemon" file="/build/work/test/a.mjs"/></testsuite></testsuite></testsuites>`
  test.each<[string, Selection, number]>([
    ['suite by name', { suite: 'psi' }, 1],
    ['suite around the suite, by path', { suite: 'src/net/**' }, 2],
    ['class name', { suite: 'psi.*' }, 1],
    ['file of another machine', { suite: 'test/*.mjs' }, 1],
    ['case name across slashes', { cases: 'reads *' }, 1],
    ['several names', { cases: '{starts,stops}' }, 2],
    ['property of the suite or of the case', { properties: { host: '*' } }, 2],
    ['property value', { properties: { host: 'lab-*' } }, 1],
    ['nothing', { suite: 'other' }, 0],
  ])('%s', (_, selection, total) => {
    expect(counts(readText(nested, ['host']), selection).total).toBe(total)
  })

  test('what a suite does not list counts for those who select it', () => {
    expect(counts(readText(nested), { suite: 'psi' }).unlisted.failed).toBe(1)
    expect(counts(readText(nested), { suite: 'inner' }).unlisted.failed).toBe(0)
    expect(counts(readText(nested), {}).unlisted.failed).toBe(1)
  })

  test('properties that stand after the cases hold as well', () => {
    const late = '<testsuite><testcase name="a"/><properties><property name="host" value="lab"/></properties></testsuite>'
    expect(counts(readText(late, ['host']), { properties: { host: 'lab' } }).total).toBe(1)
  })
})

describe('properties', () => {
  const runs = { numRuns: 300 }
  const pieces = fc.constantFrom(
    '<testsuite name="a" tests="9">',
    '</testsuite>',
    '<testsuites>',
    '</testsuites>',
    '<testcase name="x">',
    '</testcase>',
    '<testcase name="y"/>',
    '<failure/>',
    '<skipped type="todo"/>',
    '<![CDATA[ ]]>',
    '<!-- c -->',
    '&amp;',
    '&x;',
    '\r\n',
    'text',
    '"',
    '<',
    '>',
    '\u0000',
    '\ud800',
    '😀',
    '<?pi ?>',
    '<!DOCTYPE x>',
    ' xmlns="u"',
  )
  const soup = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
  )

  test('no text crashes the parser, and none passes without a case', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const outcome = readText(text)
        if (outcome.ok && tally(outcome.value, {}).passed > 0) expect(text).toContain('<testcase')
        if (!outcome.ok) expect(outcome.reason).not.toBe('')
      }),
      { numRuns: 3_000 },
    )
  })

  test('no bytes crash the reader', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(read(bytes)).toHaveProperty('ok')
      }),
      { numRuns: 1_000 },
    )
  })

  test('it does not matter where the input is split', () => {
    fc.assert(
      fc.property(soup, fc.array(fc.nat({ max: 60 }), { maxLength: 6 }), (text, cuts) => {
        const bytes = new TextEncoder().encode(text)
        const reader = junitReader()
        let from = 0
        for (const cut of [...cuts, bytes.length]) {
          reader.write(bytes.subarray(from, from + cut))
          from += cut
        }
        expect(plain(reader.end())).toEqual(plain(read(bytes)))
      }),
      { numRuns: 3_000 },
    )
  })

  test('real reports, split at every byte, read the same', () => {
    for (const name of ['node-test.xml', 'dotnet.xml', 'bad/truncated.xml', 'bad/not-utf8.xml']) {
      const bytes = fixture(name)
      const reader = junitReader()
      for (const byte of bytes) reader.write(Uint8Array.of(byte))
      expect(plain(reader.end())).toEqual(plain(read(bytes)))
    }
  })

  const name = fc.string({ unit: fc.constantFrom('a', 'b', 'Z', ' ', '<', '&', '"', "'", '>', 'ü', '😀', '/', '.', '\t'), maxLength: 12 })
  const status = fc.constantFrom('passed', 'failed', 'errored', 'skipped' as const)
  const written = fc.uniqueArray(fc.record({ suites: fc.array(name, { maxLength: 3 }), name, classname: name, status }), {
    maxLength: 30,
    selector: (one) => JSON.stringify([one.suites, one.classname, one.name]),
  })

  test('what was written is read: no case is lost, none is made up', () => {
    fc.assert(
      fc.property(written, (cases) => {
        const text = `<testsuites>${cases.map(xmlOf).join('\n')}</testsuites>`
        const found = [...report(readText(text)).cases]
        const shape = (one: { name: string; classname: string; status: string }) => [one.name, one.classname, one.status]
        expect(found.map(shape)).toEqual(cases.map((one) => shape({ ...one, name: spaced(one.name), classname: spaced(one.classname) })))
      }),
      runs,
    )
  })

  test('removing a case never adds a pass, and marking one failed takes one away', () => {
    fc.assert(
      fc.property(
        written.filter((cases) => cases.some((one) => one.status === 'passed')),
        (cases) => {
          const passed = (list: typeof cases) => counts(readText(`<testsuites>${list.map(xmlOf).join('')}</testsuites>`)).passed
          const index = cases.findIndex((one) => one.status === 'passed')
          expect(passed(cases.filter((_, at) => at !== index))).toBe(passed(cases) - 1)
          expect(passed(cases.map((one, at) => (at === index ? { ...one, status: 'failed' } : one)))).toBe(passed(cases) - 1)
        },
      ),
      runs,
    )
  })
})

const escape = (text: string): string => text.replace(/[<&"]/g, (character) => `&#${character.codePointAt(0)};`)
/** An attribute turns a tab into a space. */
const spaced = (text: string): string => text.replaceAll('\t', ' ')

const CHILD: Record<string, string> = { passed: '', failed: '<failure/>', errored: '<error/>', skipped: '<skipped/>' }

function xmlOf(one: {
  readonly suites: readonly string[]
  readonly name: string
  readonly classname: string
  readonly status: string
}): string {
  const open = one.suites.map((suite) => `<testsuite name="${escape(suite)}">`).join('')
  const attributes = `name="${escape(one.name)}" classname="${escape(one.classname)}"`
  return `${open}<testcase ${attributes}>${CHILD[one.status]}</testcase>${'</testsuite>'.repeat(one.suites.length)}`
}

/** Sets and maps as lists, so that two outcomes can be compared. */
const plain = (outcome: Outcome<TestReport>): unknown =>
  JSON.parse(JSON.stringify(outcome, (_, value: unknown) => (isIterable(value) ? [...value] : value)))

const isIterable = (value: unknown): value is Iterable<unknown> => typeof value === 'object' && value !== null && Symbol.iterator in value
