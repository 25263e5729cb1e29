import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Tail } from './tail.ts'

export interface ShellRequest {
  readonly line: string
  /** Absolute path. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
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
 * Runs one line by `sh -c` as a process group of its own, stdin empty, stdout and stderr in one
 * stream. Whatever the group leaves behind is killed when its leader has ended. A process that
 * starts a session of its own leaves the group and is out of reach.
 */
export async function runShell(request: ShellRequest): Promise<ShellResult> {
  // The outer shell only joins the two streams, so that lines keep their order.
  const child = spawn('/bin/sh', ['-c', 'exec /bin/sh -c "$1" 2>&1', 'sh', request.line], {
    cwd: request.folder,
    env: request.environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const begin = performance.now()
  const group = child.pid
  if (group === undefined) return { started: false, reason: await startError(child) }
  remember(group)
  const run = follow(child, group, request)
  try {
    const [exitCode, signal] = await run.exited
    const seconds = Math.round(performance.now() - begin) / 1000
    await run.finish()
    const stopped = run.stopped()
    return { started: true, exitCode, signal, ...(stopped && { stopped }), seconds, ...run.tail.end() }
  } finally {
    groups.delete(group)
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
