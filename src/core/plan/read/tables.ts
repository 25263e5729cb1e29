import { addCriterion } from '#core/plan/read/criteria.ts'
import { pick, type UnitDraft } from '#core/plan/read/draft.ts'
import { addDependencies, addPaths, addPeople, addSignOff, setBranch } from '#core/plan/read/fields.ts'
import { readExported } from '#core/plan/read/exported.ts'
import { owe } from '#core/plan/read/items.ts'
import type { BlockOf, Reader } from '#core/plan/read/reader.ts'
import { findDuration, findTime, isDated, isRelative } from '#core/plan/read/time.ts'
import { bare, oneLine, slug } from '#core/plan/read/text.ts'
import { isNobody, readUnit, roleOf, unitWord } from '#core/plan/read/words.ts'
import type { Place } from '#core/problems.ts'

type Column =
  | 'unit'
  | 'lead'
  | 'support'
  | 'reviewers'
  | 'branch'
  | 'files'
  | 'deliverable'
  | 'date'
  | 'checkpoint'
  | 'depends'
  | 'scenario'
  | 'escalate'
  | 'action'
  | 'criterion'
  | 'threshold'
  | 'role'
  | 'person'
  | 'allocation'
  | 'handle'
  | 'email'
  | 'name'
  | 'status'
  | 'duration'
  | 'after'
  | 'id'
  | 'file'

