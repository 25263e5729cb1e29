import { spawn, type ChildProcess } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** In memory where the machine has such a place: what is tested here is not the disk. */
const MEMORY = '/dev/shm'

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'muster-crash-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

export interface Running {
  readonly child: ChildProcess
  /** Rejects when the process ends before it has acknowledged anything. */
  readonly working: Promise<void>
  /** Exit code, or null when a signal ended it. */
  readonly ended: Promise<number | null>
  readonly errors: () => string
}

export function start(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, ['-C', 'source', '--no-warnings', join(import.meta.dirname, script), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const working = new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    void ended.then((code) => reject(new Error(`it ended (${String(code)}) before it worked:\n${errors}`)))
  })
  // Not everyone waits for it.
  working.catch(() => {})
  return { child, working, ended, errors: () => errors }
}

/** Stops a process where it stands, as `kill -9` would, but so that it can go on. */
export async function stop({ child }: Running): Promise<void> {
  child.kill('SIGSTOP')
  while (!/\) T /.test(readFileSync(`/proc/${child.pid}/stat`, 'latin1'))) await turn()
}

export const goOn = ({ child }: Running): void => void child.kill('SIGCONT')

/** Ids that were acknowledged, by program. */
export function acknowledged(file: string): ReadonlyMap<string, readonly string[]> {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  const pairs = lines.map((line) => line.split(' '))
  return new Map([...Map.groupBy(pairs, ([program = '']) => program)].map(([program, list]) => [program, list.map(([, id = '']) => id)]))
}

/** The files of a store without those that are only memory. */
export function copyStore(from: string, to: string): void {
  for (const suffix of ['', '-wal']) {
    rmSync(to + suffix, { force: true })
    if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix)
  }
  rmSync(`${to}-shm`, { force: true })
}
