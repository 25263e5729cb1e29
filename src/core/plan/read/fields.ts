import { pick, type UnitDraft } from '#core/plan/read/draft.ts'
import { addFact, type Reader } from '#core/plan/read/reader.ts'
import { findDuration, findTime, findWeekdays, isDated, isRelative } from '#core/plan/read/time.ts'
import { bare, oneLine, trimMarks } from '#core/plan/read/text.ts'
import { isNobody, isNothing, readUnit, roleOf, type Field } from '#core/plan/read/words.ts'
import { round } from '#core/program/quantity.ts'
import type { Place } from '#core/problems.ts'

const STREAMS = /\b(?:work[ -]?streams|streams|tracks|lanes|squads)\b|arbeitsstränge|flujos de trabajo|工作流/iu
const NO_STREAM = /^(?:overview|summary|status|purpose|about|background|introduction|legend|notes?|contacts?)\b/i

/** The nearest of what fields are about; in a document about streams, a heading with a branch or an owner of its own is one of them. */
function headed(reader: Reader, field: Field): ReturnType<Reader['nearest']> {
  const near = reader.nearest()
  if ((field.kind !== 'branch' && field.kind !== 'lead') || Object.keys(near).length > 0) return near
  const heading = reader.scopes.findLast((scope) => scope.level <= 6)
  if (!heading || heading.level < 2 || heading.level > 3 || reader.find('list') !== undefined) return near
  const name = trimMarks(bare(heading.text))
  if (name === '' || name.length > 60 || NO_STREAM.test(name) || !STREAMS.test(reader.draft.title?.value ?? '')) return near
  heading.unit = reader.draft.unit('workstream', name, name, reader.place(heading.line, heading.column))
  heading.used = true
  return { unit: heading.unit }
}