const HEADERS: readonly (readonly [Column, RegExp])[] = [
  ['escalate', /^(?:escalates? to|escalate|escalation(?: to| path)?|eskalation(?: an)?|escalar a|升级到)$/i],
  ['scenario', /^(?:scenario|trigger|situation|issue|severity|condition|problem|szenario|auslöser|situación|disparador|场景|问题)$/i],
  ['after', /^(?:after|response(?: time)?|sla|time ?limit|timeframe|within|frist|plazo|时限)$/i],
  ['action', /^(?:action|actions|response|resolution|maßnahme|aktion|acción|措施|行动)$/i],
  [
    'criterion',
    /^(?:criterion|criteria|metric|metrics|check|gate|kpi|requirement|quality gate|kriterium|metrik|kennzahl|criterio|métrica|标准|指标)$/i,
  ],
  ['threshold', /^(?:target|threshold|goal|required|minimum|limit|ziel|schwelle|sollwert|umbral|objetivo|目标|阈值)$/i],
  ['checkpoint', /^(?:milestone|checkpoint|event|meeting|gate review|sync point|meilenstein|kontrollpunkt|hito|reunión|里程碑|检查点)$/i],
  ['date', /^(?:date|when|due|due date|deadline|time|day|week|datum|termin|fällig|fecha|cuándo|plazo|日期|截止|时间)$/i],
  ['duration', /^(?:duration|length|dauer|duración|时长)$/i],
  [
    'depends',
    /^(?:depends on|dependencies|dependency|blocked by|requires|prerequisites|abhängig von|abhängigkeiten|depende de|dependencias|dependências|依赖|依存)$/i,
  ],
  ['branch', /^(?:branch|git branch|zweig|rama|分支)$/i],
  ['file', /^(?:file|path|module|files?\/paths?|datei|archivo|文件)$/i],
  [
    'files',
    /^(?:files|files owned|owned files|file ownership|scope \(files\)|paths|(?:primary )?packages|exclusive files|directories|directory|owns|dateien|archivos|独占文件|文件范围)$/i,
  ],
  ['reviewers', /^(?:reviewers?|review|prüfer|revisor|revisores|评审)$/i],
  ['support', /^(?:support|backup|secondary|unterstützung|apoyo|支持)$/i],
  [
    'lead',
    /^(?:lead|owner|owners|assignee|assigned to|assigned|dri|primary|(?:primary|stream|track|team) (?:owner|lead)|responsible|agent|lead agent|leitung|verantwortlich|responsable|líder|encargado|responsável|负责人|担当者?)$/i,
  ],
  [
    'deliverable',
    /^(?:deliverables?|tasks?|work|scope|focus|mission|output|description|title|feature|aufgaben?|lieferung|umfang|entregables?|tareas?|alcance|交付物|任务|范围)$/i,
  ],
  ['allocation', /^(?:allocation|capacity|availability|fte|auslastung|asignación|占比)$/i],
  ['handle', /^(?:handle|github|slack|@)$/i],
  ['email', /^(?:e-?mail|correo)$/i],
  ['person', /^(?:person|people|member|team member|approver|wer|miembro|persona|人员|成员)$/i],
  ['role', /^(?:roles?|position|rolle|rol|cargo|角色)$/i],
  ['status', /^(?:status|state|progress|signed|signature|signed off|zustand|stand|estado|firma|状态)$/i],
  ['name', /^(?:name|component|nombre|nome|名称|名前)$/i],
  ['id', /^(?:id|#|no\.?|nr\.?|编号)$/i],
]

const KNOWN = new WeakMap<readonly string[], ReadonlyMap<Column, number>>()

/** Columns of a table by what their headers say; worked out once for a table. */
function columnsOf(header: readonly string[]): ReadonlyMap<Column, number> {
  const known = KNOWN.get(header)
  if (known) return known
  const columns = readHeader(header)
  KNOWN.set(header, columns)
  return columns
}

function readHeader(header: readonly string[]): ReadonlyMap<Column, number> {
  const columns = new Map<Column, number>()
  for (const [index, text] of header.entries()) {
    const word = bare(text)
      .replace(/[:：?]$/, '')
      .trim()
    const kind = unitWord(word) !== undefined && !columns.has('unit') ? 'unit' : HEADERS.find(([, pattern]) => pattern.test(word))?.[0]
    if (kind && !columns.has(kind)) columns.set(kind, index)
  }
  return columns
}

/** A row of a table: what it is, its headers say. True when something was made of it. */
export function readRow(reader: Reader, row: BlockOf<'row'>): boolean {
  if (readExported(reader, row)) return reader.claim()
  const columns = columnsOf(row.header)
  const cell = (column: Column): { readonly text: string; readonly place: Place } | undefined => {
    const index = columns.get(column)
    const found = index === undefined ? undefined : row.cells[index]
    return found && found.text !== '' ? { text: found.text, place: reader.place(row.line, found.column) } : undefined
  }
  for (const one of row.cells) reader.mentions(one.text, reader.place(row.line, one.column))
  const made =
    readEscalation(reader, cell, columns) ||
    readPersonRow(reader, cell, columns) ||
    readUnitRow(reader, cell, columns, row) ||
    readCheckpointRow(reader, cell, columns) ||
    readCriterionRow(reader, cell, columns) ||
    readTaskRow(reader, cell) ||
    readFileRow(reader, cell)
  return made ? reader.claim() : false
}

type Cells = (column: Column) => { readonly text: string; readonly place: Place } | undefined
type Columns = ReadonlyMap<Column, number>

function readEscalation(reader: Reader, cell: Cells, columns: Columns): boolean {
  if (!columns.has('scenario') || !columns.has('escalate')) return false
  const scenario = cell('scenario')
  const to = cell('escalate')
  if (!scenario || !to) return false
  const owner = cell('lead') ?? cell('person')
  const [target] = reader.names(to.text, to.place)
  const [owned] = owner ? reader.names(owner.text, owner.place) : []
  if (!target) return false
  const limit = cell('after')
  const seconds = /[<>≤≥]|after|longer|more than|\d\s?(?:h|hr|min)|länger|más de|超过/i.test(scenario.text)
    ? findDuration(scenario.text)
    : undefined
  const after = seconds ?? (limit && findDuration(limit.text))
  const { draft } = reader
  draft.escalations.push({
    ...pick(scenario.place),
    id: draft.escalationIds.take(slug(scenario.text.replace(/[<>]\s*\d+\s*\S*/g, ' ')), 'escalation'),
    scenario: oneLine(scenario.text),
    owner:
      owned && owner
        ? { ...pick(owner.place), value: owned.id === 'leads' ? 'lead' : owned.id, text: owner.text }
        : { ...pick(scenario.place), value: 'lead' },
    escalateTo: { ...pick(to.place), value: target.id === 'leads' ? 'lead' : target.id, text: to.text },
    action: oneLine(cell('action')?.text ?? 'Decide what to do'),
    ...(after !== undefined && { afterSeconds: after }),
  })
  return true
}

function readUnitRow(reader: Reader, cell: Cells, columns: Columns, row: BlockOf<'row'>): boolean {
  const ownId = columns.has('unit') ? undefined : row.cells.findIndex((one, index) => index < 3 && readUnit(one.text) !== undefined)
  const byId = ownId === undefined || ownId < 0 ? undefined : row.cells[ownId]
  const named =
    cell('unit') ??
    (byId && (columns.has('lead') || columns.has('branch') || columns.has('files') || columns.has('depends'))
      ? { text: byId.text, place: reader.place(row.line, byId.column) }
      : undefined) ??
    (columns.has('lead') || columns.has('branch') || columns.has('files') ? (cell('id') ?? cell('name')) : undefined)
  if (!named) return false
  const column = columns.get('unit')
  const word = (column === undefined ? undefined : unitWord(row.header[column] ?? '')) ?? 'stream'
  const unit = unitOfCell(reader, named, word, cell('name'))
  if (!unit) return false
  const leadCell = columns.get('lead')
  const lead = leadCell !== undefined && row.cells[leadCell] === byId ? undefined : cell('lead')
  if (lead) reader.lead(unit, lead.text, lead.place)
  const support = cell('support')
  if (support) addPeople(reader, unit.support, support.text, support.place)
  const reviewers = cell('reviewers')
  if (reviewers) addPeople(reader, unit.reviewers, reviewers.text, reviewers.place)
  const branch = cell('branch')
  if (branch) setBranch(reader, unit, branch.text, branch.place)
  const files = cell('files') ?? cell('file')
  if (files) addPaths(unit, files.text, files.place)
  const depends = cell('depends')
  if (depends) addDependencies(reader, unit, depends.text, depends.place)
  const owed = cell('deliverable')
  if (owed)
    for (const part of owed.text.split(/;|<br\s*\/?>/).slice(0, 20))
      if (part.trim() !== '') owe(reader, unit, reader.find('checkpoint'), { text: part.trim() }, owed.place)
  return true
}

function unitOfCell(
  reader: Reader,
  cell: { readonly text: string; readonly place: Place },
  word: string,
  name: { readonly text: string } | undefined,
): UnitDraft | undefined {
  if (readUnit(cell.text)) {
    const found = reader.unitIn(cell.text, cell.place, true)
    if (found && name && found.unit.name === '') found.unit.name = oneLine(name.text, 200)
    return found?.unit
  }
  const known = reader.draft.unitNamed(cell.text)
  if (known) return known
  if (isNobody(cell.text) || cell.text.length > 80 || /^(?:total|sum|all)\b/i.test(cell.text)) return undefined
  const match = /^([A-Z]-\p{L}{2,12}|[A-Z]|\d{1,3}(?:\.\d{1,3})*[A-Za-z]?|[A-Z]{1,4}-?\d{1,3})(?:[\s:.)–—-]+(.+))?$/u.exec(bare(cell.text))
  if (match) return reader.draft.unit(word, match[1] ?? '', match[2] ?? name?.text ?? '', cell.place)
  return reader.draft.unit(word, bare(cell.text).replace(/\s*\([^()]*\)$/, ''), bare(cell.text), cell.place)
}

function readCheckpointRow(reader: Reader, cell: Cells, columns: Columns): boolean {
  const date = cell('date')
  const name =
    cell('checkpoint') ?? (columns.has('date') && !columns.has('unit') ? (cell('name') ?? cell('deliverable') ?? cell('id')) : undefined)
  if (!name) return false
  const written = date && findTime(date.text)
  if (!written && !columns.has('checkpoint')) return false
  const at = written && date && (isDated(written) || isRelative(written) || written.weekday) ? { ...written, ...date.place } : undefined
  const checkpoint = reader.draft.checkpoint(name.text, at, reader.find('week'), name.place)
  if (written?.time !== undefined && date && checkpoint.meeting === undefined && at === undefined)
    checkpoint.meeting = { ...written, ...date.place }
  const duration = cell('duration')
  const seconds = duration && findDuration(duration.text)
  if (seconds !== undefined && duration) checkpoint.durationSeconds ??= { ...pick(duration.place), value: seconds, text: duration.text }
  const who = cell('person') ?? cell('lead')
  if (who)
    for (const { id, column } of reader.names(who.text, who.place)) checkpoint.attendees.push({ ...pick(who.place), column, value: id })
  const criterion = cell('criterion')
  if (criterion)
    for (const part of criterion.text.split(/;|<br\s*\/?>/))
      if (part.trim() !== '') addCriterion(checkpoint, part.trim(), 'acceptance', criterion.place)
  return true
}

function readCriterionRow(reader: Reader, cell: Cells, columns: Columns): boolean {
  const criterion = cell('criterion')
  if (!criterion) return false
  const threshold = cell('threshold')
  if (!threshold && !columns.has('status') && !columns.has('lead')) return false
  const unit = reader.find('unit')
  const checkpoint = reader.find('checkpoint') ?? reader.defaultCheckpoint(criterion.place)
  const list = reader.find('list')
  addCriterion(
    checkpoint,
    threshold ? `${criterion.text}: ${threshold.text}` : criterion.text,
    list === 'go-no-go' ? 'go/no-go' : list === 'success' ? 'success' : 'acceptance',
    criterion.place,
    unit ? { units: [unit.id] } : {},
  )
  return true
}

function readPersonRow(reader: Reader, cell: Cells, columns: Columns): boolean {
  if (columns.has('status') && columns.has('role') && reader.find('list') === 'sign-off') {
    const role = cell('role')
    return role ? addSignOff(reader, role.text, role.place) : false
  }
  if (columns.has('unit') || columns.has('deliverable') || columns.has('criterion')) return false
  const named = cell('handle') ?? cell('person') ?? cell('name') ?? cell('lead')
  const role = cell('role')
  if (!named || (!role && !columns.has('allocation'))) return false
  const person = reader.draft.person(named.text, named.place)
  if (!person) return isNobody(named.text)
  if (role) {
    if (roleOf(role.text) === undefined) {
      const unit = readUnit(role.text) ? reader.unitIn(role.text, role.place)?.unit : undefined
      if (unit && /lead|owner/i.test(role.text)) unit.lead ??= { ...pick(named.place), value: person.id }
    } else reader.draft.role(person, role.text, role.place)
  }
  const email = cell('email')
  if (email && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.text)) person.email ??= email.text
  const allocation = cell('allocation')
  const share = allocation && /(\d{1,3}(?:\.\d+)?)\s?%/.exec(allocation.text)
  if (allocation && share) person.allocation ??= { ...pick(allocation.place), value: Number(share[1]) / 100, text: allocation.text }
  return true
}

/** A row of tasks under a unit, or with a column that names the unit. */
function readTaskRow(reader: Reader, cell: Cells): boolean {
  const owed = cell('deliverable') ?? cell('name')
  const unit = reader.find('unit')
  if (!owed || !unit) return false
  const status = cell('status')?.text ?? ''
  const threshold = cell('threshold')?.text
  owe(
    reader,
    unit,
    reader.find('checkpoint'),
    {
      box: /done|complete|✅|fertig|listo|完成/i.test(status) ? 'x' : ' ',
      text: threshold === undefined ? owed.text : `${owed.text} (${threshold})`,
    },
    owed.place,
  )
  return true
}

/** A row that gives a file to its owner. */
function readFileRow(reader: Reader, cell: Cells): boolean {
  const file = cell('file') ?? cell('files')
  const owner = cell('lead') ?? cell('unit')
  if (!file || !owner) return false
  const unit = (readUnit(owner.text) ? reader.unitIn(owner.text, owner.place)?.unit : undefined) ?? reader.draft.unitNamed(owner.text)
  return unit ? addPaths(unit, file.text, file.place) : false
}
