import { join } from 'node:path'
import { CommandError, type Io } from '#cli/io.ts'
import type { RadarPlace } from '#cli/radar/subjects.ts'
import { sandboxing, trustedPlace, trustFile } from '#cli/wire.ts'
import { commandRequest } from '#collect/command/index.ts'
import { createRunner } from '#collect/command/runner.ts'
import { createTrust, inspect, type Trust } from '#collect/command/trust.ts'
import type { Mirror } from '#collect/git/mirror.ts'
import type { CommandRequest, CommandResult } from '#core/evidence/collector.ts'
import { lastLines, plainText } from '#core/evidence/plain-text.ts'
import { redact } from '#core/evidence/redact.ts'
import type { Prober } from '#core/merge/probe.ts'
import type { Program } from '#core/program/model.ts'
import { requestOf } from '#engine/gather.ts'
import type { TreeResult } from '#engine/wave-test.ts'

export interface WaveCommand {
  /** As a person would write it. */
  readonly command: string
  readonly run: (commit: string, tree: string) => Promise<TreeResult>
  close(): Promise<void>
}

const SUBJECT = 'program'
const LIMIT_SECONDS = 600
const OUTPUT_LINES = 20
const OUTPUT_WIDTH = 300

/**
 * The command that `--test` runs on merged trees: a command source of the program (by default the
 * one that the program names), held to what this machine trusts; or a command line, which whoever
 * typed it has agreed to.
 */
export async function waveCommand(
  io: Io,
  { place, mirror, prober }: { readonly place: RadarPlace; readonly mirror: Mirror; readonly prober: Prober },
  { asked, agrees }: { readonly asked: string | true; readonly agrees: boolean },
): Promise<WaveCommand> {
  const source = place.program && sourceOf(place.program, asked)
  const line = source ? undefined : asked
  if (line === true) throw new CommandError("--test: which command?\n  write it: --test 'npm test'")
  const template = source ? await templateOf(place.program, source, mirror) : ofLine(line as string)
  const trusted = createTrust({ file: trustFile(io), repository: trustedPlace(place.from) })
  const trust: Trust = line === undefined ? trusted : { ...trusted, isTrusted: async () => true }
  const runner = createRunner({
    repository: prober.repository,
    folder: join(place.state, 'checkouts'),
    trust,
    environment: io.env,
    ...(await sandboxing(io)),
  })
  return {
    command: template.run,
    close: () => runner.close(),
    async run(commit, tree) {
      const request = { ...template, commit, tree }
      if (agrees && line === undefined) {
        const { digest, run, folder } = await inspect(prober.repository, request)
        if (!(await trust.isTrusted(digest)))
          await trust.add([{ digest, run, folder, repository: trustedPlace(place.from), trustedAt: io.now() }])
      }
      return resultOf(await runner.run(request, io.signal))
    },
  }
}

/** The command source meant; undefined when the text is a command line. */
function sourceOf(program: Program, asked: string | true): string | undefined {
  const commands = program.sources.filter((one) => one.collect === 'command').map((one) => one.id)
  if (asked !== true) return commands.find((id) => id === asked)
  const [only] = commands
  const chosen = program.merge.test ?? (commands.length === 1 ? only : undefined)
  if (chosen !== undefined) return chosen
  throw new CommandError(
    `--test: which command? ${commands.length === 0 ? 'the program has no command source' : `the program has ${commands.join(', ')}`}\n  name one, or set merge.test in the program file`,
  )
}

async function templateOf(program: Program, id: string, mirror: Mirror): Promise<CommandRequest> {
  const source = program.sources.find((one) => one.id === id)
  const state = await mirror.resolve(program.target)
  const request = source && commandRequest(requestOf(program, source, SUBJECT, state))
  if (!request)
    throw new CommandError(
      `--test ${id}: there is no branch ${program.target} to run it on\n  name the branch that all merge into under target in the program file`,
    )
  return request
}

const ofLine = (run: string): CommandRequest => ({
  sourceId: 'test',
  subject: SUBJECT,
  commit: '',
  tree: '',
  run,
  folder: '.',
  environment: {},
  timeLimitSeconds: LIMIT_SECONDS,
})

function resultOf(result: CommandResult): TreeResult {
  switch (result.outcome) {
    case 'untrusted':
      return {
        outcome: 'not-run',
        reason: `nobody on this machine has trusted the command with what it reaches in the merged tree (${result.digest.slice(0, 12)}); \`muster radar --test --yes\` trusts it`,
      }
    case 'failed-to-start':
    case 'failed-setup':
    case 'cancelled':
      return { outcome: 'not-run', reason: result.reason }
    case 'ended': {
      if (result.exitCode === 0) return { outcome: 'passed' }
      if (result.exitCode === null) return { outcome: 'not-run', reason: result.reason ?? `it was ended by ${result.signal ?? 'a signal'}` }
      const output = lastLines(result.output, OUTPUT_LINES, OUTPUT_WIDTH)
        .map((one) => redact(plainText(one)))
        .join('\n')
      return { outcome: 'failed', reason: `it ended with exit code ${result.exitCode}`, output }
    }
  }
}
