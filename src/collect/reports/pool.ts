import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { JobResult, ReportJob } from './job.ts'
import type { WorkerMessage } from './serve.ts'

/** Runs jobs, some side by side; the others wait. Whatever the files do to a worker, its job ends with a result. */
export interface ReportPool {
  run(job: ReportJob, signal: AbortSignal): Promise<JobResult>
}

export interface ReportLimits {
  /** Of the whole process. */
  readonly megabytes: number
  /** Of processor time for each file, and for the summary of all of them, before the first byte of it is read. */
  readonly milliseconds: number
}

/**
 * The time grows with each byte read: a file up to 5 MB is given up after 2 s at most, and one of
 * 500 MB may take 52 s, which is ten times what it needs.
 */
const LIMITS: ReportLimits = { megabytes: 256, milliseconds: 1_500 }
const MILLISECONDS_A_BYTE = 1 / 10_000

/** What code, stacks and buffers take beside V8's heap. */
const BESIDE_HEAP_MEGABYTES = 96

const WORKERS = 2
const WATCH_MILLISECONDS = 50
/** A worker that read more is not used again, so that its memory goes back. */
const REUSED_BYTES = 1 << 26

/**
 * Workers are processes, not threads: at the limit of its heap a thread takes the whole process
 * down, or goes on beyond it and cannot be ended (seen with Node 24.21).
 */
export function createReportPool(workerModule: string, limits = LIMITS): ReportPool {
  const idle: ChildProcess[] = []
  const waiting: { readonly job: ReportJob; readonly signal: AbortSignal; readonly answer: (result: JobResult) => void }[] = []
  let busy = 0

  function keep(child: ChildProcess): void {
    child.unref()
    child.channel?.unref()
    idle.push(child)
  }

  function begin(): ChildProcess {
    const child = start(workerModule, limits)
    // One may end while it waits for work.
    child.once('exit', () => {
      const index = idle.indexOf(child)
      if (index >= 0) idle.splice(index, 1)
    })
    return child
  }

  async function next(): Promise<void> {
    if (busy >= WORKERS) return
    const asked = waiting.shift()
    if (!asked) return
    busy += 1
    const child = idle.pop() ?? begin()
    const { result, isReusable } = await runOn(child, asked.job, asked.signal, limits)
    if (isReusable) keep(child)
    else child.kill('SIGKILL')
    busy -= 1
    asked.answer(result)
    void next()
  }

  return {
    run: (job, signal) =>
      new Promise((answer) => {
        waiting.push({ job, signal, answer })
        void next()
      }),
  }
}

function start(workerModule: string, { megabytes }: ReportLimits): ChildProcess {
  const child = fork(fileURLToPath(workerModule), {
    execArgv: [
      `--max-old-space-size=${megabytes - BESIDE_HEAP_MEGABYTES}`,
      '--max-semi-space-size=8',
      ...(workerModule.endsWith('.ts') ? ['--conditions=source'] : []),
    ],
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => NEEDED_VARIABLES.has(name))),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  // One that is busy does not notice that nobody waits for it any more.
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return child
}

/** Windows starts nothing without it; of all else a reader of hostile files should know nothing. */
const NEEDED_VARIABLES: ReadonlySet<string> = new Set(['SystemRoot'])

interface Ended {
  readonly result: JobResult
  readonly isReusable: boolean
}

function runOn(child: ChildProcess, job: ReportJob, signal: AbortSignal, limits: ReportLimits): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const paths = [...job.files, ...(job.base ?? [])].map(({ path }) => path)
  const clock = stopwatch(child)
  const tooLarge = `took more than ${limits.megabytes} MB of memory`
  /** Until the first message the worker starts. */
  let at = { file: -1, bytes: 0 }
  /** In the files before this one. */
  let bytesBefore = 0
  let stopped: string | undefined

  function end(result: JobResult, isReusable: boolean): void {
    clearInterval(watch)
    signal.removeEventListener('abort', onAbort)
    child.off('message', onMessage).off('exit', onExit).off('error', onError)
    resolve({ result, isReusable: isReusable && bytesBefore + at.bytes <= REUSED_BYTES })
  }
  function fail(what: string): void {
    const path = paths[Math.max(0, at.file)]
    end(
      { ok: false, ...(path !== undefined && { path }), reason: path === undefined ? `counting ${what}` : `${path}: reading it ${what}` },
      false,
    )
  }
  function stop(why: string): void {
    stopped ??= why
    child.kill('SIGKILL')
  }
  function look(): void {
    const limit = limits.milliseconds + MILLISECONDS_A_BYTE * (at.file < paths.length ? at.bytes : bytesBefore)
    // Starting is not the file's doing.
    if (at.file >= 0 && clock.milliseconds() > limit) stop(`took more than ${(limit / 1_000).toFixed(1)} s of processor time`)
    else if (residentMegabytes(child) > limits.megabytes) stop(tooLarge)
  }
  function onMessage(message: WorkerMessage): void {
    if ('result' in message) return end(message.result, true)
    if (message.file !== at.file) {
      bytesBefore += at.bytes
      clock.restart()
    }
    at = message
  }
  const onAbort = (): void => stop('was not over at the time limit')
  const onExit = (code: number | null, killedBy: NodeJS.Signals | null): void =>
    fail(stopped ?? (killedBy === 'SIGABRT' || code === V8_ABORT ? tooLarge : `ended its process: ${killedBy ?? code ?? 'unknown'}`))
  const onError = (error: Error): void => fail(`could not be begun: ${error.message}`)

  const watch = setInterval(look, WATCH_MILLISECONDS)
  child.ref()
  child.channel?.ref()
  child.on('message', onMessage).on('exit', onExit).on('error', onError)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  else child.send(job)
  return promise
}

/** Exit code where V8 ended for want of heap and there are no signals. */
const V8_ABORT = 134

/** Processor time of a process; where the system does not tell, the time that has passed. */
function stopwatch({ pid }: ChildProcess): { readonly milliseconds: () => number; readonly restart: () => void } {
  const now = (): number => cpuMilliseconds(pid) ?? performance.now()
  let began = now()
  return {
    milliseconds: () => now() - began,
    restart: () => {
      began = now()
    },
  }
}

/** proc(5): user and system time in ticks of 10 ms. */
function cpuMilliseconds(pid: number | undefined): number | undefined {
  const fields = procFile(pid, 'stat')?.split(') ').at(-1)?.split(' ')
  return fields && (Number(fields[11]) + Number(fields[12])) * 10
}

/** 0 where the system does not tell; the limit of the heap holds there too. */
const residentMegabytes = ({ pid }: ChildProcess): number =>
  Number(/^VmRSS:\s*(\d+) kB/m.exec(procFile(pid, 'status') ?? '')?.[1] ?? 0) / 1_000

function procFile(pid: number | undefined, name: string): string | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1')
  } catch {
    return undefined
  }
}
