import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unzip, type Unzipped, type ZipLimits } from '#collect/forge/zip.ts'

const FIXTURES = join(import.meta.dirname, '../../src/collect/forge/fixtures/zip')
const NEVER = new AbortController().signal

let parent: string
let folders = 0
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'muster-zip-'))
})
afterAll(() => rmSync(parent, { recursive: true, force: true }))

/** Unpacks two folders deep, so that an archive that leads out of its folder is seen here. */
async function unpacked(archive: string | Uint8Array, limits?: ZipLimits) {
  const around = join(parent, String((folders += 1)))
  const folder = join(around, 'one', 'two')
  mkdirSync(folder, { recursive: true })
  const file = typeof archive === 'string' ? join(FIXTURES, archive) : join(around, 'archive.zip')
  if (typeof archive !== 'string') writeFileSync(file, archive)
  const result: Unzipped = await unzip(file, folder, NEVER, limits)
  const all = readdirSync(around, { recursive: true, withFileTypes: true }).filter(
    (entry) => !entry.isDirectory() && entry.name !== 'archive.zip',
  )
  const files = all.map((entry) => join(entry.parentPath, entry.name))
  for (const entry of all) expect(entry.isFile(), 'nothing but regular files').toBe(true)
  for (const path of files) expect(path.startsWith(`${folder}/`), `${path} is in its folder`).toBe(true)
  return { result, folder, files }
}

test.each(['info-zip.zip', 'stored.zip', 'python-streamed.zip'])('%s: what the archive holds is unpacked', async (archive) => {
  const { result, folder } = await unpacked(archive)
  expect(result).toMatchObject({ ok: true, files: expect.arrayContaining(['reports/junit.xml']) as string[] })
  expect(readFileSync(join(folder, 'reports/junit.xml'), 'utf8')).toMatch(/^<testsuite name="unit">[^]*<\/testsuite>\n$/)
  expect(statSync(join(folder, 'reports/junit.xml')).mode & 0o777).toBe(0o600)
  if (archive === 'python-streamed.zip') expect(readFileSync(join(folder, 'b.txt'), 'utf8')).toBe('b'.repeat(5_000))
  else expect(readFileSync(join(folder, 'reports/Übersicht.txt'), 'utf8')).toBe('grüße\n')
  if (archive === 'info-zip.zip') expect(readFileSync(join(folder, 'empty.txt'), 'utf8')).toBe('')
})

test('sizes that only the directory tells', async () => {
  expect((await unpacked('zip64.zip')).result).toEqual({ ok: true, files: ['a.xml'] })
})

test.each([
  ['slip.zip', '"../../slipped.xml": its name leads out of the folder'],
  ['slip-absolute.zip', '"/tmp/slipped.xml": its name leads out of the folder'],
  ['slip-windows.zip', '"..\\\\..\\\\slippd.xml": its name has a backslash or a control character'],
  ['symlink.zip', 'report.xml: it is a link'],
  ['zip64-end.zip', 'it is a zip64 archive, which is not read'],
  ['device.zip', 'zero.xml: it is a device'],
  ['encrypted.zip', 'reports/junit.xml: it is encrypted'],
  ['duplicate.zip', 'a.xml: it is there twice'],
  ['file-and-folder.zip', 'a/b.xml: it lies in a file'],
  ['bomb.zip', 'bomb.xml: its 65232 bytes would become 67108864'],
  ['truncated.zip', 'it is no zip archive, or it breaks off: there is no directory at its end'],
  ['checksum.zip', 'a.xml: its checksum is wrong'],
  ['says-less.zip', 'a.xml: it has more than the 5 bytes that it says'],
  ['overlapping.zip', 'b.xml: it shares bytes with another one'],
  ['another-name.zip', 'b.xml: it shares bytes with another one'],
])('%s is refused: %s', async (archive, reason) => {
  const { result } = await unpacked(archive)
  expect(result).toEqual({ ok: false, reason })
  expect(existsSync('/tmp/slipped.xml')).toBe(false)
})

