import type { CommandHost, CommandRequest, CommandResult, Repository } from '#core/evidence/collector.ts'
import type { Subject } from '#core/evidence/evidence.ts'
import { openTree, type TreeFiles } from '#core/evidence/tree-path.ts'
import { scrubbed } from './environment.ts'
import { runShell, type ProcessLimits, type ShellResult } from './process.ts'
import type { SandboxMode } from './sandbox-mode.ts'
import { sandboxArguments, type SandboxFound } from './sandbox.ts'
import { createRunFolder, folderWithin, type RunFolder } from './run-folder.ts'
import { inspectIn, TrustFileError, type Trust } from './trust.ts'
import { createTurns } from './turns.ts'

export interface RunnerOptions {
  readonly repository: Pick<Repository, 'list' | 'read' | 'checkout'>
  /** Absolute path under which checkouts are made; it is created when needed and not removed. */
  readonly folder: string
  readonly trust: Trust
  /** The caller's environment, of which commands get PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly limits?: Partial<RunnerLimits>
  /** Asked before the first command runs; without it commands run without a sandbox. */
  readonly sandbox?: () => Promise<SandboxFound>
  /** For all commands: none runs without one, or none gets one. */
  readonly sandboxMode?: SandboxMode
}

export interface RunnerLimits extends ProcessLimits {
  /** Commands that run at one time. */
  readonly parallel: number
}

const LIMITS: RunnerLimits = { parallel: 2, outputBytes: 64 * 1024 * 1024, tailBytes: 64 * 1024, graceSeconds: 5 }
const MAX_SCRIPT_BYTES = 256 * 1024

/**
 * Runs trusted commands, each distinct request once: who asks for the same commit, line, setup,
 * folder, environment and time limit gets the same result and checkout. A job is ended when all
 * who asked for it have aborted. Nothing here rejects.
 */
