import type { Reader, Scope } from '#core/plan/read/reader.ts'
import { findDuration, findTime, findWeekdays, isDated, isRelative, type WrittenTime } from '#core/plan/read/time.ts'
import { bare, oneLine, plain, slug, trimMarks } from '#core/plan/read/text.ts'
import {
  healthOf,
  isCheckpointWord,
  isMeetingWord,
  isSituation,
  listOf,
  numberedCheckpoint,
  readField,
  readUnit,
} from '#core/plan/read/words.ts'
import { essence } from '#core/plan/read/draft.ts'
import { readFieldLine } from '#core/plan/read/fields.ts'
import type { Place } from '#core/problems.ts'

/** Dates that say when something was written, not when something happens. */
const ABOUT_THE_PAPER = /updated|created|version|changelog|generated|status (?:as of|update)|as of\b|stand:|aktualisiert|actualizado|更新/i

/** A heading or a label: opens a scope and says what stands under it. True when the words themselves mean something. */
export function readHeading(reader: Reader, text: string, level: number, line: number, column: number): void {
  const scope = reader.open({ level, text, line, column, used: false })
  const place = reader.place(line, column)
  const { draft } = reader
  reader.mentions(text, place)
  if (level === 1 && draft.title === undefined) {
    draft.title = { ...place, value: oneLine(text.replace(/^#+/, ''), 200) }
    scope.used = true
  }
  if (isSituation(text) && level < 9) {
    openMatrix(reader, scope, text, place)
    return
  }
  const unitMention = readUnit(text, level <= 6)
  if (unitMention && !(isDated(findTime(text)) && isCheckpointWord(text))) {
    const found = reader.unitIn(text, place, level <= 6)
    if (found) {
      const above = reader.scopes.findLast((one) => one !== scope && one.unit !== undefined)?.unit
      if (above && above !== found.unit && found.unit.parent === undefined && above.parent !== found.unit) {
        found.unit.parent = above
        above.children.push(found.unit)
      }
      // A bold label names its unit as a heading does; a word for how far it is is no name.
      const named = level === 7 ? /^\s*[:：–—-]\s+(.{2,80})$/u.exec(unitMention.rest)?.[1] : undefined
      if (
        named !== undefined &&
        found.unit.name === '' &&
        readField(named) === undefined &&
        listOf(named) === undefined &&
        essence(named) !== ''
      )
        found.unit.name = oneLine(trimMarks(named), 200)
      scope.unit = found.unit
      scope.used = true
      const after = /\s[-–—]\s|:\s/.test(found.rest) ? readField(found.rest) : undefined
      if (after) readFieldLine(reader, after, place)
    }
    return
  }
  if (readWhen(reader, scope, text, place, level)) return
  const week = /^(?:week|wk|woche|kw|semana|第)\s?#?(\d{1,2})(?!\d)/iu.exec(bare(text))
  if (week) {
    scope.week = Number(week[1])
    return
  }
  const above = reader.find('list')
  const list = above === 'templates' || above === 'reports' ? undefined : listOf(text)
  if (list) {
    scope.list = list
    scope.listName = trimMarks(bare(text))
  }
}

/** Checkpoints and syncs: a heading that says when. */
function readWhen(reader: Reader, scope: Scope, text: string, place: Place, level: number): boolean {
  const { draft } = reader
  const written = findTime(text)
  const numbered = numberedCheckpoint(text)
  const inSyncs = reader.find('list') === 'syncs'
  if (inSyncs && level <= 6 && written && !isDated(written) && (written.weekday !== undefined || written.time !== undefined)) {
    openSync(reader, scope, text, written, place)
    return true
  }
  const week = reader.find('week')
  const inMatrix = reader.find('matrix') !== undefined
  if (inMatrix || level > 8) return false
  const at = written && { ...written, ...place, column: place.column + written.start }
  if (
    at &&
    isDated(at) &&
    !ABOUT_THE_PAPER.test(text) &&
    (level > 1 || reader.draft.title?.line !== place.line || reader.draft.title.file !== place.file)
  ) {
    scope.checkpoint = draft.checkpoint(nameWithout(text, at), at, week, place)
    scope.used = true
    return true
  }
  if (at?.weekday !== undefined && (at.week ?? week) !== undefined && level <= 8) {
    const known = draft.checkpointAt(at.week ?? week ?? 0, at.weekday)
    if (known || isCheckpointWord(text) || at.week !== undefined) {
      scope.checkpoint = known ?? draft.checkpoint(nameWithout(text, at), at, week, place)
      scope.used = true
      return true
    }
  }
  const meets = /^(?:week|wk|woche|kw|semana|第)/iu.test(bare(text)) ? isMeetingWord(text) : isCheckpointWord(text)
  if (at && (at.fromLaunch !== undefined || (isRelative(at) && meets)) && level > 1 && level <= 8) {
    scope.checkpoint = draft.checkpoint(nameWithout(text, at), at, week, place)
    if (at.week !== undefined) scope.week = at.week
    scope.used = true
    return true
  }
  if (numbered !== undefined && level > 1 && level <= 8) {
    scope.checkpoint = draft.checkpoint(
      trimMarks(bare(text)),
      at && (isRelative(at) || isDated(at) || at.weekday) ? at : undefined,
      week,
      place,
    )
    scope.used = true
    return true
  }
  return false
}

/** What stays of a heading when its time is taken out. */
export function nameWithout(text: string, written: WrittenTime): string {
  const rest = `${text.slice(0, written.start)} ${text.slice(written.end)}`
  const paren = /[([（]([^()[\]（）]{2,80})[)\]）]\s*$/.exec(rest)
  const name = trimMarks(bare(rest.replace(/[([（][\s,]*[)\]）]/g, ' ').replace(/\s+/g, ' ')))
  if (name !== '' && !/^[([]/.test(name)) return trimMarks(name.replace(/^[)\]）\s]+/, ''))
  return paren?.[1] ?? (name || trimMarks(bare(text)))
}

function openSync(reader: Reader, scope: Scope, text: string, written: WrittenTime, place: Place): void {
  const { draft } = reader
  const days = findWeekdays(text)
  const name = nameWithout(text, written)
  const sync = {
    ...place,
    id: draft.syncIds.take(days.length === 1 ? `${days[0] ?? ''}-${slug(name)}`.replace(/-$/, '') : slug(name), 'sync'),
    name: oneLine(name || text, 200),
    days: days.length > 0 ? days : (['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const),
    ...(written.time !== undefined && { time: written.time }),
    format: '',
    topics: [],
  }
  draft.syncs.push(sync)
  scope.sync = sync
  scope.used = true
}

function openMatrix(reader: Reader, scope: Scope, text: string, place: Place): void {
  const { draft } = reader
  const title = trimMarks(bare(text))
  const id = { BEHIND: 'behind', AHEAD: 'ahead', BLOCKED: 'blocked' }[healthOf(text) ?? 'BEHIND']
  const matrix = {
    ...place,
    id: draft.matrixIds.take(id, 'matrix'),
    title: oneLine(title, 200),
    when: title,
    immediate: [],
    options: [],
    recommend: [],
    recommendation: '',
  }
  draft.matrices.push(matrix)
  scope.matrix = matrix
  scope.used = true
}

/** A line that is nothing but a label: bold, or with a colon at its end. */
export function labelOf(raw: string, text: string): { readonly text: string; readonly level: number } | undefined {
  if (text.length > 140 || text.length < 2) return undefined
  const bold = /^\s*(?:\p{Extended_Pictographic}\ufe0f?\s*)?(?:\*\*|__)(.+?)(?:\*\*|__)[:：]?\s*$/u.exec(raw)
  if (bold && !bold[1]?.includes('**')) return { text: trimColon(plain(bold[1] ?? '')), level: 7 }
  // `**Key:** value:` says something of its own.
  if (/^\s*\*\*[^*]{1,60}[:：]\*\*\s+\S/.test(raw)) return undefined
  if (/[:：]$/.test(text) && !/^https?:/.test(text)) return { text: trimColon(text), level: 8 }
  return undefined
}

const trimColon = (text: string): string => text.replace(/[:：]\s*$/, '').trim()

/** `Stream report (5 min each):` as an item of an agenda. */
export function readAgendaItem(reader: Reader, text: string, line: number, column: number): { readonly topics: string[] } | undefined {
  const checkpoint = reader.find('checkpoint')
  if (!checkpoint) return undefined
  const timed =
    /[([（]([^()[\]（）]{1,40})[)\]）]/.exec(text) ??
    /[-–—:]\s*(\d{1,3}\s?(?:min|m|h)[^,;]{0,20})$/.exec(text) ??
    /^(\d{1,3}\s?min(?:utes?)?)\b/.exec(text)
  const seconds = timed?.[1] === undefined ? undefined : findDuration(timed[1])
  if (seconds === undefined || !timed) return undefined
  const each = /\beach\b|\bje\b|pro\b|cada|每/i.test(timed[1] ?? '') || /per[- ](?:stream|track|team|agent)/i.test(timed[1] ?? '')
  const rest = `${text.slice(0, timed.index)} ${text.slice(timed.index + timed[0].length)}`
  const [head = '', tail = ''] = rest.split(/[:：](.*)/s)
  const title = trimMarks(bare(head)) || trimMarks(bare(text))
  const topics = tail
    .split(/;/)
    .map((one) => oneLine(one))
    .filter((one) => one !== '')
  const item = { ...reader.place(line, column), title: oneLine(title, 200), seconds, ...(each && { each: 'stream' as const }), topics }
  checkpoint.agenda.push(item)
  return item
}
