import { markdown, markdownCode } from '#render/encode.ts'
import { safe, templateFor, type Safe } from '#render/template.ts'

/** Markdown whose inserted strings stay text. */
export const md = templateFor(markdown)

export const code = (text: string): Safe => safe(markdownCode(text))

/** A block: lines that belong together; blocks are parted by an empty line. */
export type Block = readonly Safe[]

export const document = (blocks: readonly Block[]): string =>
  `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.map((line) => line.safe).join('\n'))
    .join('\n\n')}\n`

export function table(headers: readonly string[], rows: readonly (readonly Safe[])[]): Block {
  if (rows.length === 0) return []
  const line = (cells: readonly Safe[]): Safe => safe(`| ${cells.map((cell) => cell.safe).join(' | ')} |`)
  return [line(headers.map((header) => md`${header}`)), safe(`|${' --- |'.repeat(headers.length)}`), ...rows.map(line)]
}

/** A titled block; nothing where the block is empty. */
export const titled = (title: string, level: number, ...blocks: readonly Block[]): readonly Block[] => {
  const filled = blocks.filter((block) => block.length > 0)
  return filled.length === 0 ? [] : [[md`${safe('#'.repeat(level))} ${title}`], ...filled]
}

/** The block, or a sentence that says there is nothing. */
export const orElse = (block: Block, sentence: string): Block => (block.length > 0 ? block : [md`${sentence}`])

export const joined = (parts: readonly Safe[], separator: string): Safe => safe(parts.map((part) => part.safe).join(separator))
