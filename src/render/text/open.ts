import { extras, flipsOf, foldOpen, numbersOf, ownCause, remark, sizeOf, whoBesideLead, type Bundle, type Entry, type FoldedGroup } from '#render/fold.ts'
import type { OpenItem } from '#render/select.ts'
import type { Page } from '#render/text/index.ts'
import { hang, labelColumns, labelled } from '#render/text/wrap.ts'
import { actualAndTarget, capital, count, people, STATUS_SIGNS, subjectName } from '#render/words.ts'

/** What is not satisfied, worst first: what decides the verdict, then what is open besides. */
export function openCriteria(page: Page): readonly (readonly string[])[] {
  const { against, besides } = foldOpen(page.report)
  return [...against.map((group) => block(page, group, '')), ...besides.map((group) => block(page, group, ', does not decide'))]
}

function block(page: Page, group: FoldedGroup, suffix: string): readonly string[] {
  const elsewhere = group.elsewhere === 0 ? '' : group.elsewhere === group.count ? ', shown with those above' : `, ${group.elsewhere} of them shown with those above`
  const title = `${capital(group.tier)}, ${group.status}${suffix}: ${count(group.count, 'criterion', 'criteria')}${elsewhere}`
  return [page.paint('heading', title), ...group.entries.flatMap((entry) => entryLines(page, group, entry))]
}

function entryLines(page: Page, group: FoldedGroup, entry: Entry): readonly string[] {
  const [bundle, more] = entry.bundles
  if (!bundle) return []
  if (more) return severalLines(page, group, entry)
  const [item] = bundle.items
  return bundle.items.length === 1 && item ? itemLines(page, bundle, item) : bundleLines(page, group, bundle)
}

const INDENT = '      '

const headline = ({ width, paint }: Page, status: FoldedGroup['status'], text: string): readonly string[] => {
  const { shape, tone } = STATUS_SIGNS[status]
  return hang(`  ${shape} `, text, width).map((line) => paint(tone, line))
}

const detail = ({ width }: Page, text: string): readonly string[] => (text === '' ? [] : hang(INDENT, text, width))

/** One criterion of one subject. */
function itemLines(page: Page, bundle: Bundle, item: OpenItem): readonly string[] {
  const numbers = item.criterionReport && actualAndTarget(item.criterionReport)
  return [
    ...headline(page, item.status, [item.title, subjectName(page.report, item.subject), ...(numbers === undefined ? [] : [numbers])].join(' · ')),
    ...detail(page, ownCause(bundle)),
    ...beneathLines(page, bundle, INDENT),
    ...flipLine(page, bundle.items),
  ]
}

/** Several criteria that one cause leaves open in one subject. */
const bundleLines = (page: Page, group: FoldedGroup, bundle: Bundle): readonly string[] => [
  ...headline(page, group.status, `${subjectName(page.report, bundle.subject)} · ${count(bundle.items.length, 'criterion', 'criteria')} · ${remark(bundle.cause, bundle.items[0] as OpenItem)}`),
  ...detail(page, titles(bundle.items)),
  ...flipLine(page, bundle.items),
]

/** What several subjects have in common, then a line for each of them that has more to say. */
function severalLines(page: Page, group: FoldedGroup, entry: Entry): readonly string[] {
  const { report, width } = page
  const { cause, shared, bundles } = entry
  const first = bundles[0]?.items[0] as OpenItem
  const what = shared.length > 0 ? shared.map((item) => item.title).join('; ') : count(sizeOf(entry), 'criterion', 'criteria')
  const flips = new Set(bundles.map((bundle) => flipWords(page, bundle.items).join()))
  const lines = bundles.map((bundle) => ({ bundle, name: subjectName(report, bundle.subject), text: bundleWords(page, entry, bundle, flips.size > 1) }))
  const isTold = lines.every(({ bundle, text }) => text === '' && bundle.beneath.length === 0)
  const label = labelColumns(lines.map(({ name }) => name), width)
  return [
    ...headline(page, group.status, `${what} · ${where(report, bundles, isTold)}`),
    ...(cause === undefined ? [] : detail(page, remark(cause, first))),
    ...(isTold ? [] : lines.flatMap(({ bundle, name, text }) => [...labelled(INDENT, name, label, text, width), ...beneathLines(page, bundle, `${INDENT}  `)])),
    ...(flips.size > 1 ? [] : detail(page, [...flips].join())),
  ]
}

/** What is particular to one subject of an entry. */
function bundleWords(page: Page, entry: Entry, bundle: Bundle, withFlips: boolean): string {
  const { cause, shared } = entry
  const rest = extras(entry, bundle)
  const only = shared.length === 1 ? bundle.items.find((item) => item.criterion === shared[0]?.criterion) : undefined
  const numbers = only && numbersOf(only)
  const reason = cause === undefined ? remark(bundle.cause, only ?? (bundle.items[0] as OpenItem)) : ''
  const more = rest.length === 0 ? '' : `${shared.length > 0 ? 'also ' : ''}${titles(rest)}`
  return [numbers ?? '', reason, more, ...(withFlips ? flipWords(page, bundle.items) : [])].filter((part) => part !== '').join(' · ')
}

/** The subjects by name, where no line names them. */
function where(report: Page['report'], bundles: readonly Bundle[], byName: boolean): string {
  const subjects = [...new Set(bundles.map((bundle) => bundle.subject))]
  if (subjects.length === report.streams.length && report.streams.every((stream) => subjects.includes(`stream:${stream.id}`))) return `all ${subjects.length} streams`
  return byName ? subjects.map((subject) => subjectName(report, subject)).join(', ') : `in ${subjects.length}`
}

const titles = (items: readonly OpenItem[]): string =>
  items.map((item) => (numbersOf(item) === undefined ? item.title : `${item.title} (${numbersOf(item) ?? ''})`)).join('; ')

const beneathLines = ({ width, paint, report }: Page, bundle: Bundle, indent: string): readonly string[] =>
  bundle.beneath.flatMap((target) => {
    const { shape, tone } = STATUS_SIGNS[target.status]
    const numbers = target.criterionReport && actualAndTarget(target.criterionReport)
    const flips = flipsOf(report, [target])
    const text = [`${target.title}, ${target.tier}`, ...(numbers === undefined ? [] : [numbers]), ...(flips.length === 0 ? [] : [flips.join('; ')])].join(' · ')
    const own = remark(target.because, target)
    return [...hang(`${indent}${shape} `, text, width).map((line) => paint(tone, line)), ...(own === '' || own === bundle.cause ? [] : hang(`${indent}  `, own, width))]
  })

/** `→ 1 sign-off by architect · Architect`, or nothing where the numbers, the table and the actions say it. */
function flipWords({ report }: Page, items: readonly OpenItem[]): readonly string[] {
  const flips = flipsOf(report, items)
  if (flips.length === 0) return []
  return [`→ ${[flips.join('; '), people(whoBesideLead(report, items))].filter((part) => part !== '').join(' · ')}`]
}

const flipLine = (page: Page, items: readonly OpenItem[]): readonly string[] => flipWords(page, items).flatMap((text) => detail(page, text))
