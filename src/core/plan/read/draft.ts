import type {
  PlanAmount,
  PlanCriterion,
  PlanDeliverable,
  PlanSync,
  PlanTarget,
  Fact,
  PlanEscalation,
  PlanMatrix,
} from '#core/plan/model.ts'
import type { Weekday } from '#core/program/model.ts'
import type { Place } from '#core/problems.ts'
import { kindOf, type Found } from '#core/plan/read/amount.ts'
import { isDated, type WrittenTime } from '#core/plan/read/time.ts'
import { Ids, oneLine, slug, trimMarks } from '#core/plan/read/text.ts'
import { isNobody, roleOf } from '#core/plan/read/words.ts'

/** The plan while it is read: everything in it may still grow. */
export interface PersonDraft extends Place {
  readonly id: string
  readonly name: string
  readonly handle?: string
  readonly roles: Fact<string>[]
  allocation?: Fact<number>
  email?: string
  slack?: string
  github?: string
  readonly mentions: Place[]
}

export interface UnitDraft extends Place {
  id: string
  /** Its id and name were said by themselves, and stay as they are. */
  exact?: true
  name: string
  readonly word: string
  lead?: Fact<string>
  readonly support: Fact<string>[]
  readonly reviewers: Fact<string>[]
  branch?: Fact<string>
  readonly paths: Fact<string>[]
  readonly deliverables: Map<string, Writable<PlanDeliverable>>
  readonly integrationPoints: (Fact<string> & { readonly with: string; readonly id?: string; readonly measure?: string })[]
  readonly dependsOn: (Place & { readonly unit: string | undefined; readonly reaches?: number; readonly text: string })[]
  /** Units named inside this one, and the one it stands in. */
  readonly children: UnitDraft[]
  parent?: UnitDraft
  readonly deliverableIds: Ids
}

export type Writable<T> = { -readonly [K in keyof T]: T[K] }

export interface CheckpointDraft extends Place {
  exact?: true
  id: string
  name: string
  written?: WrittenTime & Place
  /** Set by a meeting-time field: it outranks EOD. */
  meeting?: WrittenTime & Place
  week?: number
  durationSeconds?: Fact<number>
  meetingSeconds?: Fact<number>
  readonly agenda: Writable<Place & { title: string; seconds: number; each?: 'stream'; topics: string[] }>[]
  readonly attendees: Fact<string>[]
  readonly criteria: PlanCriterion[]
  readonly criterionIds: Ids
  readonly targets: PlanTarget[]
  question?: Fact<string>
  readonly go: Fact<string>[]
  readonly noGo: Fact<string>[]
  readonly signOff: (Place & { readonly role: string; readonly quorum: number })[]
  /** Other keys of the program file, as an exported plan says them. */
  readonly more: Record<string, string>
}

const STATES =
  /\b(?:implemented|complete[d]?|done|finished|passing|passed|pass|written|drafted|designed|integrated|working|functional|fully|verified|ready|skeleton|planned|tested|understood|shows?|logic|programs?|implementation|automated|all|the|and|of|a|are|is|fertig|abgeschlossen|geschrieben|completad[oa]s?|list[oa]s?)\b|完成|通过/gi

/** What a deliverable is called, without its amount and without the words for how far it is. */
export const essence = (title: string): string =>
  slug(
    title
      .replace(/\([^()]*\)/g, ' ')
      .replace(STATES, ' ')
      .replace(/[\d.,/%<>=+~-]+/g, ' '),
  )

/** The words without the amount in them: `PSI reader (150/400 LOC)` is called "PSI reader". */
function nameOf(title: string, found: Found | undefined): string {
  if (!found) return title
  const name = trimMarks(`${title.slice(0, found.start)} ${title.slice(found.end)}`.replace(/[([（]\s*[)\]）]/g, ' ').replace(/\s+/g, ' '))
  // Of "8/15 unit tests passing" the figure alone is taken out: what is left over says only how far it is.
  const kept =
    essence(name) === ''
      ? trimMarks(
          title
            .replace(/\d[\d.,]*\s*(?:\/|-|–)?\s*[\d.,]*\s*[%+]?/g, ' ')
            .replace(/[<>=≤≥~]+/g, ' ')
            .replace(/[([（]\s*[)\]）]/g, ' ')
            .replace(/\s+/g, ' '),
        )
      : name
  return /\p{L}{2}/u.test(kept) ? kept.replace(/^\p{Ll}(?=[\p{Ll}\s])/u, (first) => first.toUpperCase()) : title
}

