import type { PlanDeliverable, PlanUnit } from '#core/plan/model.ts'
import { Ids, oneLine, slug } from '#core/plan/read/text.ts'
import type { People } from '#core/plan/write/people.ts'
import type { Needs } from '#core/plan/write/sources.ts'
import { amountText, comment, flow, q, rangeText, type Writing } from '#core/plan/write/yaml.ts'
import { isBranchName } from '#core/program/resolve/scope.ts'
import type { DeliverableKind } from '#core/program/model.ts'
import type { Unit } from '#core/evidence/evidence.ts'

/** A deliverable as it is written: with its measure and whole where there is one. */
export interface Owed {
  readonly id: string
  readonly title: string
  readonly kind: DeliverableKind
  readonly measure?: { readonly metric: string; readonly full: string; readonly low: number; readonly high: number; readonly unit: Unit }
  readonly note?: string
}

export interface StreamEntry {
  readonly id: string
  readonly unit: PlanUnit
  readonly deliverables: ReadonlyMap<string, Owed>
  readonly lines: readonly string[]
}

/** More than this, and the file would be no file for people. */
const MOST_EDGES = 2000

/** Streams of the program file, by the id of the unit they come from. */
export function streamsOf(writing: Writing, people: People, needs: Needs): ReadonlyMap<string, StreamEntry> {
  const { plan, say } = writing
  const ids = new Ids()
  const branches = new Set<string>()
  const known = new Map(
    plan.units.map((unit) => [unit.id, ids.take(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(unit.id) ? unit.id : slug(unit.name), 'stream')]),
  )
  const edges = acyclic(writing, known)
  const due = new Set(plan.checkpoints.flatMap((one) => one.targets.map((target) => `${target.unit} ${target.deliverable}`)))
  return new Map(
    plan.units.map((unit) => {
      const id = known.get(unit.id) ?? unit.id
      const deliverables = new Map(
        owedBy(writing, unit, needs, due).map((one, index) => [unit.deliverables[index]?.id ?? one.id, one] as const),
      )
      const given = unit.branch?.value
      const usable = given !== undefined && isBranchName(given) && given.length <= 250 && !branches.has(given)
      if (given !== undefined && !usable)
        say(
          unit.branch ?? unit,
          branches.has(given)
            ? `two units work on ${given}; ${id} got a branch of its own`
            : `"${given}" is not a branch name that git allows`,
        )
      let branch = usable ? given : `feature/${slug(unit.name) || id.toLowerCase()}`
      for (let count = 2; branches.has(branch) || !isBranchName(branch); count += 1) branch = `feature/${id.toLowerCase()}-${count}`
      branches.add(branch)
      const lead = unit.lead && people.id(unit.lead.value)
      if (lead === undefined) say(unit, `${unit.name} names no lead; ${people.nobody()} stands for one`)
      const person = (facts: PlanUnit['support']): readonly string[] => [...new Set(facts.flatMap((one) => people.id(one.value) ?? []))]
      const roleOrPerson = (facts: PlanUnit['support']): readonly string[] => [
        ...new Set(facts.flatMap((one) => people.id(one.value) ?? (people.hasRole(one.value) ? one.value : []))),
      ]
      const [support, reviewers] = [person(unit.support), roleOrPerson(unit.reviewers)]
      const lines = [
        `  ${q(id)}:`,
        `    name: ${q(unit.name === '' ? id : unit.name)}`,
        ...(lead === undefined ? [comment('The plan names nobody.', 4)] : []),
        `    lead: ${q(lead ?? people.nobody())}`,
        ...(support.length > 0 ? [`    support: ${flow(support)}`] : []),
        ...(reviewers.length > 0 ? [`    reviewers: ${flow(reviewers)}`] : []),
        ...(usable ? [] : [comment(given === undefined ? 'Guessed: the plan names no branch.' : `The plan says: ${given}`, 4)]),
        `    branch: ${q(branch)}`,
        ...(unit.paths.length > 0
          ? [
              `    paths: [${unit.paths
                .slice(0, 500)
                .map((one) => JSON.stringify(oneLine(one.value, 240)))
                .join(', ')}]`,
            ]
          : []),
        ...deliverableLines([...deliverables.values()]),
        ...integrationLines(unit),
        ...dependencyLines(edges.get(unit.id) ?? [], unit),
      ]
      return [unit.id, { id, unit, deliverables, lines }] as const
    }),
  )
}

export function streamLines({ plan }: Writing, streams: ReadonlyMap<string, StreamEntry>): readonly string[] {
  if (plan.units.length === 0) return ['# The plan names no unit of work that Muster recognises.', 'streams: {}']
  return ['streams:', ...[...streams.values()].flatMap((one) => one.lines)]
}

/** How far the plan says it is: a claim, which no program file holds. */
const notesOf = ({ full, done }: PlanDeliverable, isDue: boolean): string | undefined =>
  isDue
    ? undefined
    : full?.whole !== undefined
      ? `The plan says: ${full.text}${done ? ', done' : ''}.`
      : done
        ? 'The plan says: done.'
        : undefined

