import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Fact } from '#core/evidence/collector.ts'
import { openMirror } from '#collect/git/mirror.ts'
import { temporaryFolder } from './git-repository.ts'

interface File {
  readonly path: string
  readonly size: number
  /** So often after one another. */
  readonly pieces: Iterable<Buffer>
}

const fileOf = (path: string, content: string | Buffer): File => ({
  path,
  size: Buffer.byteLength(content),
  pieces: [Buffer.from(content)],
})

/** One commit on `main` with these files, which no checkout ever holds. */
async function repositoryOf(files: Iterable<File>): Promise<string> {
  const folder = join(temporaryFolder(), 'source.git')
  execFileSync('git', ['init', '-q', '--bare', folder])
  const child = spawn('git', ['-c', 'core.compression=1', `--git-dir=${folder}`, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const closed = once(child, 'close')
  const write = async (piece: string | Buffer): Promise<void> => {
    if (!child.stdin.write(piece)) await once(child.stdin, 'drain')
  }
  await write('commit refs/heads/main\ncommitter lead-a <lead-a@example.org> 1700000000 +0000\ndata 1\nx\n')
  for (const { path, size, pieces } of files) {
    await write(`M 100644 inline ${path}\ndata ${size}\n`)
    for (const piece of pieces) await write(piece)
    await write('\n')
  }
  child.stdin.end('\n')
  await closed
  return folder
}

interface Counted {
  readonly facts: readonly Fact[]
  readonly megabytes: number
}

async function countIn(source: string): Promise<Counted> {
  const args = ['-C', 'source', join(import.meta.dirname, 'code-hostile.ts'), source, temporaryFolder()]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(import.meta.dirname, '../..'), maxBuffer: 1 << 24 })
  return JSON.parse(stdout) as Counted
}

/** A bare process takes some 60 MB; two files of the largest size that is read, and what is made of them, 300 more. */
const MOST_MEGABYTES = 400

function* garbage(): Generator<Buffer> {
  // The same every time, and no text in any encoding.
  const bytes = Buffer.alloc(1 << 16)
  for (let at = 0, state = 1; at < bytes.length; at += 1) bytes[at] = (state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff) >> 16
  yield bytes
}

test('a tree made to hurt yields a count with the reason for what is left out, in bounded memory', async () => {
  const megabyte = Buffer.alloc(1 << 20, 'a')
  function* files(): Generator<File> {
    for (let index = 0; index < 50_000; index += 1) yield fileOf(`tiny/${index % 100}/${index}.c`, 'x\n')
    yield { path: 'one-line.js', size: 200 << 20, pieces: Array.from({ length: 200 }, () => megabyte) }
    yield { path: 'long-line.js', size: 30 << 20, pieces: Array.from({ length: 30 }, () => megabyte) }
    yield { path: 'lines.c', size: 30 << 20, pieces: Array.from({ length: 30 }, () => Buffer.alloc(1 << 20, '\n')) }
    yield { path: 'wide.c', size: 30_000_000, pieces: Array.from({ length: 30 }, () => Buffer.from('é'.repeat(500_000))) }
    yield { path: 'garbage.c', size: 1 << 16, pieces: garbage() }
    for (const [name, text] of [
      ['comment.c', '/* '],
      ['string.py', "'''x"],
      ['template.ts', '`${'],
      ['raw.rs', 'r#"'],
      ['nested.hs', '{- '],
    ] as const)
      yield fileOf(name, text.repeat(1_000_000))
  }
  const { facts, megabytes } = await countIn(await repositoryOf(files()))
  const code = facts.find(({ name }) => name === 'code')
  expect(code).toMatchObject({ status: 'observed', reason: 'without files: 1 that are binary, 1 of more than 32 MiB' })
  expect(facts.find(({ name }) => name === 'files')?.value).toBe(50_008)
  expect(facts.find(({ name }) => name === 'blank')?.value).toBe(30 << 20)
  expect(megabytes).toBeLessThan(MOST_MEGABYTES)
})

test('nothing but what cannot be counted is missing, with the reason, and not zero', async () => {
  const { facts } = await countIn(await repositoryOf([{ path: 'garbage.c', size: 1 << 16, pieces: garbage() }]))
  expect(facts.map(({ status }) => status)).toEqual(['missing', 'missing', 'missing', 'missing'])
  expect(facts[0]?.reason).toBe('no file of the commit counts; without files: 1 that are binary')
})

test.each([
  ['many', Array.from({ length: 3_000 }, (_, index) => (index % 1000 === 7 ? 300_000 + index : index % 50))],
  ['few', Array.from({ length: 40 }, (_, index) => (index === 7 ? 2_000_000 : index % 50))],
  ['few that are more than one file takes', [5, 34_000_000, 30_000_000, 7, 30_000_000, 0, 30_000_000, 12]],
])('objects come in order, whole, whatever their size; a lost one and a stop are told: %s', async (_, sizes) => {
  const contents = sizes.map((size, index) => Buffer.alloc(size, `${index} `))
  const from = await repositoryOf(contents.map((content, index) => fileOf(`${String(index).padStart(5, '0')}.txt`, content)))
  const mirror = await openMirror({ folder: join(temporaryFolder(), 'mirror'), from })
  try {
    const state = await mirror.resolve('main')
    const oids: string[] = []
    await mirror.files(state.state === 'present' ? state.tree : '', (_, oid) => oids.push(oid))
    const lost = '1'.repeat(40)
    let next = 0
    await mirror.scan([...oids, lost], (index, content, size) => {
      expect(index).toBe(next)
      next += 1
      if (index === oids.length) expect([content, size]).toEqual([undefined, -1])
      else if (content === undefined) expect([size, size > 32 << 20]).toEqual([sizes[index], true])
      else if (contents[index]?.equals(content ?? Buffer.alloc(0)) !== true) throw new Error(`${index} is not what it was`)
    })
    expect(next).toBe(sizes.length + 1)
    const stop = new AbortController()
    const stopped = mirror.scan(oids, (index) => void (index === 3 && stop.abort()), stop.signal)
    await expect(stopped).rejects.toThrow(/abort/)
    await expect(
      mirror.scan(oids, () => {
        throw new Error('enough')
      }),
    ).rejects.toThrow('enough')
    const bytesOf = async (): Promise<number> => {
      let bytes = 0
      await mirror.scan(oids, (_, content) => void (bytes += content?.length ?? 0))
      return bytes
    }
    const all = sizes.filter((size) => size <= 32 << 20).reduce((sum, size) => sum + size, 0)
    expect(await Promise.all([bytesOf(), bytesOf(), bytesOf()]), 'several at once, after others').toEqual([all, all, all])
  } finally {
    await mirror.close()
  }
})
