import { CommandError, EXIT, wantsColor, type Io } from '#cli/io.ts'
import { readState } from '#cli/ledger-state.ts'
import { blockerStory } from '#core/ledger/blocker-story.ts'
import { refuseUnknown } from '#core/people/refusal.ts'
import type { Program } from '#core/program/model.ts'
import { formatInstant, isoWithOffset } from '#core/schedule/time.ts'
import { json, terminal } from '#render/encode.ts'
import { painter } from '#render/text/paint.ts'
import { table, type Column } from '#render/text/table.ts'
import type { Store } from '#store/store.ts'

interface Showing {
  readonly ledger: Store
  readonly program: Program
  readonly id: string
  readonly format: 'text' | 'json'
}

const columnsIn = (zone: string): readonly Column[] => [
  { header: `WHEN (${zone})` },
  { header: 'RECORD', align: 'right' },
  { header: 'WHO', fit: 'cut' },
  { header: 'WHAT', fit: 'wrap', least: 30 },
]

/** Prints the story of one blocker, oldest first. */
export async function showBlocker(io: Io, { ledger, program, id, format }: Showing): Promise<void> {
  const { state } = await readState(ledger, program.id)
  const blocker = state.blockers.find((one) => one.blocker === id)
  if (!blocker) {
    const { message, remedy } = refuseUnknown(
      'blocker',
      id,
      state.blockers.map((one) => one.blocker),
    )
    throw new CommandError(`${message}\n  ${remedy}`, EXIT.usage)
  }
  const story = blockerStory(program, id)
  for await (const event of ledger.read(program.id, { types: story.types })) story.take(event)
  const { zone } = program.calendar
  if (format === 'json') {
    const entries = story.entries.map((one) => ({ ...one, at: isoWithOffset(one.at, zone) }))
    io.stdout.write(json({ schemaVersion: 1, program: program.id, blocker: id, title: blocker.title, stream: blocker.stream, entries }))
    return
  }
  const rows = story.entries.map(({ at, seq, actor, text }) => [
    { text: formatInstant(at, zone) },
    { text: String(seq) },
    { text: actor },
    { text },
  ])
  const lines = table(columnsIn(zone), rows, io.stdout.columns, painter(wantsColor(io, io.stdout)))
  io.stdout.write(`${terminal(`${id}, ${blocker.stream}: ${blocker.title}`)}\n${lines.map((line) => line.trimEnd()).join('\n')}\n`)
}
