/**
 * Turns the files of this folder into a real git repository: `node -C source
 * examples/two-streams/build.ts FOLDER [--until TIME]`. Names, dates and settings are fixed, so the
 * commits have the same ids on every machine. `--record` writes those ids to ids.json.
 */
import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { devNull } from 'node:os'
import { join, relative, resolve, sep } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { HISTORY, type Step } from './history.ts'

const HERE = import.meta.dirname

/** Branch -> id of its head. */
export type Heads = Readonly<Record<string, string>>

/**
 * Builds the repository in a folder that is not there yet or is empty, with main checked out.
 * `until` (ISO 8601) leaves later commits out. Rejects when the folder has contents or git fails.
 */
export async function buildExample(folder: string, until?: string): Promise<Heads> {
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty; name a folder that is, or one that is not there yet`)
  const latest = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until)
  if (Number.isNaN(latest)) throw new Error(`"${until}" is no time; write it as 2026-02-25T16:00:00+01:00`)
  const steps = HISTORY.filter((step) => Date.parse(step.at) <= latest)
  await git(folder, ['init', '--quiet', '--template=', '--initial-branch=main', '--object-format=sha1'])
  await git(folder, ['config', 'core.autocrlf', 'false'])
  await git(folder, ['fast-import', '--quiet', '--date-format=raw'], await importStream(steps))
  await git(folder, ['reset', '--quiet', '--hard', 'refs/heads/main'])
  const heads = await git(folder, ['for-each-ref', '--format=%(refname:short) %(objectname)', 'refs/heads'])
  return Object.fromEntries(
    heads
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([branch = '', id = '']) => [branch, id]),
  )
}

/** Input of git fast-import: every commit with its files inline. */
async function importStream(steps: readonly Step[]): Promise<Buffer> {
  const parts: (string | Buffer)[] = []
  const marks = new Map<string, number>()
  for (const [index, step] of steps.entries()) {
    const who = `${step.by} <${step.by}@logq.example> ${Date.parse(step.at) / 1000} +0100`
    parts.push(
      `commit refs/heads/${step.branch}\nmark :${index + 1}\nauthor ${who}\ncommitter ${who}\n`,
      ...data(Buffer.from(`${step.message}\n`)),
    )
    const parent = marks.get(step.branch) ?? marks.get('main')
    if (parent !== undefined) parts.push(`from :${parent}\n`)
    for (const { path, bytes } of await filesOf(step.files)) parts.push(`M 100644 inline ${path}\n`, ...data(bytes))
    marks.set(step.branch, index + 1)
  }
  return Buffer.concat([...parts, 'done\n'].map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
}

const data = (bytes: Buffer): readonly (string | Buffer)[] => [`data ${bytes.length}\n`, bytes, '\n']

/** Files below a folder of the example, or one file, with their paths in the repository, in order. */
async function filesOf(name: string): Promise<readonly { readonly path: string; readonly bytes: Buffer }[]> {
  const from = join(HERE, name)
  const folder = (await stat(from)).isDirectory()
  const entries = folder ? (await readdir(from, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()) : []
  const paths = folder ? entries.map((entry) => relative(from, join(entry.parentPath, entry.name)).replaceAll(sep, '/')) : [name]
  return Promise.all(
    paths.toSorted().map(async (path) => ({ path, bytes: withUnixLines(await readFile(folder ? join(from, path) : from)) })),
  )
}

/** A clone of this repository may have been checked out with other line ends; the ids must not depend on that. */
const withUnixLines = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('utf8').replaceAll('\r\n', '\n'))

/** Runs git without the settings of the machine and the user. */
async function git(folder: string, args: readonly string[], input?: Buffer): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  }
  const child = spawn('git', args, { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((done, failed) => child.once('error', failed).once('close', done))
  // A git that ends early closes its input; what it says on stderr is the news then.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [output, errors, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  if (exitCode !== 0) throw new Error(`git ${args.join(' ')} ended with ${exitCode}: ${errors.trim()}`)
  return output
}

const USAGE = 'usage: node -C source examples/two-streams/build.ts FOLDER [--until 2026-02-25T16:00:00+01:00] [--record]'

if (import.meta.main) {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { until: { type: 'string' }, record: { type: 'boolean' } },
    })
    const [folder] = positionals
    if (folder === undefined) throw new Error(USAGE)
    const heads = await buildExample(resolve(folder), values.until)
    for (const [branch, id] of Object.entries(heads)) console.log(`${id} ${branch}`)
    if (values.record) await writeFile(join(HERE, 'ids.json'), `${JSON.stringify(heads, undefined, 2)}\n`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 2
  }
}
