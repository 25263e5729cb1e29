import type { Fact } from '#core/plan/model.ts'
import type { Block } from '#core/plan/read/blocks.ts'
import { pick, type CheckpointDraft, type Draft, type UnitDraft, type Writable } from '#core/plan/read/draft.ts'
import { bare, oneLine, trimMarks } from '#core/plan/read/text.ts'
import { isNobody, readUnit, roleOf, type ListKind } from '#core/plan/read/words.ts'
import type { Place } from '#core/problems.ts'

/** What a heading, a label or an item says about everything under it. */
export interface Scope {
  /** 1-6 headings, 7 bold labels, 8 labels, 9 fences, 10 and more items by their indent. */
  readonly level: number
  readonly text: string
  readonly line: number
  readonly column: number
  /** Whether anything was made of it or of what stands under it. */
  used: boolean
  /** Of a scope without a line of its own: whether anything under it was used. */
  claimed?: boolean
  unit?: UnitDraft
  checkpoint?: CheckpointDraft
  sync?: Draft['syncs'][number]
  matrix?: Draft['matrices'][number]
  list?: ListKind
  listName?: string
  week?: number
  /** Agenda item or option that the next deeper lines belong to. */
  item?: { readonly topics: string[] }
}

/** One document while it is read: where in it we are, and what was claimed. */
export class Reader {
  readonly draft: Draft
  readonly file: string
  readonly unplaced: Fact<string>[] = []
  readonly scopes: Scope[] = []
  /** Lines that hold something, and those of them that did not become part of the plan. */
  read = 0
  left = 0
  /** Dependencies on units that were not known yet. */
  readonly later: { readonly unit: UnitDraft; readonly text: string; readonly place: Place }[] = []

  constructor(draft: Draft, file: string) {
    this.draft = draft
    this.file = file
  }

  place(line: number, column = 1): Place {
    return { file: this.file, line, column }
  }

  open(scope: Scope): Scope {
    this.close(scope.level)
    this.scopes.push(scope)
    return scope
  }

  /** Ends every scope of that level and deeper; a heading under which nothing was found is itself left over. */
  close(level: number): void {
    for (let last = this.scopes.at(-1); last && last.level >= level; last = this.scopes.at(-1)) {
      this.scopes.pop()
      const above = this.scopes.at(-1)
      if (last.line === 0) {
        if (above && last.claimed) above.used = above.claimed = true
      } else if (last.used) {
        if (above) above.used = above.claimed = true
      } else this.leave(last.text, last.line, last.column)
    }
  }

  /** The nearest scope that says it. */
  find<K extends 'unit' | 'checkpoint' | 'sync' | 'matrix' | 'list' | 'week' | 'item'>(key: K): Scope[K] | undefined {
    for (let index = this.scopes.length - 1; index >= 0; index -= 1) {
      const value = this.scopes[index]?.[key]
      if (value !== undefined) return value
    }
    return undefined
  }

  /** The nearest of several; what stands closer outranks what stands above it. */
  nearest(): {
    readonly unit?: UnitDraft
    readonly checkpoint?: CheckpointDraft
    readonly sync?: Draft['syncs'][number]
    readonly matrix?: Draft['matrices'][number]
  } {
    for (let index = this.scopes.length - 1; index >= 0; index -= 1) {
      const { unit, checkpoint, sync, matrix } = this.scopes[index] ?? {}
      if (unit || checkpoint || sync || matrix)
        return { ...(unit && { unit }), ...(checkpoint && { checkpoint }), ...(sync && { sync }), ...(matrix && { matrix }) }
    }
    return {}
  }

  claim(): true {
    const last = this.scopes.at(-1)
    if (last) {
      last.used = true
      last.claimed = true
    }
    return true
  }

  leave(text: string, line: number, column = 1): void {
    this.left += 1
    // A document of nothing but prose must not cost more than the document itself.
    if (this.left <= 200_000) this.unplaced.push({ ...this.place(line, column), value: oneLine(text, 240) })
    else if (this.left === 200_001)
      this.unplaced.push({ ...this.place(line, column), value: 'this line and everything after it that was not understood' })
  }

  /** Where conditions go that stand under no checkpoint: the end of the work, or the go/no-go. */
  defaultCheckpoint(place: Place): CheckpointDraft {
    const decides = this.scopes.some((scope) => scope.list === 'go-no-go')
    return this.draft.checkpoint(decides ? 'Go/no-go' : 'Acceptance', undefined, undefined, place)
  }

