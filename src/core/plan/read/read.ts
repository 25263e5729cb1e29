import { findInvitations } from '#core/plan/read/invitations.ts'
import { parse } from 'yaml'
import type { Fact, Plan, PlanCheckpoint, PlanTime, PlanUnit } from '#core/plan/model.ts'
import { blocksOf, lineBlock, MOST_CHARACTERS, type Block } from '#core/plan/read/blocks.ts'
import { deliverablesOf, Draft, pick, type CheckpointDraft, type UnitDraft } from '#core/plan/read/draft.ts'
import { addDependencies, addIntegration, addPaths, readFieldLine } from '#core/plan/read/fields.ts'
import { readFence } from '#core/plan/read/fences.ts'
import { labelOf, readAgendaItem, readHeading } from '#core/plan/read/headings.ts'
import { readItem, readMatrixLine } from '#core/plan/read/items.ts'
import { Reader } from '#core/plan/read/reader.ts'
import { readRow } from '#core/plan/read/tables.ts'
import { dateText, isDated, isRelative, relativeDate, type WrittenTime } from '#core/plan/read/time.ts'
import { oneLine, repairText } from '#core/plan/read/text.ts'
import { GROUPING, listOf, readField, readUnit } from '#core/plan/read/words.ts'
import type { Place } from '#core/problems.ts'

export interface PlanDocument {
  /** Name that places in it carry. */
  readonly file: string
  readonly text: string
}

export interface ReadOptions {
  /** The day the plan begins, `YYYY-MM-DD`: what `Week 2`, `Day 3` and `T-7` count from. */
  readonly anchor?: string
  /** The year of dates that have none; else the one most dates of the plan have. */
  readonly year?: number
  readonly zone?: string
}

export interface ReadPlan {
  readonly plan: Plan
  /** Lines that hold something: all, those that became part of the plan, those that did not. */
  readonly lines: { readonly read: number; readonly used: number; readonly left: number }
  /** Times that cannot be placed without an anchor, or without a year. */
  readonly needsAnchor: readonly Fact<string>[]
  readonly needsYear: readonly Fact<string>[]
}

/**
 * Reads Markdown documents as one plan. Nothing is corrected and nothing dropped silently: every
 * line either becomes part of the plan or is listed as unplaced. Takes any text; linear in its size.
 */
export function readDocuments(documents: readonly PlanDocument[], options: ReadOptions = {}): ReadPlan {
  const draft = new Draft()
  let read = 0
  let left = 0
  const unplaced: Fact<string>[] = []
  for (const { file, text } of documents) {
    const repaired = repairText(text)
    const reader = new Reader(draft, file)
    if (repaired.count > 0) {
      draft.notice(
        reader.place(repaired.line),
        `the text is UTF-8 that was read as Windows-1252: ${repaired.count} characters were put right`,
      )
    }
    for (const block of blocksOf(repaired.text)) step(reader, block)
    reader.close(0)
    for (const { unit, text: words, place } of reader.later.splice(0)) {
      addDependencies(reader, unit, words, place)
      if (reader.later.splice(0).length > 0) unit.dependsOn.push({ ...pick(place), unit: oneLine(words, 80), text: oneLine(words, 120) })
    }
    read += reader.read
    left += reader.left
    for (const fact of reader.unplaced.toSorted((a, b) => a.line - b.line)) unplaced.push(fact)
  }
  return finish(draft, options, unplaced, read, left)
}

function step(reader: Reader, block: Block): void {
  switch (block.kind) {
    case 'blank':
      return
    case 'heading':
      reader.read += 1
      readHeading(reader, block.text, block.level, block.line, block.column)
      return
    case 'item':
      reader.read += 1
      if (!readItem(reader, block)) reader.leave(block.text, block.line, block.column)
      return
    case 'table':
      reader.read += 1
      reader.open({ level: 9, text: block.header.join(' | '), line: block.line, column: block.column, used: false })
      return
    case 'row':
      reader.read += 1
      if (!readRow(reader, block)) reader.leave(block.cells.map((one) => one.text).join(' | '), block.line, block.column)
      return
    case 'fence':
      readFence(reader, block, (raw, line) =>
        step(reader, raw.length > MOST_CHARACTERS ? { kind: 'text', text: raw, raw, line, column: 1, indent: 0 } : lineBlock(raw, line)),
      )
      return
    case 'text':
      reader.read += 1
      if (block.text.length > MOST_CHARACTERS || !readText(reader, block)) reader.leave(block.text, block.line, block.column)
  }
}

