import { findAmount } from '#core/plan/read/amount.ts'
import type { ItemBlock } from '#core/plan/read/blocks.ts'
import { addCriterion, comparisonOf, meaningOf } from '#core/plan/read/criteria.ts'
import { pick, planAmount, type CheckpointDraft, type UnitDraft } from '#core/plan/read/draft.ts'
import { addDependencies, addIntegration, addPaths, addSignOff, addUnblocked, readFieldLine } from '#core/plan/read/fields.ts'
import { nameWithout, readAgendaItem } from '#core/plan/read/headings.ts'
import { addFact, type Reader } from '#core/plan/read/reader.ts'
import { findTime, isDated, isRelative } from '#core/plan/read/time.ts'
import { bare, oneLine, plain, trimMarks } from '#core/plan/read/text.ts'
import {
  CRITERIA_LISTS,
  isNobody,
  listOf,
  numberedCheckpoint,
  readField,
  readUnit,
  roleOf,
  type Field,
  type ListKind,
} from '#core/plan/read/words.ts'
import type { Place } from '#core/problems.ts'

const DONE = new Set(['x', 'X', '✓', '✔', '✔️', '✅', '☑', '☑️', '🟢', '☒'])
const OPEN_BOXES = new Set([' ', '☐', '⬜', '🔲', '▢', '□', '❌', '✗', '✘', '⏳', '🔄', '🚧', '🟡', '🔴', '⚠', '⚠️', '~', '/', '-'])

/** A list entry: what it is depends on the list it stands in. True when something was made of it. */
export function readItem(reader: Reader, item: ItemBlock): boolean {
  const level = 10 + item.indent
  const scope = reader.open({ level, text: item.text, line: 0, column: item.column, used: true })
  const place = reader.place(item.line, item.column)
  const { text } = item
  if (text === '') return false
  reader.mentions(text, place)
  sayGlyph(reader, item, place)
  const into = MERGED_INTO.exec(text)?.[1]
  if (into !== undefined)
    reader.draft.target ??= { ...place, column: place.column + Math.max(0, text.indexOf(into)), value: into, text: oneLine(text, 120) }
  const list = reader.find('list')
  const matrix = reader.find('matrix')
  if (matrix && readMatrixLine(reader, item.letter === undefined ? text : `${item.letter}) ${text}`, place, item.ordered))
    return reader.claim()

  const mention = readUnit(text)
  const asked = /\?|\b(?:merged|ready|done|complete[d]?)\b/i.test(text)
  if (
    mention &&
    !(item.box !== undefined && asked) &&
    !(list !== undefined && (CRITERIA_LISTS.has(list) || list === 'depends' || list === 'unblocks'))
  ) {
    const found = reader.unitIn(text, place)
    if (found) {
      scope.unit = found.unit
      const agenda = list === 'agenda' ? readAgendaItem(reader, text, item.line, item.column) : undefined
      if (agenda) scope.item = agenda
      else if (list === 'tree' || list === 'agenda') keepTopic(reader, text)
      else readUnitRest(reader, found.unit, found.rest, item, place)
      return reader.claim()
    }
  }

  const field = item.box === undefined ? (readField(text) ?? unblocks(text)) : undefined
  if (field) {
    if (field.value === '') {
      const kind = listOf(field.key) ?? listKindOf(field.kind)
      if (kind) {
        scope.list = kind
        scope.listName = field.key
        return reader.claim()
      }
    } else if (readFieldLine(reader, field, { ...place, column: item.column + Math.max(0, item.text.indexOf(field.value)) }))
      return reader.claim()
  } else if (item.box === undefined && /[:：]$/.test(text)) {
    const kind = listOf(text)
    if (kind) {
      scope.list = kind
      scope.listName = trimMarks(text)
      return reader.claim()
    }
  }
  return readByList(reader, item, list, place) || (item.box === undefined && reader.roleLine(text, place)) ? reader.claim() : false
}

/** `UNBLOCKS -> B, C` has no colon. */
function unblocks(text: string): Field | undefined {
  const match = /^(?:unblocks|enables|desbloquea|ermöglicht)\s*(?:->|→|⇒|=>)\s*(.+)$/iu.exec(bare(text))
  return match?.[1] === undefined ? undefined : { kind: 'unblocks', key: 'unblocks', value: match[1] }
}