function owedBy(writing: Writing, unit: PlanUnit, needs: Needs, due: ReadonlySet<string>): readonly Owed[] {
  const ids = new Ids()
  return unit.deliverables.map((one) => {
    const id = ids.take(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(one.id) ? one.id : 'deliverable', 'deliverable')
    const measure = one.measure === undefined ? measureOf(one, needs) : undefined
    const unmeasured =
      one.full && !measure && one.measure === undefined
        ? `The plan says: ${one.full.text}; nothing measures it, so the lead signs that it is done.`
        : undefined
    const note = unmeasured ?? notesOf(one, due.has(`${unit.id} ${one.id}`))
    if (unmeasured !== undefined && one.full)
      writing.say(one.full, `nothing measures "${one.title}" (${one.full.text}); the lead signs that it is done`)
    if (one.measure !== undefined && one.whole !== undefined) {
      const low = one.full?.low ?? 0
      return {
        id,
        title: one.title,
        kind: one.kind,
        measure: { metric: one.measure, full: one.whole, low, high: one.full?.high ?? low, unit: one.full?.unit ?? 'count' },
      }
    }
    return { id, title: one.title, kind: one.kind, ...(measure && { measure }), ...(note !== undefined && { note }) }
  })
}

/** The metric that counts a deliverable, and its whole. */
function measureOf({ kind, full, title }: PlanDeliverable, needs: Needs): Owed['measure'] {
  if (!full) return undefined
  const whole = full.whole ?? full.high
  const of = (metric: string, unit: Unit): Owed['measure'] =>
    whole > 0 && whole < 1e9 ? { metric, full: amountText(whole, unit), low: whole, high: whole, unit } : undefined
  if (full.unit === 'lines') return of('git.lines.code', 'lines')
  if (full.unit === 'tests') {
    needs.add('tests')
    return of('tests.passed', 'tests')
  }
  if (full.unit !== 'ratio') return undefined
  if (kind === 'documentation') {
    needs.add('docs')
    return { metric: 'docs.complete', full: '100%', low: 1, high: 1, unit: 'ratio' }
  }
  if (kind !== 'performance' || full.low <= 0 || full.high > 10) return undefined
  needs.add('bench')
  const metric = /overhead|mehraufwand|sobrecarga|开销/i.test(title)
    ? 'change'
    : /reduc|smaller|less|fewer|lower|faster|weniger|kleiner|menos|减少/i.test(`${title} ${full.text}`)
      ? 'reduction'
      : 'improvement'
  return { metric: `bench.${metric}`, full: rangeText(full.low, full.high, 'ratio'), low: full.low, high: full.high, unit: 'ratio' }
}

const BY_UNIT: Readonly<Record<string, DeliverableKind>> = { lines: 'code', tests: 'tests' }

function deliverableLines(owed: readonly Owed[]): readonly string[] {
  if (owed.length === 0) return []
  return [
    '    deliverables:',
    ...owed
      .slice(0, 20_000)
      .flatMap((one) => [
        ...(one.note === undefined ? [] : [comment(one.note, 6)]),
        `      ${q(one.id)}:`,
        `        title: ${q(one.title === '' ? one.id : one.title)}`,
        ...(one.kind === (one.measure ? (BY_UNIT[one.measure.unit] ?? 'feature') : 'feature') ? [] : [`        kind: ${one.kind}`]),
        ...(one.measure
          ? [`        measure: ${q(one.measure.metric)}`, ...(one.measure.full === '' ? [] : [`        full: ${one.measure.full}`])]
          : []),
      ]),
  ]
}

function integrationLines(unit: PlanUnit): readonly string[] {
  if (unit.integrationPoints.length === 0) return []
  const ids = new Ids()
  return [
    '    integrationPoints:',
    ...unit.integrationPoints
      .slice(0, 500)
      .flatMap((one) => [
        `      ${q(ids.take(one.id ?? slug(one.with), 'point'))}:`,
        `        title: ${q(one.value)}`,
        `        with: ${q(one.with === '' ? one.value : one.with)}`,
        ...(one.measure === undefined ? [] : [`        measure: ${q(one.measure)}`]),
      ]),
  ]
}

interface Edge {
  readonly to: string
  readonly reaches?: number
}

/** Dependencies that make no circle, by unit; what would close one is said and left out. */
function acyclic({ plan, say }: Writing, known: ReadonlyMap<string, string>): ReadonlyMap<string, readonly Edge[]> {
  const edges = new Map<string, Edge[]>()
  const reachable = (from: string, wanted: string): boolean => {
    const seen = new Set([from])
    const queue = [from]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (next === wanted) return true
      for (const { to } of edges.get(next) ?? []) if (!seen.has(to)) queue.push((seen.add(to), to))
    }
    return false
  }
  let left = MOST_EDGES
  for (const unit of plan.units) {
    for (const one of unit.dependsOn) {
      if (one.unit === undefined || (left -= 1) < 0) continue
      if (!known.has(one.unit)) say(one, `"${one.text}" is no unit of the plan, so nothing waits for it`)
      else if (one.unit === unit.id || reachable(one.unit, unit.id))
        say(one, `${unit.name} and ${one.unit} wait for each other; this dependency was left out`)
      else
        edges.set(unit.id, [
          ...(edges.get(unit.id) ?? []),
          { to: one.unit, ...(one.reaches !== undefined && one.reaches <= 1 && { reaches: one.reaches }) },
        ])
    }
  }
  return new Map([...edges].map(([from, list]) => [from, list.map((edge) => ({ ...edge, to: known.get(edge.to) ?? edge.to }))]))
}

function dependencyLines(edges: readonly Edge[], unit: PlanUnit): readonly string[] {
  const none = unit.dependsOn.find((one) => one.unit === undefined)
  if (edges.length === 0) return none ? [comment(`Depends on nothing: ${none.text}`, 4)] : []
  const once = [...new Map(edges.map((edge) => [edge.to, edge])).values()]
  if (once.every((edge) => edge.reaches === undefined)) return [`    dependsOn: ${flow(once.map((edge) => edge.to))}`]
  return ['    dependsOn:', ...once.map((edge) => `      ${q(edge.to)}: ${amountText(edge.reaches ?? 1, 'ratio')}`)]
}