/** `Key: value` in the scope where it stands; false when there is nothing there that has such a key. */
export function readFieldLine(reader: Reader, field: Field, place: Place): boolean {
  const { value } = field
  const near = headed(reader, field)
  const { draft } = reader
  reader.mentions(value, place)
  switch (field.kind) {
    case 'lead': {
      if (near.unit) {
        const before = near.unit.lead?.value
        if (isNobody(value)) return true
        const done = reader.lead(near.unit, value, place)
        if (done && before !== undefined && near.unit.lead) stateLead(reader, near.unit, value, place)
        return done
      }
      if (near.checkpoint || near.sync || near.matrix) return addAttendees(reader, value, place)
      const [first] = reader.names(value, place)
      const person = first && draft.people.get(first.id)
      if (!person) return false
      if (person.roles.length === 0) draft.role(person, roleOf(field.key) === undefined ? 'phase lead' : field.key, place)
      return true
    }
    case 'support':
      return near.unit ? addPeople(reader, near.unit.support, value, place) : false
    case 'reviewers':
      return near.unit ? addPeople(reader, near.unit.reviewers, value, place) : false
    case 'branch':
      return near.unit ? setBranch(reader, near.unit, value, place) : false
    case 'files':
      return near.unit ? addPaths(near.unit, value, place) : false
    case 'hot files':
      draft.notice(place, `files that several units change: ${oneLine(value, 200)}`)
      return value !== ''
    case 'depends':
      return near.unit ? addDependencies(reader, near.unit, value, place) : isNothing(value) ? noDependencies(reader, value, place) : false
    case 'cross':
      return isNothing(value) ? noDependencies(reader, value, place) : false
    case 'unblocks':
      return near.unit ? addUnblocked(reader, near.unit, value, place) : false
    case 'integration':
    case 'contracts':
      return addIntegration(reader, value, place, near.unit)
    case 'duration':
      return setDuration(reader, value, place)
    case 'time':
    case 'date':
      return setTime(reader, value, place, field.kind)
    case 'attendees':
      return near.checkpoint || near.sync ? addAttendees(reader, value, place) : false
    case 'agenda':
    case 'topics':
      return addTopics(reader, field.key, value, place)
    case 'format':
      if (!near.sync) return false
      near.sync.format = oneLine(value, 200)
      return true
    case 'question':
      if (!near.checkpoint) return false
      near.checkpoint.question ??= { ...place, value: oneLine(value) }
      return true
    case 'go':
    case 'no-go':
      if (!near.checkpoint) return false
      for (const action of value.split(/;|。/))
        if (action.trim() !== '')
          (field.kind === 'go' ? near.checkpoint.go : near.checkpoint.noGo).push({ ...place, value: oneLine(action) })
      return true
    case 'sign-off':
      return addSignOff(reader, value, place)
    case 'target':
      draft.target ??= { ...place, value: firstWord(value) }
      return true
    case 'zone':
      draft.zone ??= { ...place, value: firstWord(value) }
      return true
    case 'program':
      draft.program ??= { ...place, value: firstWord(value) }
      return true
    case 'repository':
      draft.repository ??= { ...place, value: oneLine(value, 400) }
      return true
    case 'hours': {
      const match = /(\d{1,2}:\d{2})\s?[-–]\s?(\d{1,2}:\d{2})/.exec(value)
      if (!match) return false
      draft.hours ??= { start: (match[1] ?? '').padStart(5, '0'), end: (match[2] ?? '').padStart(5, '0') }
      return true
    }
    case 'work days':
      draft.workDays ??= findWeekdays(value)
      return true
    case 'holidays':
      draft.holidays.push(...(value.match(/\d{4}-\d{2}-\d{2}/g) ?? []))
      return true
    case 'id':
      if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(value.trim())) return false
      if (near.unit) draft.identify(near.unit, value.trim())
      else if (near.checkpoint) Object.assign(near.checkpoint, { id: value.trim(), exact: true })
      return near.unit !== undefined || near.checkpoint !== undefined
    case 'name':
      if (near.unit && (near.unit.name === '' || near.unit.exact)) near.unit.name = oneLine(value)
      if (near.checkpoint?.exact) near.checkpoint.name = oneLine(value)
      return near.unit !== undefined || near.checkpoint?.exact === true
    case 'recommendation':
      if (!near.matrix) return false
      near.matrix.recommendation = near.matrix.recommendation === '' ? oneLine(value) : near.matrix.recommendation
      for (const [, id] of value.matchAll(/(?:[Oo]ptions?\s+|[+,&]\s*(?:option\s+)?|^)([A-Z])\b/g)) {
        const known = near.matrix.options.find((one) => one.id === (id ?? '').toLowerCase())
        if (known && !near.matrix.recommend.includes(known.id)) near.matrix.recommend.push(known.id)
      }
      return true
    case 'escalate': {
      if (!near.matrix) return false
      const [first] = reader.names(value, place)
      if (!first) return false
      near.matrix.escalateTo = { ...pick(place), value: first.id, text: oneLine(value, 120) }
      return true
    }
    case 'pros':
    case 'cons': {
      const option = near.matrix?.options.at(-1)
      if (!option) return false
      option[field.kind].push(
        ...value
          .split(/[,，、;]/)
          .map((one) => oneLine(one))
          .filter((one) => one !== ''),
      )
      return true
    }
    case 'never':
      if (!near.matrix) return false
      near.matrix.recommendation = near.matrix.recommendation === '' ? `Never: ${oneLine(value)}` : near.matrix.recommendation
      return true
    case 'deliverable':
      if (!near.unit) return false
      for (const one of value.split(/;/)) if (one.trim() !== '') draft.deliverable(near.unit, one, undefined, place)
      return value !== ''
    case 'title':
      draft.title ??= { ...place, value: oneLine(value, 200) }
      return true
    case 'immediate':
    case 'health':
      return false
  }
}

const firstWord = (value: string): string => /^\S+/.exec(value.trim())?.[0]?.replace(/[.,;]$/, '') ?? ''

function stateLead(reader: Reader, unit: UnitDraft, value: string, place: Place): void {
  const [named] = reader.names(value, place)
  if (named && unit.lead && named.id !== unit.lead.value) {
    reader.draft.state(`${unit.word} ${unit.name || unit.id}: lead`, unit.lead.value, unit.lead)
    reader.draft.state(`${unit.word} ${unit.name || unit.id}: lead`, named.id, place)
  }
}

export function addPeople(reader: Reader, list: Parameters<typeof addFact>[0], value: string, place: Place): boolean {
  const names = reader.names(value, place)
  for (const { id, column } of names) addFact(list, { ...pick(place), column, value: id })
  return names.length > 0 || isNobody(value)
}

export function addAttendees(reader: Reader, value: string, place: Place): boolean {
  const { checkpoint, sync } = reader.nearest()
  const names = reader.names(value, place)
  for (const { id, column } of names) {
    const fact = { ...pick(place), column, value: id }
    if (checkpoint) addFact(checkpoint.attendees, fact)
    else if (sync) sync.attendees = [...(sync.attendees ?? []), fact]
  }
  return names.length > 0
}

export function setBranch(reader: Reader, unit: UnitDraft, value: string, place: Place): boolean {
  const name = /[^\s,;()]+/.exec(value)?.[0]
  if (name === undefined || isNobody(value)) return isNobody(value)
  if (unit.branch && unit.branch.value !== name) {
    reader.draft.state(`${unit.word} ${unit.name || unit.id}: branch`, unit.branch.value, unit.branch)
    reader.draft.state(`${unit.word} ${unit.name || unit.id}: branch`, name, place)
  } else unit.branch ??= { ...pick(place), value: name }
  return true
}

