import { isSettled } from '#core/decide/risk.ts'
import type { Action, CheckReport } from '#core/decide/report.ts'
import type { Explanation, Status } from '#core/evaluate/model.ts'
import type { Tier } from '#core/program/model.ts'
import { formatValue } from '#core/program/quantity.ts'
import { against, alsoOpen, type OpenItem } from '#render/select.ts'
import { actualAndTarget } from '#render/words.ts'

/**
 * Tells once what repeats. One absent branch leaves a dozen criteria open, and one criterion may be
 * open in every stream: both are one entry. Folding loses nothing: each open item stands in exactly
 * one bundle, as an item or beneath one.
 */

/** Open criteria of one subject that have one status and one cause. */
export interface Bundle {
  readonly subject: string
  readonly cause: string
  readonly items: readonly OpenItem[]
  /** Targets that fail on the same evidence as the one item, shown with it. */
  readonly beneath: readonly OpenItem[]
}

/** Bundles told together: those with one cause, or those with mostly the same criteria. */
export interface Entry {
  /** Set when all bundles have the same, but for the name of the lead. */
  readonly cause?: string
  /** What is open in every bundle; the first bundle's items stand for all. */
  readonly shared: readonly OpenItem[]
  readonly bundles: readonly Bundle[]
}

export interface FoldedGroup {
  readonly tier: Tier
  readonly status: Status
  /** Open items of the tier and status, wherever they are shown. */
  readonly count: number
  /** How many of them stand beneath an item of another group. */
  readonly elsewhere: number
  readonly entries: readonly Entry[]
}

export interface FoldedOpen {
  /** What keeps the verdict from GO. */
  readonly against: readonly FoldedGroup[]
  /** What is open without touching the verdict. */
  readonly besides: readonly FoldedGroup[]
}

export function foldOpen(report: CheckReport): FoldedOpen {
  return { against: folded(report, against(report)), besides: folded(report, alsoOpen(report)) }
}

type Group = ReturnType<typeof against>[number]

function folded(report: CheckReport, groups: readonly Group[]): readonly FoldedGroup[] {
  const bundled = groups.map(({ items }) => bundles(items))
  const { beneath, moved } = nest(bundled.flat())
  return groups.flatMap(({ tier, status, items }, index) => {
    const kept = (bundled[index] ?? [])
      .filter((bundle) => !moved.has(bundle))
      .map((bundle) => ({ ...bundle, beneath: beneath.get(bundle) ?? [] }))
    const elsewhere = (bundled[index] ?? []).filter(
      (bundle) => moved.get(bundle)?.tier !== undefined && moved.get(bundle)?.tier !== tier,
    ).length
    return [{ tier, status, count: items.length, elsewhere, entries: entries(report, kept) }]
  })
}

/** By subject and cause, in the order in which each is first met. */
function bundles(items: readonly OpenItem[]): readonly Bundle[] {
  const found = Map.groupBy(items, (item) => JSON.stringify([item.subject, causeOf(item)]))
  return [...found.values()].flatMap((alike) =>
    alike[0] ? [{ subject: alike[0].subject, cause: causeOf(alike[0]), items: alike, beneath: [] }] : [],
  )
}

/** Why an item is open, down to what its parts lack: the same words for the same reason. */
export function causeOf(item: OpenItem): string {
  const explanation = item.criterionReport?.explanation
  if (!explanation || item.status !== item.criterionReport?.rawStatus || explanation.because !== item.because) return item.because
  return [...new Set(leaves(explanation))].join('; ')
}

function leaves(explanation: Explanation): readonly string[] {
  const open = explanation.children.filter((child) => !isSettled(child.status))
  return open.length === 0 ? [explanation.because] : open.flatMap(leaves)
}

/** A target that a criterion of its stream also rests on, with the same status: the criterion shows it. */
function nest(all: readonly Bundle[]) {
  const beneath = new Map<Bundle, OpenItem[]>()
  const moved = new Map<Bundle, OpenItem>()
  for (const bundle of all) {
    const [target, more] = bundle.items
    if (!target || more || !isTarget(target)) continue
    const host = all.find(
      (other) =>
        other.items.length === 1 && !isTarget(other.items[0]) && other.subject === bundle.subject && restsOn(other.items[0], target),
    )
    const item = host?.items[0]
    if (!host || !item) continue
    beneath.set(host, [...(beneath.get(host) ?? []), target])
    moved.set(bundle, item)
  }
  return { beneath, moved }
}