/** The branch that the work is merged into, where a condition names it. */
const MERGED_INTO = /\bmerged?\s+(?:in)?to\s+(develop|development|dev|main|master|trunk|staging|next|integration)\b/i

const listKindOf = (kind: string): ListKind | undefined => {
  const kinds: Readonly<Record<string, ListKind>> = {
    files: 'files',
    'hot files': 'hot files',
    depends: 'depends',
    unblocks: 'unblocks',
    integration: 'integration',
    contracts: 'contracts',
    attendees: 'attendees',
    agenda: 'agenda',
    topics: 'topics',
    go: 'go',
    'no-go': 'no-go',
    'sign-off': 'sign-off',
    deliverable: 'deliverables',
  }
  return kinds[kind]
}

function readByList(reader: Reader, item: ItemBlock, list: ListKind | undefined, place: Place): boolean {
  const { text } = item
  const unit = reader.find('unit')
  const checkpoint = reader.find('checkpoint')
  const sync = reader.find('sync')
  if (sync && item.box === undefined) {
    sync.topics = [...sync.topics, oneLine(text)]
    return true
  }
  switch (list) {
    case 'acceptance':
    case 'success':
    case 'go-no-go':
    case 'quick check':
      return addToCriteria(reader, text, item, list, place)
    case 'go':
    case 'no-go':
      if (!checkpoint) return false
      ;(list === 'go' ? checkpoint.go : checkpoint.noGo).push({ ...place, value: oneLine(text.replace(/^(?:→|->)\s*/, '')) })
      return true
    case 'files':
      return unit ? addPaths(unit, item.raw.replaceAll('`', ' '), place) : false
    case 'hot files':
      reader.draft.notice(place, `a file that several units change: ${oneLine(text, 200)}`)
      return true
    case 'depends':
      return unit ? addDependencies(reader, unit, text, place) : readArrow(reader, text, place)
    case 'unblocks':
      return unit ? addUnblocked(reader, unit, text, place) : false
    case 'integration':
    case 'contracts':
      return addIntegration(reader, text, place, unit)
    case 'attendees': {
      const names = reader.names(text, place)
      for (const { id, column } of names) if (checkpoint) addFact(checkpoint.attendees, { ...pick(place), column, value: id })
      return names.length > 0 && checkpoint !== undefined
    }
    case 'sign-off':
      return addSignOff(reader, text, place)
    case 'people':
      return readPerson(reader, text, place)
    case 'agenda': {
      const agenda = readAgendaItem(reader, text, item.line, item.column)
      const last = reader.scopes.at(-1)
      if (agenda && last) {
        last.item = agenda
        return true
      }
      return checkpoint ? keepTopic(reader, text) : false
    }
    case 'topics':
      return checkpoint ? keepTopic(reader, text) : false
    case 'milestones': {
      const written = findTime(text)
      if (written && (isDated(written) || isRelative(written)) && !unit && item.box === undefined) {
        const at = { ...written, ...place, column: place.column + written.start }
        const scope = reader.scopes.at(-1)
        const made = reader.draft.checkpoint(nameWithout(text, written), at, reader.find('week'), place)
        if (scope) scope.checkpoint = made
        return true
      }
      break
    }
    case 'deliverables':
    case 'escalation':
    case 'immediate':
    case 'options':
    case 'prose':
    case 'reports':
    case 'syncs':
    case 'templates':
    case 'tree':
    case undefined:
      break
  }
  if (unit && (item.box !== undefined || list === 'deliverables' || isCounted(text))) {
    owe(reader, unit, checkpoint, item, place)
    return true
  }
  if (checkpoint && (item.box !== undefined || list === 'deliverables')) {
    addCriterion(checkpoint, text, list === undefined || list === 'milestones' ? 'checklist' : list, place)
    return true
  }
  if (item.box !== undefined && list !== undefined) return addToCriteria(reader, text, item, list, place)
  if (checkpoint && reader.find('item')) return keepTopic(reader, text)
  if (numberedCheckpoint(text) !== undefined && item.box === undefined) {
    const written = findTime(text)
    const scope = reader.scopes.at(-1)
    const made = reader.draft.checkpoint(trimMarks(text), written && { ...written, ...place }, reader.find('week'), place)
    if (scope) scope.checkpoint = made
    return true
  }
  return false
}