const PATH =
  /(?<![\p{L}\d])(?:[\w.@*{}-]+\/)+[\w.@*{}-]*|(?<![\p{L}\d/])[\w-]+(?:\.[\w-]+)*\.(?:ts|tsx|js|jsx|mjs|py|rs|go|java|kt|rb|php|c|h|cc|cpp|cs|swift|md|yaml|yml|json|toml|sql|sh|css|scss|html|vue|svelte|lock|proto)(?![\w])|\*\*?\/[\w.*/-]+/gu

export function addPaths(unit: UnitDraft, value: string, place: Place): boolean {
  const found = [...value.slice(0, 2000).matchAll(PATH)]
  for (const match of found)
    addFact(unit.paths, { ...pick(place), column: place.column + match.index, value: match[0].replace(/\/$/, '/**') })
  return found.length > 0
}

const REACHES = /(?:reach(?:es)?|to|at|zu|al)\s+(\d{1,3}(?:\.\d{1,8})?)\s?%/i

/** `A, B at 50%`, `Stream C`, `None (can start immediately)`. */
export function addDependencies(reader: Reader, unit: UnitDraft, value: string, place: Place): boolean {
  if (isNothing(value)) {
    unit.dependsOn.push({ ...pick(place), unit: undefined, text: oneLine(value, 120) })
    return true
  }
  const reaches = REACHES.exec(value) ?? /\((\d{1,3}(?:\.\d{1,8})?)\s?%\)/.exec(value)
  let any = false
  const unknown: string[] = []
  for (const part of value
    .slice(0, 600)
    .split(/[,，、;+&]|\s+(?:and|und|y)\s+/u)
    .slice(0, 40)) {
    const other = unitOf(reader, part, place)
    if (!other) unknown.push(part)
    if (!other || other === unit) continue
    const own = REACHES.exec(part) ?? /\((\d{1,3}(?:\.\d{1,8})?)\s?%\)/.exec(part) ?? reaches
    const share = own?.[1] === undefined ? undefined : round(Number(own[1]) / 100)
    if (!unit.dependsOn.some((one) => one.unit === other.id))
      unit.dependsOn.push({
        ...pick(place),
        unit: other.id,
        ...(share !== undefined && share <= 1 && { reaches: share }),
        text: oneLine(part, 120),
      })
    any = true
  }
  // It may be named further down; what still is not then is kept as it is written.
  for (const part of unknown) if (part.trim() !== '') reader.later.push({ unit, text: part.trim(), place })
  return any || unknown.length > 0
}

/** Words in front of the unit that is waited for: `Requires Agent 1's sockets`. */
const WAITING = /^(?:requires?|needs?|uses?|waits? (?:for|on)|blocked (?:by|on)|depends on|after)\s+(?=\S)/i

function unitOf(reader: Reader, text: string, place: Place): UnitDraft | undefined {
  const clean = bare(text.trim()).replace(WAITING, '')
  if (readUnit(clean)) return reader.unitIn(clean, place)?.unit
  return reader.draft.unitNamed(clean.replace(/\s+(?:to )?(?:reach(?:es)?|at)\s.*$/i, ''))
}

/** Another unit waits for this one. */
export function addUnblocked(reader: Reader, unit: UnitDraft, value: string, place: Place): boolean {
  let any = false
  for (const part of value
    .slice(0, 600)
    .split(/[,，、;+&]|\s+(?:and|und|y)\s+/u)
    .slice(0, 40)) {
    const other = unitOf(reader, part.replace(/^\s*(?:->|→|⇒)\s*/, ''), place)
    if (!other || other === unit) continue
    if (!other.dependsOn.some((one) => one.unit === unit.id))
      other.dependsOn.push({ ...pick(place), unit: unit.id, text: oneLine(value, 120) })
    any = true
  }
  return any
}

