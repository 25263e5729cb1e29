import type { CheckReport } from '#core/decide/report.ts'
import {
  extras,
  flipsOf,
  numbersOf,
  ownCause,
  remark,
  sizeOf,
  whoBesideLead,
  type Bundle,
  type Entry,
  type FoldedActions,
} from '#render/fold.ts'
import type { OpenItem } from '#render/select.ts'
import { actualAndTarget, count, people, subjectName } from '#render/words.ts'

/** What is open in sentences, the same for every sink: no escaping, no layout. */

export interface Told {
  /** Title first, then whom it is about, then the numbers. */
  readonly head: readonly string[]
  readonly details: readonly string[]
  /** One for each subject, where they differ. */
  readonly lines: readonly { readonly name: string; readonly text: string; readonly beneath: readonly string[] }[]
  /** Targets that fail on the same evidence. */
  readonly beneath: readonly string[]
  /** What would flip it, and who can, where nothing else in the report says so. */
  readonly flip?: string
}

export function tell(report: CheckReport, entry: Entry): Told {
  const [bundle, more] = entry.bundles
  const [item, another] = bundle?.items ?? []
  if (!bundle || !item) return { head: [], details: [], lines: [], beneath: [] }
  if (more) return tellSeveral(report, entry, item)
  return another ? tellBundle(report, bundle, item) : tellItem(report, bundle, item)
}

/** One criterion of one subject. */
function tellItem(report: CheckReport, bundle: Bundle, item: OpenItem): Told {
  const numbers = item.criterionReport && actualAndTarget(item.criterionReport)
  return {
    head: [item.title, subjectName(report, item.subject), ...given(numbers), ...given(foundWords(item))],
    details: given(ownCause(bundle)),
    lines: [],
    beneath: beneathWords(report, bundle),
    ...flipPart(flipWords(report, bundle.items)),
  }
}

/** Several criteria that one cause leaves open in one subject. */
const tellBundle = (report: CheckReport, bundle: Bundle, item: OpenItem): Told => ({
  head: [subjectName(report, bundle.subject), count(bundle.items.length, 'criterion', 'criteria'), ...given(remark(bundle.cause, item))],
  details: [titles(bundle.items)],
  lines: [],
  beneath: [],
  ...flipPart(flipWords(report, bundle.items)),
})

/** What several subjects have in common, then what is particular to each. */
function tellSeveral(report: CheckReport, entry: Entry, first: OpenItem): Told {
  const { cause, shared, bundles } = entry
  const flips = new Set(bundles.map((bundle) => flipWords(report, bundle.items) ?? ''))
  const [flip] = flips
  const lines = bundles.map((bundle) => ({
    name: subjectName(report, bundle.subject),
    text: particular(report, entry, bundle, flips.size > 1),
    beneath: beneathWords(report, bundle),
  }))
  const isTold = lines.every(({ text, beneath }) => text === '' && beneath.length === 0)
  const subjects = bundles.map((bundle) => bundle.subject)
  const what = shared.length > 0 ? shared.map((item) => item.title).join('; ') : count(sizeOf(entry), 'criterion', 'criteria')
  return {
    head: [what, isTold ? subjectNames(report, subjects) : (allStreams(report, subjects) ?? `in ${howMany(subjects)}`)],
    details: cause === undefined ? [] : given(remark(cause, first)),
    lines: isTold ? [] : lines,
    beneath: [],
    ...flipPart(flips.size > 1 ? undefined : flip),
  }
}

function particular(report: CheckReport, { cause, shared, ...entry }: Entry, bundle: Bundle, withFlip: boolean): string {
  const rest = extras({ shared, ...entry }, bundle)
  const only = shared.length === 1 ? bundle.items.find((item) => item.criterion === shared[0]?.criterion) : undefined
  return [
    ...given(only && numbersOf(only)),
    ...given(only && foundWords(only)),
    ...(cause === undefined ? bundle.items.slice(0, 1).flatMap((item) => given(remark(bundle.cause, only ?? item))) : []),
    ...(rest.length === 0 ? [] : [`${shared.length > 0 ? 'also ' : ''}${titles(rest)}`]),
    ...(withFlip ? given(flipWords(report, bundle.items)).map((flip) => `→ ${flip}`) : []),
  ].join(' · ')
}

const given = (text: string | undefined): readonly string[] => (text === undefined || text === '' ? [] : [text])

const flipPart = (flip: string | undefined): Pick<Told, 'flip'> => (flip === undefined || flip === '' ? {} : { flip })

/** What was found beneath a waiver or an override. */
const foundWords = ({ status, criterionReport }: OpenItem): string | undefined =>
  criterionReport && criterionReport.rawStatus !== status ? `found ${criterionReport.rawStatus}` : undefined

/** Titles, with the numbers where there are any. */
const titles = (items: readonly OpenItem[]): string =>
  items
    .map((item) =>
      [
        item.title,
        ...[[...given(numbersOf(item)), ...given(foundWords(item))].join(', ')].filter((text) => text !== '').map((text) => `(${text})`),
      ].join(' '),
    )
    .join('; ')

function beneathWords(report: CheckReport, bundle: Bundle): readonly string[] {
  const host = bundle.items[0]?.criterionReport
  const known = host && actualAndTarget(host)
  return bundle.beneath.map((target) => {
    const numbers = target.criterionReport && actualAndTarget(target.criterionReport)
    const why = remark(target.because, target)
    return [
      `${target.title} (${target.tier})`,
      ...(numbers === known ? [] : given(numbers)),
      ...given(flipWords(report, [target])),
      ...(why === ownCause(bundle) ? [] : given(why)),
    ].join(' · ')
  })
}

function flipWords(report: CheckReport, items: readonly OpenItem[]): string | undefined {
  const flips = flipsOf(report, items)
  return flips.length === 0 ? undefined : [flips.join('; '), ...given(people(whoBesideLead(report, items)))].join(' · ')
}

/** `A, B`, or `all 4 streams`. */
export const subjectNames = (report: CheckReport, subjects: readonly string[]): string =>
  allStreams(report, subjects) ?? [...new Set(subjects)].map((subject) => subjectName(report, subject)).join(', ')

/** `3 streams`, `1 stream and the program`. */
function howMany(subjects: readonly string[]): string {
  const streams = count(new Set(subjects.filter((subject) => subject !== 'program')).size, 'stream')
  return subjects.includes('program') ? `${streams} and the program` : streams
}

function allStreams(report: CheckReport, subjects: readonly string[]): string | undefined {
  const all =
    report.streams.length > 2 &&
    new Set(subjects).size === report.streams.length &&
    report.streams.every((stream) => subjects.includes(`stream:${stream.id}`))
  return all ? `all ${report.streams.length} streams` : undefined
}

/** `A, B`, or `A → B` for an escalation; a dash where the program names nobody. */
export const whoWords = ({ kind, who }: Pick<FoldedActions, 'kind' | 'who'>): string =>
  who.length === 0 ? '–' : kind === 'escalate' && who.length === 2 ? who.join(' → ') : people(who)