/** Whether an entry gives a size that can be counted: a part of a whole, lines, tests. */
function isCounted(text: string): boolean {
  const amount = findAmount(text)?.amount
  return amount !== undefined && (amount.whole !== undefined || amount.unit === 'lines' || amount.unit === 'tests')
}

/** What a unit owes, and at a checkpoint also how much of it is due there. */
export function owe(
  reader: Reader,
  unit: UnitDraft,
  checkpoint: CheckpointDraft | undefined,
  item: Pick<ItemBlock, 'box' | 'text'>,
  place: Place,
): void {
  const meaning = meaningOf(item.text)
  if (checkpoint && meaning.about === 'blockers' && meaning.metric !== undefined) {
    addCriterion(checkpoint, item.text, 'deliverables', place, { units: [unit.id] })
    return
  }
  const found = findAmount(item.text)
  const done = item.box === undefined ? undefined : DONE.has(item.box) ? true : OPEN_BOXES.has(item.box) ? false : undefined
  const amountPlace = found ? { ...place, column: place.column + found.start } : place
  const owed = reader.draft.deliverable(unit, item.text, found, amountPlace, done)
  if (!checkpoint) return
  const percent = found !== undefined && found.amount.whole === undefined
  checkpoint.targets.push({
    ...pick(place),
    unit: unit.id,
    deliverable: owed.id,
    title: oneLine(item.text),
    kind: owed.kind,
    ...(found && { amount: planAmount(found, amountPlace) }),
    ...(percent && { comparison: comparisonOf(found).comparison }),
  })
}

function addToCriteria(reader: Reader, text: string, item: ItemBlock, list: ListKind, place: Place): boolean {
  const unit = reader.find('unit')
  let checkpoint = reader.find('checkpoint')
  if (unit && !checkpoint && list !== 'go-no-go') {
    // A unit's own acceptance, at no meeting: it is owed, and judged when the work ends.
    if (item.box === undefined && list === 'acceptance' && findAmount(text) === undefined && text.length > 200) return false
    checkpoint = reader.defaultCheckpoint(place)
  }
  checkpoint ??=
    item.box !== undefined || list === 'go-no-go' || list === 'success' || list === 'acceptance'
      ? reader.defaultCheckpoint(place)
      : undefined
  if (!checkpoint) return false
  const named = readUnit(text) ? reader.unitIn(text, place)?.unit : undefined
  const units = named ?? unit
  const name = list === 'go-no-go' ? 'go/no-go' : list
  const merged = list === 'quick check' && /\bmerged\b|zusammengeführt|fusionad|合并/i.test(text)
  addCriterion(checkpoint, text, name, place, {
    ...(units && { units: [units.id] }),
    ...(merged && { about: 'merged', comparison: { op: 'equals', value: true }, unit: 'boolean', metric: 'git.merged' }),
  })
  return true
}

function keepTopic(reader: Reader, text: string): boolean {
  const item = reader.find('item')
  const topic = oneLine(text)
  if (item) {
    item.topics.push(topic)
    return true
  }
  const checkpoint = reader.find('checkpoint')
  if (!checkpoint) return false
  const scope =
    reader.scopes.findLast((one) => one.list === 'topics' || one.list === 'agenda' || one.list === 'tree') ?? reader.scopes.at(-1)
  const made = { ...reader.place(scope?.line ?? 1, scope?.column ?? 1), title: scope?.listName ?? 'Topics', seconds: 0, topics: [topic] }
  checkpoint.agenda.push(made)
  if (scope) scope.item = made
  return true
}

/** What follows a unit in its own list entry: fields, people, amounts. */
function readUnitRest(reader: Reader, unit: UnitDraft, rest: string, item: ItemBlock, place: Place): void {
  if (rest === '') return
  for (const part of rest.split(/\s+[|–—]\s+|;\s+/).slice(0, 12)) {
    const field = readField(part)
    if (field && field.value !== '' && readFieldLine(reader, field, place)) continue
    const handle = /^@[\w/-]+$/.exec(part.trim())
    if (handle) reader.lead(unit, handle[0], place)
    else if (unit.name === '' && part.length < 100 && findAmount(part) === undefined)
      unit.name = oneLine(trimMarks(part.replace(/\(@[^()]*\)/, '')), 200)
    else if (item.box !== undefined || findAmount(part)?.amount.whole !== undefined)
      owe(reader, unit, reader.find('checkpoint'), { ...(item.box !== undefined && { box: item.box }), text: trimMarks(part) }, place)
  }
}

