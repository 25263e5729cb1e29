import type { Person } from '#core/program/model.ts'
import { markdown, markdownCode } from '#render/encode.ts'
import type { Document, Run } from '#render/notice/document.ts'
import { loginOf } from '#render/notice/people.ts'

export interface MarkdownPlace {
  readonly people: readonly Person[]
  readonly forge: 'github' | 'gitlab'
}

/** A message as a comment on GitHub or GitLab. */
export function markdownNotice(document: Document, place: MarkdownPlace): string {
  const line = (runs: readonly Run[]): string => runs.map((run) => runText(run, place)).join('')
  const parts = document.blocks.map((block) => {
    switch (block.kind) {
      case 'heading':
        return `### ${line(block.runs)}`
      case 'list':
        return block.items.map((item) => `${'  '.repeat(item.level)}- ${line(item.runs)}`).join('\n')
      case 'paragraph':
        return block.lines.map(line).join('  \n')
      case 'small':
        return block.lines.map((each) => `<sub>${line(each)}</sub>`).join('  \n')
    }
  })
  return `${[`## ${markdown(document.title)}`, ...parts].join('\n\n')}\n`
}

/** Spaces at the ends stay outside of the marks, which would not be marks otherwise. */
function runText(run: Run, { people, forge }: MarkdownPlace): string {
  if (run.person !== undefined) {
    const login = loginOf(
      people.find((one) => one.id === run.person),
      forge,
    )
    if (login !== undefined) return `@${login}`
  }
  const [, before = '', text = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(run.text) ?? []
  if (text === '') return before
  const shown =
    run.style === 'code'
      ? markdownCode(text)
      : run.style === 'strong'
        ? `**${markdown(text)}**`
        : run.style === 'emphasis'
          ? `*${markdown(text)}*`
          : markdown(text)
  return `${before}${run.href === undefined ? shown : `[${shown}](<${run.href.replace(/[<>\\]/g, encodeURIComponent)}>)`}${after}`
}