const isTarget = (item: OpenItem | undefined): boolean => item?.criterion.startsWith('target.') === true

function restsOn(item: OpenItem | undefined, target: OpenItem): boolean {
  const facts = target.criterionReport?.evidence ?? []
  const known = new Set(item?.criterionReport?.evidence.map((fact) => JSON.stringify(fact)))
  return item?.status === target.status && facts.length > 0 && facts.every((fact) => known.has(JSON.stringify(fact)))
}

function entries(report: CheckReport, all: readonly Bundle[]): readonly Entry[] {
  const found: Entry[] = []
  for (const bundle of all) {
    const cause = generalCause(report, bundle)
    const index = found.findIndex((entry) => belongs(entry, bundle, cause))
    const entry = found[index]
    if (entry) found[index] = joined(entry, bundle, cause)
    else found.push({ cause, shared: bundle.items, bundles: [bundle] })
  }
  return found
}

/** The cause with the lead called `the lead`, so that one reason in several streams reads as one. */
function generalCause(report: CheckReport, { cause, subject }: Bundle): string {
  const lead = report.streams.find((stream) => `stream:${stream.id}` === subject)?.lead.name
  return lead === undefined || lead === '' ? cause : cause.replaceAll(lead, 'the lead')
}

const common = (entry: Entry, bundle: Bundle): readonly OpenItem[] =>
  entry.shared.filter((item) => bundle.items.some((other) => isSame(item, other)))

const isSame = (a: OpenItem, b: OpenItem): boolean => a.criterion === b.criterion && a.title === b.title

/** Once in each subject, and for one cause or for at least half the same criteria. */
function belongs(entry: Entry, bundle: Bundle, cause: string): boolean {
  if (entry.cause === cause) return true
  if (entry.bundles.some((other) => other.subject === bundle.subject)) return false
  const size = Math.max(bundle.items.length, ...entry.bundles.map((other) => other.items.length))
  return common(entry, bundle).length * 2 >= size
}

function joined({ cause, ...entry }: Entry, bundle: Bundle, other: string): Entry {
  return { ...(cause === other && { cause }), shared: common(entry, bundle), bundles: [...entry.bundles, bundle] }
}

/** What of a bundle its entry has not said. */
export const extras = (entry: Entry, bundle: Bundle): readonly OpenItem[] =>
  bundle.items.filter((item) => !entry.shared.some((other) => isSame(item, other)))

/** Items of an entry, those beneath another not counted. */
export const sizeOf = (entry: Entry): number => entry.bundles.reduce((sum, bundle) => sum + bundle.items.length, 0)

/** What was found and what is due, where something was found; `none` says no more than the status does. */
export const numbersOf = (item: OpenItem): string | undefined =>
  item.status === 'missing' ? undefined : item.criterionReport && actualAndTarget(item.criterionReport)

/**
 * A cause for a place where status and numbers stand already: without the words that repeat them.
 * Empty where nothing else was said.
 */
