import { wantsColor, type Io } from '#cli/io.ts'
import { isAcknowledged, isOverdue, listedBlocker } from '#core/api/blocker-list.ts'
import { SEVERITIES, type LedgerEvent } from '#core/ledger/events.ts'
import type { Blocker } from '#core/ledger/state.ts'
import type { Program } from '#core/program/model.ts'
import { formatAway } from '#core/program/quantity.ts'
import { epoch, isoWithOffset } from '#core/schedule/time.ts'
import { json } from '#render/encode.ts'
import type { Ink } from '#render/text/paint.ts'
import { painter } from '#render/text/paint.ts'
import { table, type Cell, type Column } from '#render/text/table.ts'

export type Resolution = Extract<LedgerEvent, { readonly type: 'blocker-resolved' }>['body']

interface Listing {
  readonly program: Program
  readonly at: string
  readonly blockers: readonly Blocker[]
  readonly resolutions: ReadonlyMap<string, Resolution>
  readonly all: boolean
  readonly format: 'text' | 'json'
}

/** Prints blockers: open ones by severity, then by deadline; resolved ones last. */
export function listBlockers(io: Io, listing: Listing): void {
  const chosen = listing.blockers.filter((one) => listing.all || one.resolvedAt === undefined).toSorted(worstFirst)
  if (listing.format === 'json') io.stdout.write(json(asJson(listing, chosen)))
  else io.stdout.write(asText(io, listing, chosen))
}

const worstFirst = (a: Blocker, b: Blocker): number =>
  Number(a.resolvedAt !== undefined) - Number(b.resolvedAt !== undefined) ||
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
  epoch(a.deadline) - epoch(b.deadline)

const COLUMNS: readonly Column[] = [
  { header: 'BLOCKER', fit: 'cut' },
  { header: 'SEVERITY' },
  { header: 'STREAM', fit: 'cut' },
  { header: 'OWNER', fit: 'cut' },
  { header: 'DEADLINE' },
  { header: 'STATE' },
  { header: 'TITLE', fit: 'wrap', least: 20 },
]

function asText(io: Io, { at, blockers, resolutions, all }: Listing, chosen: readonly Blocker[]): string {
  const resolved = blockers.filter((one) => one.resolvedAt !== undefined).length
  const hidden = all || resolved === 0 ? '' : `; ${resolved} resolved, --all lists ${resolved === 1 ? 'it' : 'them'}`
  if (chosen.length === 0) return `no ${all ? '' : 'open '}blockers are recorded${hidden}\n`
  const rows = chosen.map((one): Cell[] => [
    { text: one.blocker },
    { text: one.severity, ...ink(one.resolvedAt === undefined && one.severity === 'critical' ? 'bad' : undefined) },
    { text: one.stream },
    { text: one.owner },
    { text: deadlineWords(one, at), ...ink(isOverdue(one, at) ? 'bad' : undefined) },
    { text: stateWords(one, at, resolutions.get(one.blocker)?.outcome) },
    { text: one.labels && one.labels.length > 0 ? `${one.title} [${one.labels.join(', ')}]` : one.title },
  ])
  const lines = table(COLUMNS, rows, io.stdout.columns, painter(wantsColor(io, io.stdout)))
  const open = chosen.filter((one) => one.resolvedAt === undefined)
  const overdue = open.filter((one) => isOverdue(one, at)).length
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n${open.length} open, ${overdue} overdue${hidden}\n`
}

const ink = (value: Ink | undefined): { readonly ink?: Ink } => (value === undefined ? {} : { ink: value })

function deadlineWords(blocker: Blocker, at: string): string {
  if (blocker.resolvedAt !== undefined) return '–'
  const seconds = (epoch(blocker.deadline) - epoch(at)) / 1000
  if (seconds === 0) return 'now'
  return seconds < 0 ? `overdue by ${formatAway(-seconds)}` : `in ${formatAway(seconds)}`
}

function stateWords(blocker: Blocker, at: string, outcome: string | undefined): string {
  if (blocker.resolvedAt !== undefined) return outcome ?? 'resolved'
  const until = blocker.acknowledgedUntil
  return until !== undefined && isAcknowledged(blocker, at) ? `acknowledged, ${formatAway((epoch(until) - epoch(at)) / 1000)} left` : 'open'
}

function asJson({ program, at, resolutions }: Listing, chosen: readonly Blocker[]) {
  const blockers = chosen.map((one) => listedBlocker(program, one, at, resolutions.get(one.blocker)))
  return { schemaVersion: 1, program: program.id, at: isoWithOffset(at, program.calendar.zone), blockers }
}
