import { parse } from 'yaml'
import { DELIVERABLE_KINDS, TIERS, WEEKDAYS } from '#core/program/model.ts'
import { parseQuantity } from '#core/program/quantity.ts'
import { pick } from '#core/plan/read/draft.ts'
import { findDuration } from '#core/plan/read/time.ts'
import type { BlockOf, Reader } from '#core/plan/read/reader.ts'
import type { Place } from '#core/problems.ts'

/**
 * The tables that `muster export --format markdown` writes. They are known by their whole header,
 * and say ids, measures and conditions in the words of a program file, so that an exported plan is
 * read back as it was.
 */
export const EXPORTED = {
  people: ['Id', 'Name', 'Roles', 'Handle', 'E-mail', 'Slack', 'GitHub', 'Allocation'],
  paths: ['Path of the stream'],
  deliverables: ['Id', 'Deliverable', 'Kind', 'Measure', 'Whole'],
  integration: ['Id', 'Integration point', 'With', 'Measure'],
  agenda: ['Item', 'Time', 'Held', 'Topics'],
  criteria: ['Id', 'Criterion', 'Tier', 'For', 'Condition', 'Owner'],
  targets: ['Stream', 'Deliverable', 'Due'],
  go: ['On GO'],
  noGo: ['On NO-GO'],
  signOff: ['Role', 'Signatures'],
  settings: ['Setting', 'Value'],
  syncs: ['Id', 'Sync', 'Days', 'Time', 'Length', 'Format', 'Attendees', 'Topics'],
} as const

type Kind = keyof typeof EXPORTED

const BY_HEADER = new Map(Object.entries(EXPORTED).map(([kind, header]) => [header.join('\0'), kind as Kind]))

/** Parts several texts in one cell. */
export const BETWEEN = ' ¦ '

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** A row of an exported table; false when it is none, or says what cannot be. */
export function readExported(reader: Reader, row: BlockOf<'row'>): boolean {
  const kind = BY_HEADER.get(row.header.join('\0'))
  if (!kind) return false
  const cells = row.header.map((_, index) => row.cells[index]?.text ?? '')
  const place = reader.place(row.line, row.cells[0]?.column ?? row.column)
  return READERS[kind](reader, cells, place)
}

type RowReader = (reader: Reader, cells: readonly string[], place: Place) => boolean

const list = (text: string): readonly string[] => (text === '' ? [] : text.split(BETWEEN))
const optional = <K extends string>(key: K, text: string | undefined): { readonly [key in K]?: string } =>
  text === undefined || text === '' ? {} : ({ [key]: text } as { readonly [key in K]: string })