  /** The unit that a line begins with, made known; undefined when it begins with none. */
  unitIn(text: string, place: Place, heading = false): { readonly unit: UnitDraft; readonly rest: string } | undefined {
    const found = readUnit(text, heading)
    if (!found) return undefined
    let rest = found.rest.trim()
    let name = ''
    let lead: string | undefined
    const paren = /^[\s:：.–—-]*[([（]([^()[\]（）]{1,120})[)\]）]/.exec(rest)
    if (paren?.[1] !== undefined) {
      const owner = /^\s*(?:(?:owner|lead|agent|leitung|responsable|负责人)[:：]\s*)?(@.*)$/iu.exec(paren[1])
      if (owner?.[1] !== undefined) lead = owner[1]
      else if (!/^[\d\s.,%/+<>=~-]+$/.test(paren[1])) name = paren[1]
      rest = rest.slice(paren[0].length)
    }
    const separated = /^\s*[:：.–—|-]\s*(.*)$/s.exec(rest)
    if (separated) rest = separated[1] ?? ''
    if (heading && name === '') {
      const at =
        /\s*[([（](?:(?:owner|lead|agent|leitung|responsable|负责人)[:：]\s*)?(@[^()[\]（）]{1,120})[)\]）]\s*$/iu.exec(rest) ??
        /\s+[-–—|,]\s+(?:owner|lead|agent|leitung|responsable)[:：]\s*(@[\w./-]{1,60})\s*$/iu.exec(rest)
      if (at?.[1] !== undefined) {
        lead = at[1]
        rest = rest.slice(0, at.index)
      }
      name = trimMarks(rest)
    } else if (heading && /^\s*[([（]@/.test(rest)) lead = /@[\w./-]+/.exec(rest)?.[0]
    const unit = this.draft.unit(found.word, found.id, isNobody(name) ? '' : name, place)
    if (lead !== undefined) this.lead(unit, lead, place)
    return { unit, rest: rest.trim() }
  }

  /** Names as written: `a (lead), b (review)`, `@x + @y`, `All leads`. The first leads unless another is called so. */
  names(text: string, place: Place): readonly { readonly id: string; readonly note: string; readonly column: number }[] {
    const found: { id: string; note: string; column: number }[] = []
    const parts = text.slice(0, 600).split(/(?:[,，、;+&]|\s+(?:and|und|y|e|\/|with)\s+)(?![^()（）]{0,80}[)）])/u)
    let from = 0
    for (const part of parts.slice(0, 30)) {
      const at = text.indexOf(part, from)
      from = at + part.length
      const note = /[([（]([^()[\]（）]{1,60})[)\]）]/.exec(part)?.[1] ?? ''
      const name = bare(part.replace(/[([（][^()[\]（）]*[)\]）]/g, ' ')).trim()
      const where = { ...place, column: place.column + Math.max(0, at) + (part.length - part.trimStart().length) }
      if (
        /^(?:all\s+)?(?:primary\s+|stream\s+|track\s+)?leads?$|^alle leads$|^todos los (?:líderes|responsables)$|^所有负责人$/iu.test(
          name,
        ) ||
        /^primary (?:lead|owner)$/i.test(name)
      ) {
        found.push({ id: 'leads', note, column: where.column })
        continue
      }
      if (this.draft.declaredRoles.has(name) && !this.draft.people.has(name)) {
        found.push({ id: name, note, column: where.column })
        continue
      }
      const handle = /@[A-Za-z0-9][\w.-]*(?:\/[\w.-]+)?/.exec(name)?.[0]
      if (handle === undefined && (name.length > 40 || name.split(/\s+/).length > 4)) continue
      const person = this.draft.person(handle ?? name, where)
      if (!person) continue
      if (note !== '') this.draft.role(person, note, where)
      found.push({ id: person.id, note, column: where.column })
    }
    return found
  }

  lead(unit: UnitDraft, text: string, place: Place): boolean {
    const names = this.names(text, place).filter((one) => one.id !== 'leads')
    for (const [index, { id, note, column }] of names.entries()) {
      const fact = { ...pick(place), column, value: id, ...(text !== id && { text: oneLine(text, 120) }) }
      if (/review|prüf|revis|评审/i.test(note)) addFact(unit.reviewers, fact)
      else if (/support|backup|help|unterstütz|apoyo|支持/i.test(note) || (index > 0 && !/lead|leitung|líder|负责/i.test(note)))
        addFact(unit.support, fact)
      else if (!unit.lead) unit.lead = fact
      else if (unit.lead.value !== id) addFact(unit.support, fact)
    }
    return names.length > 0
  }

  /** `Release lead: @x`: a person by the role in front of them; `QA: automated tests` names nobody. */
  roleLine(text: string, place: Place): boolean {
    const match =
      /^([^:：@]{2,40})[:：]\s*(@[\w-]+(?:\s*\([^()]{0,60}\))?|(?:[\p{Lu}\p{Lo}][\p{L}.'-]{0,24}(?: |$)){1,4}|[a-z]{1,20}(?:-[a-z]{1,20}){1,3})$/u.exec(
        bare(text),
      )
    const role = match?.[1] === undefined ? undefined : roleOf(match[1])
    if (role === undefined || match?.[2] === undefined) return false
    const person = this.draft.person(match[2].replace(/\s*\(.*$/, ''), place)
    if (!person) return false
    this.draft.role(person, match[1] ?? '', place)
    return true
  }

  /** People named with a role anywhere in a line: `@x (Phase Lead)`. */
  mentions(text: string, place: Place): void {
    if (!text.includes('@')) return
    let left = 20
    for (const match of text.matchAll(/(?<![\p{L}\d.])@([A-Za-z][\w-]{0,39})(?:\s*\(([^()]{2,40})\))?/gu)) {
      if ((left -= 1) < 0) return
      const person = this.draft.person(`@${match[1] ?? ''}`, { ...place, column: place.column + match.index })
      if (person && match[2] !== undefined && roleOf(match[2]) !== undefined) this.draft.role(person, match[2], place)
    }
  }
}

export function addFact(list: Writable<Fact<string>>[], fact: Fact<string>): void {
  if (!list.some((one) => one.value === fact.value)) list.push(fact)
}

export type BlockOf<K extends Block['kind']> = Extract<Block, { kind: K }>
