import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readEvidenceFile } from '#collect/reports/evidence-file.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-evidence-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (path: string, as?: string) =>
  readEvidenceFile(path, { at: '2100-01-01T00:00:00.000Z', signal: new AbortController().signal, seed: 1, ...(as !== undefined && { as }) })

function put(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const JUNIT = '<testsuite><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>'

test('the format is told from what the file says, whatever it is called', async () => {
  const path = put('report[1].info', JUNIT)
  const found = await read(path)
  expect(found).toMatchObject({ path, kind: 'junit', format: 'junit', status: 'observed' })
  expect(found.facts.find(({ name }) => name === 'total')?.value).toBe(2)
  expect(found.sha256).toBe(createHash('sha256').update(JUNIT).digest('hex'))
  expect(await read(put('coverage.xml', 'SF:a.c\nDA:1,1\nend_of_record\n'))).toMatchObject({ kind: 'coverage', format: 'lcov' })
})

test('a file too large to be read here is read by a worker, with the same outcome', async () => {
  const cases = Array.from({ length: 20_000 }, (_, index) => `<testcase name="case ${index}"/>`)
  const path = put('large.xml', `<testsuite>${cases.join('\n')}</testsuite>`)
  expect((await read(path)).facts.find(({ name }) => name === 'total')?.value).toBe(20_000)
  expect(await read(put('cut.xml', `<testsuite>${cases.join('\n')}`))).toMatchObject({
    status: 'errored',
    facts: [],
    reason: `${join(folder, 'cut.xml')}:20000:29: the file ends before </testsuite>: it is truncated`,
  })
})

test.each([
  ['empty', '', undefined, ':1:1: the file is empty'],
  ['packed', Uint8Array.of(0x1f, 0x8b, 8, 0), undefined, ':1:1: it is packed with gzip: unpack it first'],
  [
    'JSON of googletest',
    '{\n  "tests": 3,\n  "failures": 1,',
    undefined,
    ':1:1: this is JSON of googletest: write JUnit XML (--gtest_output=xml)',
  ],
  ['XML of NUnit', '<?xml version="1.0"?>\n<test-run id="2">', undefined, ':1:1: this is NUnit XML: write TRX (dotnet test --logger trx)'],
  ['foreign', '%PDF-1.7', undefined, ':1:1: it begins like no format that is known; name one with --as'],
  ['another format than was said', JUNIT, 'lcov', ':1:1: "<testsuite>'],
  ['a format that is not there', JUNIT, 'xunit', ':1:1: there is no format xunit; there are junit, '],
  ['damaged', '<testsuite><testcase></testsuite>', undefined, ':1:22: not well-formed XML: unexpected close tag'],
])('%s: errored, with the place', async (name, content, as, reason) => {
  const path = put(`${name}.txt`, content)
  const found = await read(path, as)
  expect(found).toMatchObject({ status: 'errored', facts: [] })
  expect(found.reason?.startsWith(`${path}${reason}`)).toBe(true)
})

test('what is no file is errored, without waiting for it', async () => {
  expect(await read(folder)).toMatchObject({ status: 'errored', reason: `${folder}: it is no regular file` })
  execFileSync('mkfifo', [join(folder, 'pipe')])
  expect(await read(join(folder, 'pipe'))).toMatchObject({ status: 'errored' })
  expect(await read(join(folder, 'nowhere'))).toMatchObject({
    status: 'errored',
    reason: expect.stringContaining('no such file or directory'),
  })
})
