import { Command, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { CommandError, wantsColor, type Io } from '#cli/io.ts'
import { chooseTime } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { soundly } from '#cli/soundly.ts'
import { openEdges, openLedger } from '#cli/wire.ts'
import type { Program } from '#core/program/model.ts'
import { readSince } from '#core/schedule/deadline.ts'
import { epoch } from '#core/schedule/time.ts'
import { lastStandUp } from '#core/stand-up/since.ts'
import { standUp, type StandUpInput } from '#core/stand-up/stand-up.ts'

/** `muster standup`: what changed since the last stand-up, from git and the record; nothing is run. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('standup')
    .description(
      'Say what changed since the last stand-up: commits, measured numbers against what was planned, blockers, who has not checked in. From git and the record; nothing is run or recorded.',
    )
    .option(...CONFIG_OPTION)
    .option('--since <time>', 'since when: 24h, 2 days, "2026-02-25 09:45" (default: the last stand-up)')
    .addOption(new Option('--at <time>', 'clock of the digest').hideHelp())
    .addOption(
      new Option('--format <format>', 'form of the digest').choices(['text', 'markdown', 'json'] as const).default('text' as const),
    )
    .action(async (options) => {
      const { program, folder } = await loadProgramFile(io, options.config)
      const at = chooseTime(io, program, options.at)
      const since = sinceOf(program, options.since, at)
      const recorded = await readRecord(io, folder, program, since, at)
      const commits = await readCommits(io, folder, program, { since, at, ...recorded })
      const digest = standUp({ program, since, at, ...recorded, commits })
      if (options.format === 'json') io.stdout.write((await import('#render/json/index.ts')).jsonDocument(digest, program.calendar.zone))
      else if (options.format === 'markdown') io.stdout.write((await import('#render/stand-up/markdown.ts')).standUpMarkdown(digest))
      else {
        const { standUpText } = await import('#render/stand-up/text.ts')
        io.stdout.write(standUpText(digest, { width: io.stdout.columns, color: wantsColor(io, io.stdout) }))
      }
      exit(0)
    }) as unknown as PlainCommand
}

function sinceOf(program: Program, text: string | undefined, at: string): string {
  if (text === undefined) return lastStandUp(program, at)
  const read = readSince(text, at, program.calendar.zone)
  if (!read.ok) throw new CommandError(`--since: ${read.reason}`)
  return read.at
}

type Recorded = Omit<StandUpInput, 'program' | 'since' | 'at' | 'commits'>

/** One pass over the ledger; of the evidence only two snapshots are held. */
async function readRecord(io: Io, folder: string, program: Program, since: string, at: string): Promise<Recorded> {
  const { FOLDED, folding } = await import('#core/ledger/state.ts')
  const fold = folding()
  const checkIns: StandUpInput['checkIns'][number][] = []
  const before: { [stream: string]: StandUpInput['before'][string] } = Object.create(null)
  let measuredBefore: StandUpInput['measuredBefore']
  let measured: StandUpInput['measured']
  const ledger = await openLedger(io, folder, 'read')
  try {
    await soundly(ledger, program.id, async () => {
      for await (const event of ledger.read(program.id, { types: [...FOLDED, 'evidence'] })) {
        if (epoch(event.at) > epoch(at)) continue
        const isBefore = epoch(event.at) <= epoch(since)
        if (event.type === 'evidence') {
          measured = { at: event.at, snapshot: event.body.snapshot }
          if (isBefore) measuredBefore = measured
          continue
        }
        fold.take(event)
        if (event.type !== 'check-in') continue
        const said = { ...event.body, at: event.at, actor: event.actor }
        if (isBefore) before[said.stream] = said
        else checkIns.push(said)
      }
    })
  } finally {
    await ledger.close()
  }
  return { state: fold.state(), checkIns, before, ...(measuredBefore && { measuredBefore }), ...(measured && { measured }) }
}

/** Commits of each branch in the time between, by when they were committed; those of the target are nobody's. */
async function readCommits(
  io: Io,
  folder: string,
  program: Program,
  { since, at, measuredBefore }: Pick<StandUpInput, 'since' | 'at' | 'measuredBefore'>,
): Promise<StandUpInput['commits']> {
  const [edges, { forkOf }] = await Promise.all([openEdges(io, program, folder), import('#collect/git/fork.ts')])
  try {
    const { mirror } = edges
    await mirror.refresh(io.signal)
    const target = await mirror.resolve(program.target)
    const found = program.streams.map(async ({ id, branch }): Promise<[string, StandUpInput['commits'][string]]> => {
      const head = await mirror.resolve(branch)
      if (head.state !== 'present') return [id, { reason: head.reason }]
      const fork = target.state === 'present' ? await forkOf(mirror, head.commit, target.commit) : undefined
      // A branch that has landed since is still counted: from where the target stood then, if that commit is still there.
      const then = measuredBefore?.snapshot.subjects['program']
      const now = fork?.how === 'merged' ? fork.base : target.state === 'present' ? target.commit : undefined
      const commits = await mirror
        .commits(then?.state === 'present' ? then.commit : now, head.commit)
        .catch(() => mirror.commits(now, head.commit))
      return [id, commits.filter(({ committedAt }) => epoch(committedAt) > epoch(since) && epoch(committedAt) <= epoch(at))]
    })
    return Object.fromEntries(await Promise.all(found))
  } finally {
    await edges.close()
  }
}
