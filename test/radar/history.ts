import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cleanEnvironment, gitText } from './git.ts'

/**
 * A repository as plain data, small enough to read: what the generator makes and a case on disk
 * holds. Paths and contents are bytes as latin1.
 */
export interface History {
  /** Parents stand before their children. */
  readonly commits: readonly HistoryCommit[]
  /** The questions asked one after the other of the same prober: places in `commits`. */
  readonly questions: readonly { readonly target: number; readonly heads: readonly number[] }[]
}

export interface HistoryCommit {
  /** Places in `commits`; none: a root. */
  readonly parents: readonly number[]
  /** Seconds since 1970; where left out, later than the commit before. */
  readonly time?: number
  /** The whole tree, by path. A text alone is an ordinary file. */
  readonly files: Readonly<Record<string, HistoryFile>>
}

export type HistoryFile = string | { readonly mode: '100755' | '120000' | '160000'; readonly content: string }

export const modeOf = (file: HistoryFile): string => (typeof file === 'string' ? '100644' : file.mode)
export const contentOf = (file: HistoryFile): string => (typeof file === 'string' ? file : file.content)

const START = Date.UTC(2026, 1, 2, 9) / 1000

const quoted = (path: string): string => `"${path.replaceAll(/["\\\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`))}"`
const data = (bytes: string): string => `data ${bytes.length}\n${bytes}\n`

/** As the input of `git fast-import`, latin1: one blob for each content, every commit with its whole tree. */
const fastImport = ({ commits }: History, oidLength: number): string => {
  const stream: string[] = []
  const blobs = new Map<string, number>()
  for (const [index, { parents, files, time }] of commits.entries()) {
    const lines: string[] = []
    for (const [path, file] of Object.entries(files)) {
      const content = contentOf(file)
      if (modeOf(file) === '160000') {
        lines.push(`M 160000 ${content.padEnd(oidLength, '0')} ${quoted(path)}\n`)
        continue
      }
      let mark = blobs.get(content)
      if (mark === undefined) {
        mark = commits.length + blobs.size + 1
        blobs.set(content, mark)
        stream.push(`blob\nmark :${mark}\n${data(content)}`)
      }
      lines.push(`M ${modeOf(file)} :${mark} ${quoted(path)}\n`)
    }
    const who = `lead-a <lead-a@example.org> ${time ?? START + index * 60} +0000`
    const [first, ...others] = parents.map((parent) => `:${parent + 1}\n`)
    stream.push(
      `reset refs/heads/c${index}\n`,
      `commit refs/heads/c${index}\nmark :${index + 1}\nauthor ${who}\ncommitter ${who}\n${data(`change ${index}`)}`,
      first === undefined ? '' : `from ${first}`,
      ...others.map((other) => `merge ${other}`),
      'deleteall\n',
      ...lines,
    )
  }
  return stream.join('')
}

/** Makes the bare repository `folder`, a branch `c<n>` for each commit; returns the object ids of the commits. */
export const writeRepository = async (history: History, folder: string, format: 'sha1' | 'sha256' = 'sha1'): Promise<readonly string[]> => {
  await mkdir(folder, { recursive: true })
  await promisify(execFile)('git', ['init', '-q', '--bare', `--object-format=${format}`, folder], { env: cleanEnvironment() })
  const marks = join(folder, 'marks')
  // A pack costs less than a thousand loose objects.
  const options = ['-c', 'fastimport.unpackLimit=1', '-c', 'core.fsync=none', '-c', 'core.compression=0']
  await gitText(
    folder,
    [...options, 'fast-import', '--quiet', '--force', '--depth=0', `--export-marks=${marks}`],
    fastImport(history, format === 'sha1' ? 40 : 64),
  )
  const ids: string[] = []
  for (const line of (await readFile(marks, 'utf8')).trimEnd().split('\n')) {
    const [mark = '', oid = ''] = line.split(' ')
    const place = Number(mark.slice(1)) - 1
    if (place < history.commits.length) ids[place] = oid
  }
  return ids
}