/** A line of its own: a label, a field, a line of the list that is open. False when nothing knows it. */
function readText(reader: Reader, block: Extract<Block, { kind: 'text' }>): boolean {
  const { text, raw, line, column } = block
  const place = reader.place(line, column)
  const inFence = reader.scopes.some((scope) => scope.level === 9 && scope.line === 0)
  if (!inFence && block.indent === 0) reader.close(10)
  reader.mentions(text, place)
  if (reader.find('matrix') && readMatrixLine(reader, text, place)) return reader.claim()
  const label = labelOf(raw, text)
  if (label) {
    const agenda = reader.find('list') === 'agenda' ? readAgendaItem(reader, label.text, line, column) : undefined
    if (agenda) {
      const scope = reader.open({ level: 8, text, line, column, used: true, item: agenda })
      scope.list = 'agenda'
      return true
    }
    readHeading(reader, label.text, inFence ? 9.5 : label.level, line, column)
    if (inFence) {
      const scope = reader.scopes.at(-1)
      const list = listOf(label.text)
      if (scope && list) scope.list = list
    }
    return true
  }
  const field = readField(text)
  if (field && field.value !== '' && readFieldLine(reader, field, { ...place, column: column + Math.max(0, raw.indexOf(field.value)) }))
    return reader.claim()
  if (reader.roleLine(text, place)) return reader.claim()
  const list = reader.find('list')
  const checkpoint = reader.find('checkpoint')
  const arrow = /^(?:→|->|=>|⇒)\s*(.+)$/u.exec(text)
  if (arrow?.[1] !== undefined && checkpoint && (list === 'go' || list === 'no-go')) {
    ;(list === 'go' ? checkpoint.go : checkpoint.noGo).push({ ...place, value: oneLine(arrow[1]) })
    return reader.claim()
  }
  const unit = reader.find('unit')
  // `Agent 2 (tests): test/` gives its files to the unit that it names, not to the one of the line above.
  const named = readUnit(text) !== undefined && text.length < 120 && /[:：(（@–—-]/.test(text)
  if (list === 'files' && unit && !named && addPaths(unit, raw.replaceAll('`', ' '), place)) return reader.claim()
  if (list === 'integration' && /→|->|↔/.test(text) && addIntegration(reader, text, place, reader.find('unit'))) return reader.claim()
  if (named) {
    const found = reader.unitIn(text, place)
    if (found) {
      const rest = readField(found.rest)
      if (rest && rest.value !== '') readFieldLine(reader, rest, place)
      else if (list === 'files') {
        const from = raw.search(/[:：]/) + 1
        addPaths(found.unit, raw.slice(from).replaceAll('`', ' '), { ...place, column: column + from })
      }
      reader.open({ level: 8, text, line, column, used: true, unit: found.unit })
      return true
    }
  }
  return false
}

function finish(draft: Draft, options: ReadOptions, unplaced: readonly Fact<string>[], read: number, left: number): ReadPlan {
  const all: (WrittenTime & Place)[] = [
    ...draft.checkpoints.flatMap((one) => [one.written, one.meeting].filter((time) => time !== undefined)),
    ...draft.dates,
  ]
  const year = mostFrequent(all.flatMap((time) => time.year ?? []))
  const taken = year ?? options.year
  const needsYear: Fact<string>[] = []
  const needsAnchor: Fact<string>[] = []
  const resolve = (time: WrittenTime & Place): PlanTime => {
    const base = {
      ...pick(time),
      text: time.text,
      ...(time.weekday !== undefined && { weekday: { ...pick(time), value: time.weekday } }),
      ...(time.time !== undefined && { time: time.time }),
    }
    if (isDated(time)) {
      const its = time.year ?? taken
      if (its === undefined) {
        needsYear.push({ ...pick(time), value: time.text })
        return base
      }
      if (time.year === undefined && year === undefined) draft.notice(time, `dates without a year were taken to be of ${its}`, 'year')
      const date = dateText(its, time.month ?? 0, time.day ?? 0)
      if (date === undefined) draft.notice(time, `"${time.text}" is no day of the calendar`)
      return { ...base, ...(date !== undefined && { date }) }
    }
    if (!isRelative(time) && time.weekday === undefined) return base
    if (options.anchor === undefined) {
      if (isRelative(time)) needsAnchor.push({ ...pick(time), value: time.text })
      return base
    }
    const relative = relativeDate(time, options.anchor)
    if (!relative) return base
    draft.notice(time, `times such as "${time.text}" were counted from ${options.anchor}`, 'anchor')
    return { ...base, date: relative.date, ...(relative.time !== undefined && time.time === undefined && { time: relative.time }) }
  }
  const checkpoints = draft.checkpoints.map((one) => checkpointOf(one, resolve, draft))
  const units = unitsOf(draft)
  const invitations = findInvitations(unplaced, draft.checkpoints, checkpoints)
  const rest = invitations ? unplaced.filter((one) => one !== invitations.from) : unplaced
  const notPlaced = left - (unplaced.length - rest.length)
  const plan: Plan = {
    ...(draft.title && { title: draft.title }),
    ...(draft.program && { program: draft.program }),
    ...(draft.repository && { repository: draft.repository }),
    ...verbatimOf(draft),
    ...(year !== undefined && { year }),
    ...(draft.zone
      ? { zone: draft.zone }
      : options.zone === undefined
        ? {}
        : { zone: { file: '', line: 0, column: 0, value: options.zone } }),
    ...(draft.target && { target: draft.target }),
    ...(draft.workDays && draft.workDays.length > 0 && { workDays: draft.workDays }),
    ...(draft.hours && { hours: draft.hours }),
    holidays: draft.holidays,
    people: [...draft.people.values()],
    units: units.map(planUnit),
    checkpoints,
    syncs: draft.syncs,
    matrices: draft.matrices,
    escalations: draft.escalations,
    templates: draft.templates,
    commands: draft.commands,
    notices: draft.notices,
    dates: draft.dates.map(resolve),
    noDependencies: draft.noDependencies,
    statements: draft.statements,
    ...(invitations && { invitations: invitations.when }),
    unplaced: rest,
  }
  return { plan, lines: { read, used: read - notPlaced, left: notPlaced }, needsAnchor, needsYear }
}

const titleOf = (unit: UnitDraft): string => unit.id.replace(/^./, (first) => first.toUpperCase()).replaceAll('-', ' ')

function planUnit(draft: UnitDraft): PlanUnit {
  const { file, line, column, id, word, lead, support, reviewers, branch, paths, integrationPoints, dependsOn } = draft
  return {
    file,
    line,
    column,
    id,
    name: draft.name === '' ? titleOf(draft) : draft.name,
    word,
    ...(lead && { lead }),
    support,
    reviewers,
    ...(branch && { branch }),
    paths,
    deliverables: deliverablesOf(draft),
    integrationPoints,
    dependsOn,
  }
}

/** Units without those that only group others: a wave of agents is no unit when its agents are. */
function unitsOf(draft: Draft): readonly UnitDraft[] {
  return [...draft.units.values()].filter((unit) => {
    const groups = unit.children.length > 0 && GROUPING.has(unit.word) && unit.deliverables.size === 0 && unit.lead === undefined
    if (groups)
      draft.notice(
        unit,
        `${titleOf(unit)} groups ${unit.children.map((one) => titleOf(one)).join(', ')} and was not taken as a unit of its own`,
      )
    return !groups
  })
}

function checkpointOf(one: CheckpointDraft, resolve: (time: WrittenTime & Place) => PlanTime, draft: Draft): PlanCheckpoint {
  const day =
    one.written &&
    resolve(
      one.week !== undefined && one.written.week === undefined && !isDated(one.written) ? { ...one.written, week: one.week } : one.written,
    )
  const meeting = one.meeting?.time
  const time = meeting ?? day?.time ?? (one.written?.endOfDay ? endOfDay(one, draft) : undefined)
  const when: PlanTime | undefined = day ? { ...day, ...(time !== undefined && { time }) } : one.meeting && resolve(one.meeting)
  const { written: _, meeting: __, week: ___, criterionIds: ____, exact: _____, more, agenda, ...plan } = one
  const untimed = agenda.filter((item) => item.seconds === 0)
  const share = Math.max(
    0,
    (one.meetingSeconds?.value ?? one.durationSeconds?.value ?? 0) - agenda.reduce((sum, item) => sum + item.seconds, 0),
  )
  return {
    ...plan,
    ...(when && { when }),
    agenda: agenda.map((item) => (item.seconds === 0 ? { ...item, seconds: Math.floor(share / untimed.length / 60) * 60 } : item)),
    ...(Object.keys(more).length > 0 && { more }),
  }
}

/** EOD: the meeting ends with the working hours. */
function endOfDay(one: CheckpointDraft, draft: Draft): string {
  const [hours = 17, minutes = 0] = (draft.hours?.end ?? '17:00').split(':').map(Number)
  const start = Math.max(0, hours * 60 + minutes - Math.ceil((one.durationSeconds?.value ?? 0) / 60))
  return `${String(Math.floor(start / 60)).padStart(2, '0')}:${String(start % 60).padStart(2, '0')}`
}

function mostFrequent(years: readonly number[]): number | undefined {
  const counts = new Map<number, number>()
  for (const one of years) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0]
}

/** Parts of a program file that an exported plan carries as YAML. What is no mapping is said and left out. */
function verbatimOf(draft: Draft): Pick<Plan, 'verbatim'> {
  const verbatim: Record<string, unknown> = {}
  for (const part of draft.yaml) {
    try {
      const value: unknown = parse(part.value, { maxAliasCount: 0, schema: 'core' })
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) Object.assign(verbatim, value)
      else draft.notice(part, 'the YAML here is no mapping and was left out')
    } catch {
      draft.notice(part, 'the YAML here cannot be read and was left out')
    }
  }
  return Object.keys(verbatim).length > 0 ? { verbatim } : {}
}