export function remark(cause: string, item: OpenItem): string {
  const rest = cause.replace(/^nothing was found: /, '')
  const { actual, unit } = item.criterionReport ?? {}
  if (actual === undefined || numbersOf(item) === undefined) return rest
  const said = formatValue(actual, unit)
  if (rest === said) return ''
  const after = rest.startsWith(said)
    ? /^(?:[;,:] | open: | (?=\())(?<rest>.*)$/su.exec(rest.slice(said.length))?.groups?.['rest']
    : undefined
  if (after === undefined) return rest
  const { where, more } = /^\((?<where>[^()]*)\)(?:; (?<more>.*))?$/su.exec(after)?.groups ?? {}
  return where === undefined ? after : more === undefined ? where : `${more} (${where})`
}

/** What would flip the items, each once, unless it is said already: by the numbers, or among the actions. */
export function flipsOf(report: CheckReport, items: readonly OpenItem[]): readonly string[] {
  const open = items.filter((item) => {
    const { actual, unit } = item.criterionReport ?? {}
    if (item.flip === undefined) return false
    const isNumbers = actual !== undefined && item.flip.startsWith(`from ${formatValue(actual, unit)} to `) && !item.flip.includes(';')
    return !isNumbers && !report.actions.some((action) => asksFor(action, item))
  })
  return [...new Set(open.flatMap((item) => item.flip ?? []))]
}

/** An action asks the same people for the same step; a number of lines or tests is a step of one criterion alone. */
function asksFor(action: Action, { criterion, subject, status, flip = '', who }: OpenItem): boolean {
  if (action.subject !== subject || (action.kind !== 'close' && action.kind !== 'condition')) return false
  const isSameStep = action.text === flip || action.text.endsWith(`: ${flip}`)
  return (
    isSameStep &&
    (action.criterion === undefined || action.criterion === criterion || status !== 'unsatisfied') &&
    who.every((name) => action.who.includes(name))
  )
}

/** People who can flip the items, unless they are just the lead, who stands in the table of streams. */
export function whoBesideLead(report: CheckReport, items: readonly OpenItem[]): readonly string[] {
  const who = [...new Set(items.flatMap((item) => item.who))]
  const lead = report.streams.find((stream) => `stream:${stream.id}` === items[0]?.subject)?.lead.name
  return who.length === 1 && who[0] === lead ? [] : who
}

/** The reason in a bundle's items that the targets beneath do not give themselves. */
export function ownCause(bundle: Bundle): string {
  const [item] = bundle.items
  if (!item) return ''
  const parts = item.criterionReport?.evidence ?? []
  const told = new Set(bundle.beneath.flatMap((target) => (target.criterionReport?.evidence ?? []).map((fact) => JSON.stringify(fact))))
  const isTold =
    bundle.beneath.length > 0 &&
    item.criterionReport?.explanation.evidence === undefined &&
    parts.every((fact) => told.has(JSON.stringify(fact)))
  return isTold ? '' : remark(bundle.cause, item)
}

/** Actions of one kind that the same people owe at the same time. */
export interface FoldedActions {
  readonly kind: Action['kind']
  readonly who: readonly string[]
  readonly due?: string
  readonly tasks: readonly Task[]
}

export interface Task {
  readonly text: string
  /** Streams or the program; several where each has the same to do. */
  readonly subjects: readonly string[]
}

interface Owed extends Task {
  readonly action: Action
  readonly who: readonly string[]
}

/** The actions in their order: alike ones once, and those of the same people together. */
export function foldActions(report: CheckReport): readonly FoldedActions[] {
  const owed = acrossStreams(closings(report))
  const groups = Map.groupBy(owed, ({ action, who }) => JSON.stringify([action.kind, who, action.due]))
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike
    if (!first) return []
    const { kind, due } = first.action
    return [{ kind, who: first.who, ...(due !== undefined && { due }), tasks: alike.map(({ text, subjects }) => ({ text, subjects })) }]
  })
}

/** One step that closes several criteria of a subject is one task; which they are stands under what is open. */
function closings(report: CheckReport): readonly Owed[] {
  const groups = Map.groupBy(report.actions, (action, index) => {
    const flip = flipBehind(report, action)
    return flip === undefined ? String(index) : JSON.stringify([action.kind, action.subject, action.who, action.due, flip])
  })
  return [...groups.values()].flatMap((alike) => {
    const [action] = alike
    if (!action) return []
    const flip = flipBehind(report, action)
    const text = alike.length === 1 || flip === undefined ? action.text : `${flip} (${alike.length} criteria)`
    return [{ action, text, who: action.who, subjects: action.subject === undefined ? [] : [action.subject] }]
  })
}

const flipBehind = (report: CheckReport, action: Action): string | undefined =>
  action.criterion === undefined
    ? undefined
    : report.decision.against.find((finding) => finding.criterion === action.criterion && finding.subject === action.subject)?.flip

/** An escalation goes from one person to another, so only one between the same two is the same. */
function acrossStreams(all: readonly Owed[]): readonly Owed[] {
  const groups = Map.groupBy(all, ({ action, text, subjects, who }, index) =>
    subjects.length === 0 ? String(index) : JSON.stringify([action.kind, action.due, text, action.kind === 'escalate' ? who : undefined]),
  )
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike
    return first
      ? [{ ...first, who: [...new Set(alike.flatMap((one) => one.who))], subjects: [...new Set(alike.flatMap((one) => one.subjects))] }]
      : []
  })
}
