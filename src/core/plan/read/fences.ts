import type { SourceLine } from '#core/plan/read/blocks.ts'
import { addIntegration, readFieldLine } from '#core/plan/read/fields.ts'
import { readAgendaItem } from '#core/plan/read/headings.ts'
import { readMatrixLine } from '#core/plan/read/items.ts'
import type { BlockOf, Reader } from '#core/plan/read/reader.ts'
import { findDuration, findTime, isDated } from '#core/plan/read/time.ts'
import { oneLine, plain, slug, trimMarks } from '#core/plan/read/text.ts'
import { healthOf, isProse, isShell, listOf, readField } from '#core/plan/read/words.ts'

const TREE = /^[\s│|]*(?:[├└]|[+`|]--|\|__)[─\-_]*\s*/u
const YES = /^(?:yes|ja|sí|si|是)\s*(?:→|->|=>|:|-)?\s*/iu
const NO = /^(?:no|nein|否)\s*(?:→|->|=>|:|-)?\s*/iu

/** A fenced block: commands, a form, an agenda, a tree, a matrix, or lines like any other. */
export function readFence(reader: Reader, fence: BlockOf<'fence'>, line: (raw: string, line: number) => void): void {
  const written = fence.lines.filter((one) => one.text.trim() !== '')
  reader.read += written.length
  const texts = written.map((one) => one.text)
  if (isShell(fence.info) || (isProse(fence.info) && texts.length > 0 && texts.every((text) => /^\s*(?:\$|>|#) /.test(text)))) {
    for (const one of written) {
      const command = one.text.trim().replace(/^\$ /, '')
      if (!command.startsWith('#')) reader.draft.commands.push({ ...reader.place(one.line), value: oneLine(command, 400) })
      reader.claim()
    }
    return
  }
  if (/^ya?ml\s+muster\b/i.test(fence.info)) {
    reader.draft.yaml.push({ ...reader.place(fence.line + 1), value: fence.lines.map((one) => one.text).join('\n') })
    reader.claim()
    return
  }
  const list = reader.find('list')
  if (list === 'templates' || list === 'reports') {
    keepTemplate(reader, fence, list)
    reader.claim()
    return
  }
  if (!isProse(fence.info)) {
    for (const one of written) reader.leave(one.text, one.line)
    return
  }
  if (reader.find('matrix')) {
    for (const one of written) readMatrixRow(reader, one)
    return
  }
  const isTree = texts.some((text) => TREE.test(text))
  if (isTree && texts.some((text) => YES.test(text.replace(TREE, '')))) readDecisionTree(reader, written)
  else if (isTree && reader.find('checkpoint') && texts.some((text) => /\(\d+\s?min/i.test(text))) readAgenda(reader, written)
  else {
    reader.open({ level: 9, text: '', line: 0, column: 1, used: true })
    // Each line is counted again where it is read as a line.
    reader.read -= written.length
    for (const one of fence.lines) line(one.text, one.line)
    reader.close(9)
  }
}

function keepTemplate(reader: Reader, fence: BlockOf<'fence'>, list: 'templates' | 'reports'): void {
  const heading = reader.scopes.findLast((one) => one.level <= 8 && one.list !== list) ?? reader.scopes.at(-1)
  const title = heading?.text ?? 'Template'
  const channel =
    list === 'reports'
      ? 'report'
      : (/slack|teams|discord|e-?mail|mail/i
          .exec(title)?.[0]
          .toLowerCase()
          .replace(/^e-?mail$|^mail$/, 'email') ?? 'slack')
  const text = fence.lines.map((one) => one.text).join('\n')
  const { draft } = reader
  if (text.trim() === '') return
  draft.templates.push({
    ...reader.place(fence.line + 1),
    id: draft.templateIds.take(slug(title.replace(/\([^()]*\)/g, ' ')), 'template'),
    channel,
    text: text.slice(0, 19_000).toWellFormed(),
  })
  // The form shows how the plan is meant: who is integrated with what, and the days it speaks of.
  let points = false
  for (const one of fence.lines) {
    const line = plain(one.text)
    if (line === '') points = false
    const place = reader.place(one.line, one.text.length - one.text.trimStart().length + 1)
    const field = readField(line)
    if (/integration points|schnittstellen|puntos de integraci/i.test(line)) points = true
    else if (points && /→|->/.test(line)) addIntegration(reader, line, place, undefined)
    else if (field?.kind === 'cross' || (field?.kind === 'depends' && /none/i.test(field.value)))
      readFieldLine(reader, { ...field, kind: 'cross' }, place)
    else if (field?.kind === 'date') {
      const written = findTime(field.value)
      if (written && isDated(written) && written.weekday)
        draft.dates.push({ ...written, ...place, column: one.text.indexOf(field.value) + 1 + written.start })
    }
    reader.mentions(line, place)
  }
}

function readMatrixRow(reader: Reader, one: SourceLine): void {
  const text = plain(one.text)
  const column = one.text.length - one.text.trimStart().length + 1
  const matrix = reader.find('matrix')
  reader.mentions(text, reader.place(one.line, column))
  if (text.endsWith(':') && matrix) {
    const list = listOf(text)
    if (list === 'immediate') {
      const within = findDuration(text)
      if (within !== undefined) matrix.withinSeconds ??= within
    }
    if (list) {
      reader.open({ level: 9, text, line: one.line, column, used: true, list })
      return
    }
  }
  if (readMatrixLine(reader, one.text, reader.place(one.line, column), /^\s*\d+[.)]/.test(one.text))) reader.claim()
  else reader.leave(one.text.trim(), one.line, column)
}

/** `CHECKPOINT REPORT ... / Per-Stream (5 min each): / ├─ ...`: items with their time, topics under them. */
function readAgenda(reader: Reader, lines: readonly SourceLine[]): void {
  reader.open({ level: 9, text: '', line: 0, column: 1, used: true, list: 'agenda', listName: 'Agenda' })
  let item: { readonly topics: string[] } | undefined
  for (const [index, one] of lines.entries()) {
    const column = one.text.length - one.text.trimStart().length + 1
    const text = plain(one.text.replace(TREE, ''))
    const place = reader.place(one.line, column)
    reader.mentions(text, place)
    const branch = TREE.test(one.text)
    const field = branch ? undefined : readField(text)
    const known =
      field !== undefined && field.value !== '' && readFieldLine(reader, field, { ...place, column: one.text.indexOf(field.value) + 1 })
    const made = branch || known ? undefined : readAgendaItem(reader, text, one.line, column)
    if (known) reader.claim()
    else if (made) {
      item = made
      reader.claim()
    } else if (branch && item) {
      reader.unitIn(text, place)
      if (!/^(?:stream|track|workstream)\s+\w+\s*\(@[^()]*\):?\s*(?:\[same\])?$/i.test(text))
        item.topics.push(oneLine(text.replace(/^(?:stream|track|workstream|agent|team)\s+\w+\s*\([^()]*\)[:：]\s*/i, '')))
      reader.claim()
    } else if (index === 0) reader.claim()
    else reader.leave(text, one.line, column)
  }
  const checkpoint = reader.find('checkpoint')
  for (const each of checkpoint?.agenda ?? []) {
    const once = [...new Set(each.topics.filter((topic) => topic !== '[same]'))]
    each.topics.splice(0, each.topics.length, ...once)
  }
  reader.close(9)
}

/** `All on track? / ├─ YES → ... / └─ NO → ...`: the question, and what either answer leads to. */
function readDecisionTree(reader: Reader, lines: readonly SourceLine[]): void {
  const checkpoint = reader.find('checkpoint')
  let side: 'go' | 'no-go' | undefined
  let top = Infinity
  let matrix = reader.find('matrix')
  for (const one of lines) {
    const depth = one.text.search(/[\p{L}\p{N}@]/u)
    const column = Math.max(1, depth + 1)
    const place = reader.place(one.line, column)
    const text = plain(one.text.replace(TREE, ''))
    reader.mentions(text, place)
    if (!TREE.test(one.text)) {
      if (checkpoint) checkpoint.question ??= { ...place, value: oneLine(text) }
      else if (healthOf(text)) matrix ??= undefined
      side = undefined
      top = Infinity
      if (checkpoint) reader.claim()
      else reader.leave(text, one.line, column)
      continue
    }
    if (!checkpoint) {
      reader.leave(text, one.line, column)
      continue
    }
    const isTop = depth <= top
    if (isTop && YES.test(text)) [side, top] = ['go', depth]
    else if (isTop && NO.test(text)) [side, top] = ['no-go', depth]
    const action = isTop ? text.replace(YES, '').replace(NO, '') : text
    if (side !== undefined && action !== '')
      (side === 'go' ? checkpoint.go : checkpoint.noGo).push({ ...place, value: oneLine(trimMarks(action) === '' ? text : action) })
    reader.claim()
  }
}
