import { readReported } from '#cli/evidence/ledger.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { chooseStreams } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { soundly } from '#cli/soundly.ts'
import { openLedger } from '#cli/wire.ts'
import { streamSubject, type Evidence } from '#core/evidence/evidence.ts'
import { evidenceOfRecord } from '#core/evidence/reported.ts'
import type { Program } from '#core/program/model.ts'
import { isoWithOffset } from '#core/schedule/time.ts'

/** A piece of evidence, and the record that holds it. */
export interface Kept {
  readonly evidence: Evidence
  readonly record: number
  readonly recordedAt: string
}

/** All evidence of the record that is asked for, oldest first: what checks gathered, and what CI reported. */
export async function readKept(
  io: Io,
  { config, stream }: { readonly config?: string | undefined; readonly stream?: string | undefined },
  matches: (metric: string) => boolean,
): Promise<{ readonly program: Program; readonly kept: readonly Kept[] }> {
  const { program, folder } = await loadProgramFile(io, config)
  if (stream !== undefined && stream !== 'program') chooseStreams(program, [stream])
  const subject = stream === undefined || stream === 'program' ? stream : streamSubject(stream)
  const store = await openLedger(io, folder, 'read')
  try {
    const kept: Kept[] = []
    const add = (evidence: Evidence, record: number, recordedAt: string): void => {
      if ((subject === undefined || evidence.subject === subject) && matches(evidence.metric)) kept.push({ evidence, record, recordedAt })
    }
    await soundly(store, program.id, async () => {
      const records = await readReported(store, program)
      const sent = records.flatMap((record) => evidenceOfRecord(record).map((one) => ({ one, record })))
      const keyOf = ({ metric, commit, sha256 }: Evidence): string => JSON.stringify([metric, commit, sha256])
      const pushed = new Set(sent.map(({ one }) => keyOf(one)))
      for await (const event of store.read(program.id, { types: ['evidence'] })) {
        if (event.type !== 'evidence') continue
        // What CI pushed has a record of its own; what was fetched from it has not.
        for (const one of event.body.snapshot.evidence)
          if (one.provenance !== 'reported' || !pushed.has(keyOf(one))) add(one, event.seq, event.at)
      }
      for (const { one, record } of sent) add(one, record.seq, record.at)
    })
    return { program, kept: kept.toSorted((a, b) => a.record - b.record) }
  } finally {
    await store.close()
  }
}

export const keptAsJson = ({ evidence, record, recordedAt }: Kept, { calendar: { zone } }: Program) => ({
  ...evidence,
  observedAt: isoWithOffset(evidence.observedAt, zone),
  record,
  recordedAt: isoWithOffset(recordedAt, zone),
})

export const nothingKept = (what: string): CommandError =>
  new CommandError(`the record holds no evidence${what}\n  \`muster check\` records what it gathers`, 3)