const READERS: Readonly<Record<Kind, RowReader>> = {
  people: (reader, [id = '', name = '', roles = '', handle, email, slack, github, allocation], place) => {
    if (!ID.test(id)) return false
    const share = parseQuantity(allocation ?? '')
    reader.draft.declare({
      ...place,
      id,
      name,
      ...optional('handle', handle),
      roles: list(roles).map((role) => ({ ...place, value: role })),
      ...(share.ok && share.quantity.unit === 'ratio' && { allocation: { ...place, value: share.quantity.low } }),
      ...optional('email', email),
      ...optional('slack', slack),
      ...optional('github', github),
      mentions: [place],
    })
    return true
  },
  paths: (reader, [path = ''], place) => {
    const unit = reader.find('unit')
    if (!unit || path === '') return false
    unit.paths.push({ ...place, value: path })
    return true
  },
  deliverables: (reader, [id = '', title = '', kind = '', measure, whole], place) => {
    const unit = reader.find('unit')
    const known = DELIVERABLE_KINDS.find((one) => one === kind)
    if (!unit || !known || !ID.test(id)) return false
    const parsed = parseQuantity(whole ?? '')
    const full = parsed.ok
      ? {
          ...place,
          text: whole ?? '',
          low: parsed.quantity.low,
          high: parsed.quantity.high,
          unit: parsed.quantity.unit ?? ('count' as const),
          sense: 'exact' as const,
        }
      : undefined
    unit.deliverables.set(`id ${id}`, {
      ...place,
      id,
      title,
      kind: known,
      ...(measure !== undefined && measure !== '' && { measure, whole: whole ?? '' }),
      ...(full && { full }),
    })
    return true
  },
  integration: (reader, [id = '', title = '', other = '', measure], place) => {
    const unit = reader.find('unit')
    if (!unit || !ID.test(id)) return false
    unit.integrationPoints.push({ ...place, id, value: title, with: other, ...optional('measure', measure) })
    return true
  },
  agenda: (reader, [title = '', time = '', held = '', topics = ''], place) => {
    const checkpoint = reader.find('checkpoint')
    const seconds = findDuration(time)
    if (!checkpoint || seconds === undefined) return false
    checkpoint.agenda.push({
      ...place,
      title,
      seconds,
      ...(held === 'for each stream' && { each: 'stream' as const }),
      topics: [...list(topics)],
    })
    return true
  },
  criteria: (reader, [id = '', text = '', tier = '', where = '', written = '', owner], place) => {
    const checkpoint = reader.find('checkpoint')
    const known = TIERS.find((one) => one === tier)
    const condition = conditionOf(written)
    if (!checkpoint || !known || !condition || !ID.test(id)) return false
    const units =
      where === 'streams' ? undefined : where === 'program' ? [] : list(where).map((one) => reader.draft.unitNamed(one)?.id ?? one)
    checkpoint.criteria.push({
      ...place,
      id: checkpoint.criterionIds.take(id, 'criterion'),
      text,
      tier: known,
      about: 'other',
      list: 'criteria',
      condition,
      ...(units ? { units } : { scope: 'streams' as const }),
      ...optional('owner', owner),
    })
    return true
  },
  targets: (reader, [stream = '', deliverable = '', due = ''], place) => {
    const checkpoint = reader.find('checkpoint')
    const unit = reader.draft.unitNamed(stream)
    const owed = unit?.deliverables.get(`id ${deliverable}`)
    if (!checkpoint || !unit || !owed) return false
    checkpoint.targets.push({ ...place, unit: unit.id, deliverable, title: owed.title, kind: owed.kind, due })
    return true
  },
  go: (reader, [action = ''], place) => addAction(reader, 'go', action, place),
  noGo: (reader, [action = ''], place) => addAction(reader, 'noGo', action, place),
  signOff: (reader, [role = '', quorum = ''], place) => {
    const checkpoint = reader.find('checkpoint')
    if (!checkpoint || !ID.test(role) || !/^\d{1,3}$/.test(quorum)) return false
    checkpoint.signOff.push({ ...pick(place), role, quorum: Number(quorum) })
    return true
  },
  settings: (reader, [key = '', value = '']) => {
    const checkpoint = reader.find('checkpoint')
    if (!checkpoint || !/^[a-z -]{1,20}$/.test(key)) return false
    checkpoint.more[key] = value
    return true
  },
  syncs: (reader, [id = '', name = '', days = '', time = '', length = '', format = '', attendees = '', topics = ''], place) => {
    const weekdays = WEEKDAYS.filter((one) => days.split(/,\s*/).includes(one))
    const seconds = findDuration(length)
    if (!ID.test(id) || weekdays.length === 0 || seconds === undefined || !/^\d\d:\d\d$/.test(time)) return false
    // In the order in which they are written.
    const inOrder = days.split(/,\s*/).flatMap((day) => weekdays.find((one) => one === day) ?? [])
    reader.draft.syncs.push({
      ...place,
      id,
      name,
      days: inOrder,
      time,
      durationSeconds: seconds,
      format,
      topics: [...list(topics)],
      attendees: list(attendees).map((one) => ({ ...place, value: one })),
    })
    return true
  },
}

function addAction(reader: Reader, side: 'go' | 'noGo', action: string, place: Place): boolean {
  const checkpoint = reader.find('checkpoint')
  if (!checkpoint || action === '') return false
  checkpoint[side].push({ ...place, value: action })
  return true
}

function conditionOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = parse(text, { maxAliasCount: 0, schema: 'core' })
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}
