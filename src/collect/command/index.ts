import { constants } from 'node:os'
import type { CollectContext, Collector, CollectRequest, CommandRequest, CommandResult, Fact } from '#core/evidence/collector.ts'
import { lastLines, plainText } from '#core/evidence/plain-text.ts'
import { isSecretName, redact } from '#core/evidence/redact.ts'
import { kind, options as optionsSchema, type CommandOptions } from './kind.ts'
import { numberIn } from './number.ts'

export { kind } from './kind.ts'

const DEFAULT_TIME_LIMIT_SECONDS = 600

/** As many particulars as evidence has. */
const DETAIL_LINES = 20
const DETAIL_WIDTH = 300

export const collector: Collector = { collect }

/** What the source would have run for a subject that is there: also for showing it before it is trusted. */
export function commandRequest(request: CollectRequest): CommandRequest | undefined {
  const { sourceId, subject, state } = request
  if (state.state !== 'present') return undefined
  const options = optionsSchema.parse(request.options)
  return {
    sourceId,
    subject,
    commit: state.commit,
    tree: state.tree,
    run: options.run,
    ...(options.setup !== undefined && { setup: options.setup }),
    folder: options.folder ?? '.',
    environment: options.environment ?? {},
    ...(options.network !== undefined && { network: options.network }),
    ...(options.sandbox !== undefined && { sandbox: options.sandbox }),
    timeLimitSeconds: request.timeLimitSeconds ?? DEFAULT_TIME_LIMIT_SECONDS,
  }
}

async function collect(request: CollectRequest, context: CollectContext): Promise<readonly Fact[]> {
  const options = optionsSchema.parse(request.options)
  const secrets = Object.entries(options.environment ?? {}).flatMap(([name, value]) => (isSecretName(name) ? [value] : []))
  const safe = (text: string): string => redact(plainText(text), secrets)
  const asked = new Asked(options, safe(options.run))
  if (request.state.state !== 'present')
    return asked.none(request.state.state === 'unavailable' ? 'errored' : 'missing', request.state.reason)
  const command = commandRequest(request)
  if (!command) return asked.none('missing', 'there is no commit to run it at')
  return factsOf(await context.runner.run(command, context.signal), asked, safe)
}

/** The facts a source is asked for: `number` only where its options say where to find one. */
class Asked {
  readonly options: CommandOptions
  readonly source: string

  constructor(options: CommandOptions, source: string) {
    this.options = options
    this.source = source
  }

  none(
    status: 'missing' | 'errored',
    reason: string,
    log?: { readonly details: readonly string[]; readonly sha256: string },
  ): readonly Fact[] {
    const names = Object.keys(kind.metrics).filter((name) => name !== 'number' || this.options.number !== undefined)
    return names.map((name) => ({ name, status, source: this.source, reason, ...log, ...(name === 'number' && this.unit) }))
  }

  get unit(): Pick<Fact, 'unit'> {
    return { unit: this.options.unit ?? 'count' }
  }
}

function factsOf(result: CommandResult, asked: Asked, safe: (text: string) => string): readonly Fact[] {
  switch (result.outcome) {
    case 'untrusted':
      return asked.none('missing', `not run: ${safe(result.reason)}`)
    case 'failed-to-start':
    case 'cancelled':
      return asked.none('errored', `not run to its end: ${safe(result.reason)}`)
    case 'failed-setup':
      return asked.none('errored', safe(result.reason), { details: logOf(safe(result.output)), sha256: result.sha256 })
    case 'ended':
      return ended(result, asked, safe(result.output))
  }
}

function ended(result: CommandResult & { outcome: 'ended' }, asked: Asked, output: string): readonly Fact[] {
  const { exitCode, sha256 } = result
  const { source } = asked
  const broken = whyBroken(result)
  if (exitCode === null || broken !== undefined)
    return asked.none('errored', broken ?? 'ended without an exit code', { details: logOf(output), sha256 })
  const failed = exitCode === 0 ? {} : { reason: `ended with exit code ${exitCode}`, details: logOf(output) }
  const bare = exitCode === 0 && result.sandboxed === false ? { details: ['it ran without a sandbox'] } : {}
  const facts: Fact[] = [
    { name: 'passed', status: 'observed', value: exitCode === 0, source, sha256, ...failed, ...bare },
    { name: 'exit', status: 'observed', value: exitCode, source, sha256, ...failed },
    { name: 'seconds', status: 'observed', value: result.seconds, source, sha256 },
  ]
  if (asked.options.number === undefined) return facts
  const number = numberIn(output, asked.options.number, asked.unit.unit ?? 'count')
  const remark = exitCode === 0 ? {} : { reason: `the command ended with exit code ${exitCode}` }
  const fact: Fact =
    number.status === 'observed'
      ? { name: 'number', ...number, source, sha256, ...asked.unit, ...remark }
      : { name: 'number', ...number, source, sha256, ...asked.unit, details: logOf(output) }
  return [...facts, fact]
}

const NOT_EXECUTABLE = 126
const NOT_FOUND = 127
const FIRST_SIGNAL = 128
const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

/**
 * Why the end says nothing about the subject: ended from outside, or never begun. The shell tells
 * of the latter, and of a signal to its child, by exit codes (POSIX, Shell Command Language 2.8.2).
 */
function whyBroken({ exitCode, signal, reason }: CommandResult & { outcome: 'ended' }): string | undefined {
  if (reason !== undefined) return reason
  if (signal !== null) return `was ended by ${signal}`
  if (exitCode === NOT_FOUND) return 'the shell did not find a command (exit code 127); is a tool missing, or a setup step?'
  if (exitCode === NOT_EXECUTABLE) return 'the shell could not execute a command (exit code 126)'
  const name = exitCode === null ? undefined : SIGNALS.get(exitCode - FIRST_SIGNAL)
  return name === undefined ? undefined : `was ended by ${name} (exit code ${exitCode})`
}

const logOf = (output: string): readonly string[] => lastLines(output, DETAIL_LINES, DETAIL_WIDTH)