export function createRunner(options: RunnerOptions): CommandHost {
  const limits = { ...LIMITS, ...options.limits }
  const jobs = new Map<string, Job>()
  const answers = new Answers()
  const turns = createTurns(limits.parallel)
  const trees = new Map<string, Promise<TreeFiles>>()
  const folders = new Set<RunFolder>()
  const running = new Set<Promise<CommandResult>>()
  let sandbox: Promise<SandboxFound> | undefined
  let closed = false

  const treeOf = (tree: string): Promise<TreeFiles> => {
    const known = trees.get(tree)
    if (known) return known
    const opened = openTree(options.repository, tree, MAX_SCRIPT_BYTES)
    trees.set(tree, opened)
    return opened
  }

  const perform = async (request: CommandRequest, signal: AbortSignal): Promise<CommandResult> => {
    try {
      const { digest } = await inspectIn(await treeOf(request.tree), request)
      if (!(await options.trust.isTrusted(digest))) return untrusted(digest)
      return await turns.take(() => execute(request, signal))
    } catch (error) {
      if (error instanceof TrustFileError) return { outcome: 'untrusted', reason: error.message, digest: '' }
      return { outcome: 'failed-to-start', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  const execute = async (request: CommandRequest, signal: AbortSignal): Promise<CommandResult> => {
    if (signal.aborted) return CANCELLED
    if (process.platform === 'win32')
      return { outcome: 'failed-to-start', reason: 'commands need process groups, which Windows does not have' }
    const mode = options.sandboxMode ?? request.sandbox
    sandbox ??= options.sandbox?.() ?? Promise.resolve({ ok: false, reason: 'there is none' })
    const found: SandboxFound = mode === 'off' ? { ok: false, reason: 'it is switched off' } : await sandbox
    const isNeeded = mode === 'required' || request.sandbox === 'required' || request.network === false
    if (!found.ok && isNeeded) return { outcome: 'failed-to-start', reason: `a sandbox is required here, and ${found.reason}` }
    const folder = await createRunFolder(options.repository, request.commit, options.folder)
    folders.add(folder)
    const result = await runIn(folder, request, signal, {
      environment: options.environment,
      limits,
      sandbox: found,
      asked: options.sandbox !== undefined,
    })
    // Only a command that ended leaves something for others to read.
    if (result.outcome !== 'ended') {
      folders.delete(folder)
      await folder.remove()
    }
    return result
  }

  const jobFor = (request: CommandRequest): Job => {
    const key = keyOf(request)
    const known = jobs.get(key)
    if (known) return known
    const job = new Job(
      (signal) => perform(request, signal),
      () => jobs.delete(key),
    )
    jobs.set(key, job)
    running.add(job.result)
    void job.result.then(({ outcome }) => {
      running.delete(job.result)
      // Trusted meanwhile, the same request may run.
      if (outcome === 'untrusted') jobs.delete(key)
    })
    return job
  }

  return {
    announce: (sourceId, subject) => answers.open(sourceId, subject),
    settle: (sourceId, subject) => answers.give(sourceId, subject, undefined),
    resultOf: (sourceId, subject) => answers.of(sourceId, subject),
    run: async (request, signal) => {
      const result: CommandResult = closed
        ? { outcome: 'failed-to-start', reason: 'the check is over' }
        : await jobFor(request).join(signal)
      answers.give(request.sourceId, request.subject, result)
      return result
    },
    close: async () => {
      closed = true
      for (const job of jobs.values()) job.cancel()
      answers.close()
      await Promise.all(running)
      await Promise.all([...folders].map((folder) => folder.remove()))
      folders.clear()
    },
  }
}

const CANCELLED: CommandResult = { outcome: 'cancelled', reason: 'the check or the source’s time limit ended before the command did' }

const untrusted = (digest: string): CommandResult => ({
  outcome: 'untrusted',
  reason: `nobody on this machine has trusted this command with what it reaches (${digest.slice(0, 12)}); \`muster trust\` shows it and asks`,
  digest,
})

const keyOf = (request: CommandRequest): string =>
  JSON.stringify([
    request.commit,
    request.run,
    request.setup ?? null,
    request.folder,
    Object.entries(request.environment).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    request.timeLimitSeconds,
    request.network ?? null,
    request.sandbox ?? null,
  ])

interface Surroundings {
  readonly environment: RunnerOptions['environment']
  readonly limits: RunnerLimits
  readonly sandbox: SandboxFound
  /** Whether a sandbox was looked for. */
  readonly asked: boolean
}

async function runIn(
  folder: RunFolder,
  request: CommandRequest,
  signal: AbortSignal,
  { environment: callers, limits, sandbox: found, asked }: Surroundings,
): Promise<CommandResult> {
  const path = await folderWithin(folder.checkout, request.folder)
  if (path === undefined) return { outcome: 'failed-to-start', reason: `there is no folder ${request.folder} in the checkout` }
  const environment = scrubbed(callers, request.environment, folder)
  const sandbox = found.ok && {
    program: found.sandbox.program,
    args: await sandboxArguments({ folder, path: environment['PATH'] ?? '', network: request.network ?? true }),
  }
  const common = { folder: path, environment, ...(sandbox && { sandbox }), limits, signal }
  let left = request.timeLimitSeconds
  if (request.setup !== undefined) {
    const setup = await runShell({ ...common, line: request.setup, timeLimitSeconds: left })
    if (!setup.started) return { outcome: 'failed-to-start', reason: setup.reason }
    if (setup.stopped === 'cancelled') return CANCELLED
    const { output, sha256 } = setup
    if (setup.stopped || setup.exitCode !== 0)
      return { outcome: 'failed-setup', reason: `setup ${howItEnded(setup, request, limits)}`, output, sha256 }
    left = Math.max(0, left - setup.seconds)
  }
  const startedAt = new Date().toISOString()
  const run = await runShell({ ...common, line: request.run, timeLimitSeconds: left })
  if (!run.started) return { outcome: 'failed-to-start', reason: run.reason }
  if (run.stopped === 'cancelled') return CANCELLED
  const { exitCode, signal: name, stopped, seconds, output, sha256 } = run
  return {
    outcome: 'ended',
    exitCode: stopped ? null : exitCode,
    signal: name,
    timedOut: stopped === 'time-limit',
    ...(stopped && { reason: howItEnded(run, request, limits) }),
    startedAt,
    seconds,
    output,
    sha256,
    checkout: folder.checkout,
    ...(asked && { sandboxed: found.ok }),
  }
}

function howItEnded(result: ShellResult & { started: true }, request: CommandRequest, limits: RunnerLimits): string {
  if (result.stopped === 'time-limit') return `was ended after its time limit of ${request.timeLimitSeconds} s`
  if (result.stopped === 'output-limit') return `was ended because it printed more than ${limits.outputBytes} bytes`
  return result.signal === null ? `ended with exit code ${result.exitCode}` : `was ended by ${result.signal}`
}

/** One run, and those who wait for it. */
class Job {
  readonly result: Promise<CommandResult>
  readonly #controller = new AbortController()
  readonly #forget: () => void
  #waiting = 0

  constructor(perform: (signal: AbortSignal) => Promise<CommandResult>, forget: () => void) {
    this.#forget = forget
    this.result = perform(this.#controller.signal)
  }

  /** A caller who aborts gets an answer at once; the run ends when the last of them has. */
  async join(signal: AbortSignal): Promise<CommandResult> {
    if (signal.aborted && this.#waiting === 0) this.cancel()
    if (signal.aborted) return CANCELLED
    this.#waiting += 1
    let onAbort = (): void => undefined
    const aborted = new Promise<CommandResult>((resolve) => {
      onAbort = () => resolve(CANCELLED)
      signal.addEventListener('abort', onAbort, { once: true })
    })
    const result = await Promise.race([this.result, aborted])
    signal.removeEventListener('abort', onAbort)
    this.#waiting -= 1
    if (result === CANCELLED && this.#waiting === 0) this.cancel()
    return result
  }

  cancel(): void {
    this.#forget()
    this.#controller.abort()
  }
}

/** Results by source and subject, for those who read what a command left. */
class Answers {
  readonly #slots = new Map<
    string,
    { readonly promise: Promise<CommandResult | undefined>; readonly resolve: (result: CommandResult | undefined) => void }
  >()
  #closed = false

  open(sourceId: string, subject: Subject): void {
    const key = `${sourceId}\0${subject}`
    if (this.#closed || this.#slots.has(key)) return
    const { promise, resolve } = Promise.withResolvers<CommandResult | undefined>()
    this.#slots.set(key, { promise, resolve })
  }

  /** The first answer holds. */
  give(sourceId: string, subject: Subject, result: CommandResult | undefined): void {
    this.open(sourceId, subject)
    this.#slots.get(`${sourceId}\0${subject}`)?.resolve(result)
  }

  async of(sourceId: string, subject: Subject): Promise<CommandResult | undefined> {
    return this.#slots.get(`${sourceId}\0${subject}`)?.promise
  }

  close(): void {
    this.#closed = true
    for (const slot of this.#slots.values()) slot.resolve(undefined)
  }
}