export class Draft {
  readonly people = new Map<string, PersonDraft>()
  readonly units = new Map<string, UnitDraft>()
  readonly checkpoints: CheckpointDraft[] = []
  readonly syncs: Writable<PlanSync>[] = []
  readonly matrices: (Writable<Omit<PlanMatrix, 'options' | 'immediate' | 'recommend'>> & {
    readonly options: { id: string; title: string; pros: string[]; cons: string[] }[]
    readonly immediate: string[]
    readonly recommend: string[]
  })[] = []
  readonly escalations: PlanEscalation[] = []
  readonly templates: (Place & { readonly id: string; readonly channel: string; readonly text: string })[] = []
  readonly commands: Fact<string>[] = []
  /** Fenced parts of a program file, as text. */
  readonly yaml: Fact<string>[] = []
  readonly notices: Fact<string>[] = []
  readonly years: number[] = []
  readonly dates: (WrittenTime & Place)[] = []
  readonly noDependencies: Fact<string>[] = []
  readonly statements: (Fact<string> & { readonly about: string })[] = []
  readonly holidays: string[] = []
  title: Fact<string> | undefined
  program: Fact<string> | undefined
  repository: Fact<string> | undefined
  zone: Fact<string> | undefined
  target: Fact<string> | undefined
  workDays: readonly Weekday[] | undefined
  hours: { readonly start: string; readonly end: string } | undefined
  /** Roles that a table of people gives: their names are no people. */
  readonly declaredRoles = new Set<string>()
  readonly #aliases = new Map<string, PersonDraft>()
  readonly syncIds = new Ids()
  readonly matrixIds = new Ids()
  readonly escalationIds = new Ids()
  readonly templateIds = new Ids()
  readonly #unitIds = new Ids()
  readonly #unitsByName = new Map<string, UnitDraft>()
  readonly #checkpointIds = new Ids()
  readonly #checkpointsByKey = new Map<string, CheckpointDraft>()
  readonly #said = new Set<string>()