/** `PSI → Daemon: Ready`: where a unit meets something. */
export function addIntegration(reader: Reader, text: string, place: Place, within: UnitDraft | undefined): boolean {
  const arrow = /^(.{1,80}?)\s*(?:->|→|⇒|<->|↔|=>)\s*([^:：(]{1,80})/u.exec(bare(text))
  if (!arrow) {
    if (!within || text.trim() === '' || isNothing(text)) return false
    const other = reader.draft.unitNamed(text) ?? undefined
    within.integrationPoints.push({ ...pick(place), value: oneLine(text, 200), with: other?.id ?? oneLine(text, 80) })
    return true
  }
  const [, from = '', to = ''] = arrow
  const unit = unitOf(reader, from, place) ?? within
  if (!unit) return false
  const other = reader.draft.unitNamed(to)
  const meets = other && other !== unit ? other.id : trimMarks(to)
  if (!unit.integrationPoints.some((one) => one.with === meets))
    unit.integrationPoints.push({ ...pick(place), value: oneLine(`${trimMarks(from)} → ${trimMarks(to)}`, 200), with: oneLine(meets, 80) })
  return true
}

export function noDependencies(reader: Reader, value: string, place: Place): boolean {
  reader.draft.noDependencies.push({ ...pick(place), value: oneLine(value, 200) })
  return true
}

function setDuration(reader: Reader, value: string, place: Place): boolean {
  const { checkpoint, sync } = reader.nearest()
  const seconds = findDuration(value)
  if (seconds === undefined) return false
  if (sync) {
    sync.durationSeconds ??= seconds
    return true
  }
  if (!checkpoint) return false
  checkpoint.durationSeconds ??= { ...pick(place), value: seconds, text: oneLine(value, 120) }
  const parts = /\(([^()]{3,80})\)/.exec(value)?.[1]
  const meeting = parts?.split(/[+,]/).find((part) => /meet|sitzung|besprechung|reuni/i.test(part))
  const own = meeting === undefined ? undefined : findDuration(meeting)
  if (own !== undefined) checkpoint.meetingSeconds ??= { ...pick(place), value: own, text: oneLine(value, 120) }
  return true
}

function setTime(reader: Reader, value: string, place: Place, kind: 'time' | 'date'): boolean {
  const { checkpoint, sync } = reader.nearest()
  const written = findTime(value)
  if (!written) return false
  const at = { ...written, ...pick(place), column: place.column }
  if (sync) {
    if (written.time !== undefined) sync.time ??= written.time
    const days = findWeekdays(value)
    if (days.length > 0) sync.days = days
    return true
  }
  if (isDated(written) && written.weekday && !checkpoint) {
    reader.draft.dates.push(at)
    return true
  }
  if (!checkpoint) return false
  if (isDated(written) || isRelative(written)) {
    if (checkpoint.written && isDated(checkpoint.written) && isDated(written)) reader.draft.dates.push(at)
    else checkpoint.written = { ...checkpoint.written, ...at }
  }
  if (written.time !== undefined && (kind === 'time' || checkpoint.meeting === undefined)) checkpoint.meeting ??= at
  return isDated(written) || isRelative(written) || written.time !== undefined || written.weekday !== undefined
}

function addTopics(reader: Reader, key: string, value: string, place: Place): boolean {
  const { checkpoint, sync } = reader.nearest()
  const topics = value
    .split(/[,，、;]/)
    .map((one) => oneLine(one))
    .filter((one) => one !== '')
  if (sync) {
    sync.topics = [...sync.topics, ...topics]
    return true
  }
  if (!checkpoint) return false
  checkpoint.agenda.push({ ...pick(place), title: oneLine(key, 120), seconds: 0, topics })
  return true
}

/** `Architect (1), Leads: 4`, `@x, @y`: who signs. */
export function addSignOff(reader: Reader, value: string, place: Place): boolean {
  const checkpoint = reader.find('checkpoint') ?? (reader.draft.units.size === 0 ? undefined : reader.defaultCheckpoint(place))
  if (!checkpoint) return false
  let any = false
  for (const part of value
    .slice(0, 400)
    .split(/[,，、;&]|\s+(?:and|und|y)\s+/u)
    .slice(0, 20)) {
    const quorum = Number(/[(:x×]\s*(\d{1,2})/.exec(part)?.[1] ?? 1)
    const text = bare(part.replace(/[([（].*$/, '').replace(/[:：].*$/, '')).trim()
    if (text === '' || isNobody(text) || /^_+$/.test(text)) continue
    const handle = /@[\w-]+/.exec(part)?.[0]
    const given = /^[a-z][a-z0-9-]{0,40}$/.test(text) ? text : undefined
    const person = handle === undefined ? undefined : reader.draft.person(handle, place)
    const role = /^(?:all )?(?:stream |track )?leads?$/i.test(text) ? 'lead' : (roleOf(part) ?? person?.roles[0]?.value ?? given)
    if (role === undefined && !person) continue
    if (person && role !== undefined && role !== 'lead') reader.draft.role(person, role.replaceAll('-', ' '), place)
    const name = role ?? person?.id ?? ''
    if (!checkpoint.signOff.some((one) => one.role === name)) checkpoint.signOff.push({ ...pick(place), role: name, quorum })
    any = true
  }
  return any
}
