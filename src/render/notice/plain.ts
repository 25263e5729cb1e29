import type { NoticeAct } from '#core/notify/notice.ts'
import { terminal } from '#render/encode.ts'
import type { Document, Run } from '#render/notice/document.ts'
import { actCommand, actLabel } from '#render/notice/people.ts'

/** A message as plain text, without its title: for the text of a mail, a file, a terminal, a calendar. */
export function plainNotice(document: Document, acts: readonly NoticeAct[] = []): readonly string[] {
  const parts = document.blocks.map((block): readonly string[] => {
    switch (block.kind) {
      case 'heading':
        return [line(block.runs)]
      case 'list':
        return block.items.map((item) => `${'  '.repeat(item.level)}- ${line(item.runs)}`)
      case 'paragraph':
      case 'small':
        return block.lines.map(line)
    }
  })
  const commands = acts.map((act) => `${actLabel(act)}: ${terminal(actCommand(act))}`)
  return joined([...parts, commands])
}

/** Blank lines between blocks, none between a heading and what is under it. */
function joined(parts: readonly (readonly string[])[]): readonly string[] {
  const filled = parts.filter((part) => part.length > 0)
  return filled.flatMap((part, index) => (index === 0 ? part : ['', ...part]))
}

const line = (runs: readonly Run[]): string =>
  runs
    .map((run) => (run.href === undefined || run.href === run.text ? terminal(run.text) : `${terminal(run.text)} (${terminal(run.href)})`))
    .join('')