  /** Says something once for a whole document. */
  notice(place: Place, value: string, key = value): void {
    if (this.#said.has(`${place.file}\0${key}`)) return
    this.#said.add(`${place.file}\0${key}`)
    this.notices.push({ ...pick(place), value })
  }

  /** Keeps a fact that the plan holds only once, where it is said again and otherwise. */
  state(about: string, value: string, place: Place): void {
    if (!this.statements.some((one) => one.about === about && one.value === value)) this.statements.push({ ...pick(place), about, value })
  }

  /** A person by handle or name; undefined where the words name nobody. */
  person(written: string, place: Place): PersonDraft | undefined {
    const text = written.replace(/^[\s"'“]+|[\s"'”.;,]+$/g, '')
    if (isNobody(text) || text.length > 60) return undefined
    const isHandle = text.startsWith('@')
    const id = slug(isHandle ? (text.split('/').at(-1) ?? text) : text)
    // A name in a script that ids do not have is known by its characters.
    const key = id === '' ? text : id
    const known = this.people.get(key) ?? this.#aliases.get(key)
    if (known) {
      known.mentions.push(pick(place))
      return known
    }
    if (id === '' && !/\p{L}/u.test(text)) return undefined
    const name = oneLine(text.replace(/^@/, ''), 120)
    const role = isHandle || /^[A-Z]+$/.test(text) ? roleOf(name) : roleOf(name)
    const person: PersonDraft = {
      ...pick(place),
      id: id === '' ? `person-${this.people.size + 1}` : id,
      name,
      ...(isHandle && { handle: text }),
      roles: role === undefined ? [] : [{ ...pick(place), value: role, text: name }],
      mentions: [pick(place)],
    }
    this.people.set(key, person)
    return person
  }

  /** A person whose id is said. */
  declare(person: PersonDraft): void {
    if (this.people.has(person.id)) return
    this.people.set(person.id, person)
    this.#aliases.set(slug(person.id), person)
    for (const role of person.roles) this.declaredRoles.add(role.value)
  }

  /** Gives a unit the id that the document says. */
  identify(unit: UnitDraft, id: string): void {
    unit.id = id
    unit.exact = true
    this.#unitsByName.set(id.toLowerCase(), unit)
  }

  role(person: PersonDraft, written: string, place: Place): void {
    const role = roleOf(written)
    if (role !== undefined && !person.roles.some((one) => one.value === role))
      person.roles.push({ ...pick(place), value: role, text: oneLine(written, 60) })
  }

  unit(word: string, id: string, name: string, place: Place): UnitDraft {
    const key = `${word}\0${id.toLowerCase()}`
    const title = oneLine(name, 200)
    const known = this.units.get(key)
    if (known) {
      if (known.name === '' && title !== '') this.#name(known, title)
      return known
    }
    const short = slug(id)
    const made: UnitDraft = {
      ...pick(place),
      id: this.#unitIds.take(
        /^[a-z0-9][a-z0-9._-]*$/.test(id) && /[a-z]{2}/.test(id)
          ? id
          : short === ''
            ? `${word}-${this.units.size + 1}`
            : /^[a-z]?\d*$/.test(short) || short.length < 2 || /^\d/.test(short)
              ? `${word}-${short}`
              : short,
        word,
      ),
      name: '',
      word,
      support: [],
      reviewers: [],
      paths: [],
      deliverables: new Map(),
      integrationPoints: [],
      dependsOn: [],
      children: [],
      deliverableIds: new Ids(),
    }
    this.units.set(key, made)
    this.#unitsByName.set(`${word} ${id}`.toLowerCase(), made)
    this.#unitsByName.set(id.toLowerCase(), made)
    this.#unitsByName.set(made.id, made)
    if (title !== '') this.#name(made, title)
    return made
  }

  #name(unit: UnitDraft, name: string): void {
    unit.name = name
    for (const key of [name.toLowerCase(), ...name.toLowerCase().split(/[^\p{L}\p{N}]+/u)])
      if (key.length > 1 && !this.#unitsByName.has(key)) this.#unitsByName.set(key, unit)
  }

  /** The unit that a word or a phrase means: `A`, `Stream A`, its id, its name, a word of its name. */
  unitNamed(text: string): UnitDraft | undefined {
    const key = text.toLowerCase().replace(/^[\s@]+|[\s.,;]+$/g, '')
    return this.#unitsByName.get(key) ?? this.#unitsByName.get(key.replace(/\s*[([（].*$/, '')) ?? this.#unitsByName.get(slug(key))
  }

  /** The checkpoint of that time and name, made when there is none. */
  checkpoint(name: string, written: (WrittenTime & Place) | undefined, week: number | undefined, place: Place): CheckpointDraft {
    const title = oneLine(name, 200)
    const keys: string[] = []
    const nth = written?.week ?? week
    if (written && isDated(written)) keys.push(`${written.year ?? ''}-${written.month}-${written.day}-${written.time ?? ''}-${slug(title)}`)
    if (written && !isDated(written) && written.weekday && nth !== undefined) keys.push(`${nth}:${written.weekday}`)
    if (!written || keys.length === 0) keys.push(`name:${slug(title) || title}`)
    for (const key of keys) {
      const known = this.#checkpointsByKey.get(key)
      if (known) return known
    }
    const base = nth !== undefined && written?.weekday ? `week${nth}-${written.weekday}` : slug(title)
    const made: CheckpointDraft = {
      ...pick(place),
      id: this.#checkpointIds.take(base, 'checkpoint'),
      name: title === '' ? (written?.text ?? 'Checkpoint') : title,
      ...(written && { written }),
      ...(nth !== undefined && { week: nth }),
      agenda: [],
      attendees: [],
      criteria: [],
      criterionIds: new Ids(),
      targets: [],
      go: [],
      noGo: [],
      signOff: [],
      more: {},
    }
    this.checkpoints.push(made)
    for (const key of keys) this.#checkpointsByKey.set(key, made)
    if (nth !== undefined && written?.weekday && !this.#checkpointsByKey.has(`${nth}:${written.weekday}`))
      this.#checkpointsByKey.set(`${nth}:${written.weekday}`, made)
    return made
  }

  /** A checkpoint that is already there, by week and weekday. */
  checkpointAt(week: number, weekday: Weekday): CheckpointDraft | undefined {
    return this.#checkpointsByKey.get(`${week}:${weekday}`)
  }

  /** What a unit owes: the one it already has, where the words or the whole amount are the same. */
  deliverable(unit: UnitDraft, title: string, found: Found | undefined, place: Place, done?: boolean): Writable<PlanDeliverable> {
    const amount = found && planAmount(found, place)
    const kind = kindOf(title, amount?.unit)
    const measured = amount !== undefined && (amount.unit === 'lines' || amount.unit === 'tests') && amount.whole !== undefined
    const keys = [
      ...(measured ? [`${amount.unit}:${amount.whole}`] : []),
      `${kind}:${essence(title) || slug(title) || title}`,
      ...(kind === 'documentation' ? ['documentation'] : []),
    ]
    for (const key of keys) {
      const known = unit.deliverables.get(key)
      if (known) {
        if (amount && (!known.full || (known.full.whole === undefined && amount.whole !== undefined))) known.full = amount
        for (const each of keys) if (!unit.deliverables.has(each)) unit.deliverables.set(each, known)
        return known
      }
    }
    const made: Writable<PlanDeliverable> = {
      ...pick(place),
      id: unit.deliverableIds.take(essence(title) || slug(title), 'deliverable'),
      title: oneLine(nameOf(title, found)),
      kind,
      ...(amount && { full: amount }),
      ...(done !== undefined && { done }),
    }
    for (const key of keys) unit.deliverables.set(key, made)
    return made
  }
}

export const pick = ({ file, line, column }: Place): Place => ({ file, line, column })

export const planAmount = (found: Found, place: Place): PlanAmount => ({ ...pick(place), column: place.column, ...found.amount })

/** The deliverables of a unit, each once. */
export const deliverablesOf = (unit: UnitDraft): readonly PlanDeliverable[] => [...new Set(unit.deliverables.values())]
