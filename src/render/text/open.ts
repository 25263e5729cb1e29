import { foldOpen, type Entry, type FoldedGroup } from '#render/fold.ts'
import type { Page } from '#render/text/index.ts'
import { hang, labelColumns, labelled } from '#render/text/wrap.ts'
import { tell } from '#render/told.ts'
import { groupTitle, STATUS_SIGNS } from '#render/words.ts'

/** What is not satisfied, worst first: what decides the verdict, then what is open besides. */
export function openCriteria(page: Page): readonly (readonly string[])[] {
  const { against, besides } = foldOpen(page.report)
  return [...against.map((group) => block(page, group, '')), ...besides.map((group) => block(page, group, ', does not decide'))]
}

const block = (page: Page, group: FoldedGroup, suffix: string): readonly string[] => [
  page.paint('heading', groupTitle(group, suffix)),
  ...group.entries.flatMap((entry) => entryLines(page, group, entry)),
]

const INDENT = '      '

function entryLines({ report, width, paint }: Page, group: FoldedGroup, entry: Entry): readonly string[] {
  const { shape, tone } = STATUS_SIGNS[group.status]
  const { head, details, lines, beneath, flip } = tell(report, entry)
  const targets = (texts: readonly string[], indent: string) =>
    texts.flatMap((text) => hang(`${indent}${shape} `, text, width).map((line) => paint(tone, line)))
  const label = labelColumns(
    lines.map(({ name }) => name),
    width,
  )
  return [
    ...hang(`  ${shape} `, head.join(' · '), width).map((line) => paint(tone, line)),
    ...details.flatMap((text) => hang(INDENT, text, width)),
    ...targets(beneath, INDENT),
    ...lines.flatMap((line) => [...labelled(INDENT, line.name, label, line.text, width), ...targets(line.beneath, `${INDENT}  `)]),
    ...(flip === undefined ? [] : hang(`${INDENT}→ `, flip, width)),
  ]
}