/** `A -> B`: B waits for A. */
function readArrow(reader: Reader, text: string, place: Place): boolean {
  const [from = '', to = ''] = text.split(/\s*(?:->|→|⇒|=>|blocks|unblocks)\s*/i)
  const a = readUnit(bare(from)) ? reader.unitIn(bare(from), place)?.unit : reader.draft.unitNamed(from)
  return a !== undefined && to !== '' && addUnblocked(reader, a, to, place)
}

function readPerson(reader: Reader, text: string, place: Place): boolean {
  const match = /^\s*(@?[\p{L}\p{N}][\p{L}\p{N} .'’_-]{0,39}?)\s*(?:[:：–—-]|\()\s*(.{2,200})$/u.exec(text)
  if (!match) return false
  const [, left = '', right = ''] = match
  const handle = /@[\w-]+/.exec(right)?.[0]
  // `Architect: @x` as well as `@x: Architect`.
  if (!left.startsWith('@') && handle !== undefined) {
    const person = reader.draft.person(handle, place)
    if (person) reader.draft.role(person, left, place)
    return person !== undefined
  }
  const roleOnLeft = roleOf(left) !== undefined && roleOf(right) === undefined
  if (!left.startsWith('@') && roleOf(left) === undefined && roleOf(right) === undefined) return false
  if (isNobody(roleOnLeft ? right : left)) return true
  const person = reader.draft.person(roleOnLeft ? right.replace(/[,(].*$/, '') : left, place)
  if (!person) return false
  reader.draft.role(person, roleOnLeft ? left : right, place)
  const share = /(\d{1,3})\s?%/.exec(right)
  if (share) person.allocation ??= { ...pick(place), value: Number(share[1]) / 100 }
  return true
}

/** What a glyph in front of an entry was taken to mean is said once for a document. */
function sayGlyph(reader: Reader, item: ItemBlock, place: Place): void {
  if (item.box === undefined || /^[ xX]$/.test(item.box)) return
  const meaning = DONE.has(item.box) ? 'done' : 'not done'
  reader.draft.notice(place, `${item.box} was taken to mean "${meaning}"`, `glyph ${item.box}`)
}

/** A line of a decision matrix: an option, an action, its pros and cons, what is recommended. */
export function readMatrixLine(reader: Reader, written: string, place: Place, ordered = false): boolean {
  const matrix = reader.find('matrix')
  if (!matrix) return false
  const text = plain(written).replace(/^(?:→|->|⇒|[└├│─\s]+)\s*/u, '')
  const field = readField(text)
  if (field && field.value !== '' && ['pros', 'cons', 'recommendation', 'escalate', 'never'].includes(field.kind))
    return readFieldLine(reader, field, place)
  const option = /^(?:option\s+)?([A-Z])[).:：]\s*(.+)$/.exec(text) ?? /^option\s+(\d)\s*[).:：–—-]\s*(.+)$/i.exec(text)
  if (option) {
    const title = (option[2] ?? '').replace(/\s*(?:→|->)\s*/, ': ')
    matrix.options.push({
      id: /^\d/.test(option[1] ?? '') ? `option-${option[1] ?? ''}` : (option[1] ?? '').toLowerCase(),
      title: oneLine(title, 300),
      pros: [],
      cons: [],
    })
    return true
  }
  const list = reader.find('list')
  if (list === 'immediate' || (ordered && list !== 'options')) {
    matrix.immediate.push(oneLine(text.replace(/^\d+[.)]\s*/, '')))
    return true
  }
  const when = /^[\p{L} ]{3,40}[:：]\s*(.+)$/u.exec(text)
  if (when && matrix.options.length === 0 && matrix.when === matrix.title) {
    matrix.when = oneLine(text)
    return true
  }
  return false
}
