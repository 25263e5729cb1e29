import { section, type Page } from '#render/text/index.ts'
import { hang } from '#render/text/wrap.ts'
import { against, alsoOpen, type OpenGroup, type OpenItem } from '#render/select.ts'
import { actualAndTarget, capital, count, people, STATUS_SIGNS, subjectName } from '#render/words.ts'

/** What is not satisfied, worst first: what decides the verdict, then what is open besides. */
export function openCriteria(page: Page): readonly (readonly string[])[] {
  return [
    ...against(page.report).map((group) => block(page, group, '')),
    ...alsoOpen(page.report).map((group) => block(page, group, ', does not decide')),
  ]
}

function block(page: Page, group: OpenGroup, suffix: string): readonly string[] {
  const title = `${capital(group.tier)}, ${group.status}${suffix}: ${count(group.items.length, 'criterion', 'criteria')}`
  return section(page, title, group.items.flatMap((item) => lines(page, item)))
}

function lines({ report, width, paint }: Page, item: OpenItem): readonly string[] {
  const { shape, tone } = STATUS_SIGNS[item.status]
  const numbers = item.criterionReport && actualAndTarget(item.criterionReport)
  const title = `${item.title} · ${subjectName(report, item.subject)}${numbers === undefined ? '' : ` · ${numbers}`}`
  return [
    ...hang(`  ${shape} `, title, width).map((line) => paint(tone, line)),
    ...hang('    because  ', item.because, width),
    ...(item.flip === undefined ? [] : hang('    to flip  ', item.flip, width)),
    ...(item.who.length === 0 ? [] : hang('    who      ', people(item.who), width)),
  ]
}