/** A small writer, to lie with. */
function zipOf(files: Readonly<Record<string, Uint8Array>>, packs = true): Buffer {
  const locals: Buffer[] = []
  const listed: Buffer[] = []
  let offset = 0
  for (const [path, bytes] of Object.entries(files)) {
    const name = Buffer.from(path)
    const data = packs ? deflateRawSync(bytes) : Buffer.from(bytes)
    const sizes = Buffer.alloc(20)
    sizes.writeUInt16LE(0x0800, 0)
    sizes.writeUInt16LE(packs ? 8 : 0, 2)
    sizes.writeUInt32LE(crc32(bytes), 8)
    sizes.writeUInt32LE(data.length, 12)
    sizes.writeUInt32LE(bytes.length, 16)
    const lengths = Buffer.alloc(4)
    lengths.writeUInt16LE(name.length, 0)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004\u0014\0', 'latin1'), sizes, lengths, name, data])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    listed.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0003\u0014\0', 'latin1'), sizes, lengths, tail, name]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(listed)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(listed.length, 8)
  end.writeUInt16LE(listed.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

const name = fc.stringMatching(/^[a-zA-Zä-ü0-9 _-]{1,12}\.xml$/)
const path = fc
  .array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { maxLength: 3 })
  .chain((above) => name.map((last) => [...above, last].join('/')))
const contents = fc.dictionary(path, fc.uint8Array({ maxLength: 3_000 }), { maxKeys: 8, noNullPrototype: true })
const numRuns = Number(process.env['MUSTER_FUZZ_FORGE'] ?? 60)

test('what was packed comes out', async () => {
  await fc.assert(
    fc.asyncProperty(contents, fc.boolean(), async (files, packs) => {
      const { result, folder } = await unpacked(zipOf(files, packs))
      expect(result).toEqual({ ok: true, files: Object.keys(files) })
      for (const [file, bytes] of Object.entries(files)) expect(new Uint8Array(readFileSync(join(folder, file)))).toEqual(bytes)
    }),
    { numRuns },
  )
})

test('bytes that were changed are refused or lose nothing, and nothing leaves the folder', async () => {
  const change = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) })
  await fc.assert(
    fc.asyncProperty(contents, fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(), async (files, changes, cut) => {
      const bytes = zipOf(files)
      for (const { at, value } of changes) bytes[at % bytes.length] = value
      const { result, folder } = await unpacked(cut % 4 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes)
      // A checksum stands for the bytes, whatever the names have become.
      const sums = new Set(Object.values(files).map((one) => crc32(one)))
      for (const file of result.ok ? result.files : []) expect(sums).toContain(crc32(readFileSync(join(folder, file))))
    }),
    { numRuns },
  )
})

test('any bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      expect((await unpacked(bytes)).result).toMatchObject({ ok: false, reason: expect.stringMatching(/./) as string })
    }),
    { numRuns },
  )
})

const SMALL: ZipLimits = { entries: 3, bytes: 4_000, ratio: 300 }
const some = (count: number, size: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}.xml`, new Uint8Array(size)]))

test('limits hold for all files together', async () => {
  expect((await unpacked(zipOf(some(3, 1_000)), SMALL)).result.ok).toBe(true)
  expect((await unpacked(zipOf(some(4, 1)), SMALL)).result).toEqual({ ok: false, reason: 'it lists 4 files, and at most 3 are unpacked' })
  expect((await unpacked(zipOf(some(3, 1_400)), SMALL)).result).toEqual({ ok: false, reason: 'it holds more than 4000 bytes' })
})

test.each(['a/../b', './a', 'a//b', 'a\u0000b', 'c:/x', 'x'.repeat(300), `${'d/'.repeat(40)}e`, ''])(
  'the name %j is refused',
  async (odd) => {
    expect((await unpacked(zipOf({ [odd]: new Uint8Array(3) }))).result.ok).toBe(false)
  },
)

test('a check that is over ends it', async () => {
  const folder = join(parent, 'aborted')
  mkdirSync(folder)
  expect(await unzip(join(FIXTURES, 'info-zip.zip'), folder, AbortSignal.abort())).toEqual({ ok: false, reason: 'the time limit ended it' })
})
