import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Tail } from './tail.ts'

export interface ShellRequest {
  readonly line: string
  /** Absolute path. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Program and arguments that the shell is started through. */
  readonly sandbox?: { readonly program: string; readonly args: readonly string[] }
  readonly timeLimitSeconds: number
  readonly limits: ProcessLimits
  readonly signal: AbortSignal
}

export interface ProcessLimits {
  /** A command that prints more is ended. */
  readonly outputBytes: number
  /** Last part of the output that is kept. */
  readonly tailBytes: number
  /** Between SIGTERM and SIGKILL. */
  readonly graceSeconds: number
}

export type Stop = 'time-limit' | 'output-limit' | 'cancelled'

export type ShellResult =
  | { readonly started: false; readonly reason: string }
  | {
      readonly started: true
      readonly exitCode: number | null
      readonly signal: string | null
      /** Why it was ended from here; absent when it ended by itself. */
      readonly stopped?: Stop
      readonly seconds: number
      readonly output: string
      /** Of all of the output; of what came before the end, when it went over the output limit. */
      readonly sha256: string
    }

/** Groups that run now, so that none outlives Muster when it exits in a hurry. */
const groups = new Set<number>()
let watchingExit = false

/**
 * Runs one line by `sh -e -c` as a process group of its own, stdin empty, stdout and stderr in one
 * stream. Whatever the group leaves behind is killed when its leader has ended. A process that
 * starts a session of its own leaves the group and is out of reach.
 */
export async function runShell(request: ShellRequest): Promise<ShellResult> {
  const child = start(request)
  const begin = performance.now()
  const group = child.pid
  if (group === undefined) return { started: false, reason: await startError(child) }
  remember(group)
  const run = follow(child, group, request)
  const sandbox = request.sandbox && watchSandbox(child)
  try {
    const [exitCode, signal] = await run.exited
    const seconds = Math.round(performance.now() - begin) / 1000
    await run.finish()
    const stopped = run.stopped()
    const refusal = stopped ? undefined : sandbox?.refusal()
    if (refusal !== undefined) return { started: false, reason: refusal }
    return { started: true, exitCode, signal, ...(stopped && { stopped }), seconds, ...run.tail.end() }
  } finally {
    groups.delete(group)
  }
}

function start({ line, folder, environment, sandbox }: ShellRequest): ChildProcess {
  // The outer shell only joins the two streams, so that lines keep their order. With -e, as in CI,
  // a step that fails is not forgotten over the steps behind it.
  const shell = ['/bin/sh', '-c', 'exec /bin/sh -e -c "$1" 2>&1', 'sh', line] as const
  const [program, ...args] = sandbox
    ? [sandbox.program, '--json-status-fd', '3', ...sandbox.args, '--chdir', folder, '--', ...shell]
    : shell
  return spawn(program, args, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: sandbox ? ['ignore', 'pipe', 'pipe', 'pipe'] : ['ignore', 'pipe', 'ignore'],
  })
}

/** Most of what a sandbox may say of itself. */
const MOST_SAID = 4096

/** Bubblewrap tells the exit code of a command that it could start, and complains of what kept it from it. */
function watchSandbox(child: ChildProcess): { readonly refusal: () => string | undefined } {
  const said = { status: '', complaint: '' }
  const listen = (stream: Readable | null | undefined, key: keyof typeof said): void => {
    stream?.on('data', (chunk: Buffer) => (said[key] = (said[key] + chunk.toString('utf8')).slice(0, MOST_SAID)))
  }
  listen(child.stderr, 'complaint')
  listen(child.stdio[3] as Readable | null | undefined, 'status')
  return {
    refusal: () =>
      said.status.includes('"exit-code"') ? undefined : `the sandbox did not start: ${said.complaint.trim() || 'it does not say why'}`,
  }
}

function follow(child: ChildProcess, group: number, request: ShellRequest) {
  const { limits, signal } = request
  const tail = new Tail(limits.tailBytes)
  let stopped: Stop | undefined
  let killTimer: NodeJS.Timeout | undefined
  const stop = (why: Stop): void => {
    if (stopped) return
    stopped = why
    // What floods its output is not given time to go on with it.
    if (why === 'output-limit') kill(group, 'SIGKILL')
    else if (request.sandbox) terminateWithin(group)
    else kill(group, 'SIGTERM')
    killTimer = setTimeout(() => kill(group, 'SIGKILL'), limits.graceSeconds * 1000)
  }
  const onAbort = (): void => stop('cancelled')
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  const limitTimer = setTimeout(() => stop('time-limit'), request.timeLimitSeconds * 1000)
  child.stdout?.on('data', (chunk: Buffer) => {
    if (stopped === 'output-limit') return
    tail.write(chunk)
    if (tail.bytes > limits.outputBytes) stop('output-limit')
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const exited = new Promise<readonly [number | null, string | null]>((resolve) =>
    child.once('exit', (code, name) => resolve([code, name])),
  )
  return {
    tail,
    exited,
    stopped: () => stopped,
    /** After the leader: the rest of its group ends, then the rest of the output is read. */
    finish: async (): Promise<void> => {
      clearTimeout(limitTimer)
      signal.removeEventListener('abort', onAbort)
      if (stopped && stopped !== 'output-limit') await groupEnded(group, limits.graceSeconds)
      clearTimeout(killTimer)
      kill(group, 'SIGKILL')
      // A process that left the group may hold the stream open for ever.
      await Promise.race([closed, sleep(2000, undefined, { ref: false })])
      child.stdout?.destroy()
    },
  }
}

async function groupEnded(group: number, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000
  while (kill(group, 0) && performance.now() < end) await sleep(20)
}

/** Asks all of a group to end but its leader, the sandbox: when that ends, the others get no time to tidy up. */
function terminateWithin(group: number): void {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === group || groupOf(name) !== group) continue
    try {
      process.kill(pid, 'SIGTERM')
    } catch {
      // It has ended by itself meanwhile.
    }
  }
}

/** Fifth field of /proc/PID/stat; the second, a name in parentheses, may hold anything. */
function groupOf(pid: string): number | undefined {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ')[2],
    )
  } catch {
    return undefined
  }
}

/** True when there was a process to take the signal. */
function kill(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch {
    return false
  }
}

function remember(group: number): void {
  groups.add(group)
  if (watchingExit) return
  watchingExit = true
  process.once('exit', () => {
    for (const each of groups) kill(each, 'SIGKILL')
  })
}

const startError = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => child.once('error', (error) => resolve(error.message)))
