import { Document, visit, type ToStringOptions } from 'yaml'
import { terminal } from '#render/encode.ts'

const isHidden = (character: string): boolean => character !== '\n' && terminal(character) !== character

/** A value as YAML that a terminal, too, can be given: hidden characters are written as escapes. Reads back as the same value. */
export function yaml(value: unknown, options: ToStringOptions & { readonly oneLine?: boolean } = {}): string {
  const { oneLine = false, ...style } = options
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'string') return
      // Only double quotes know escapes.
      if ([...node.value].some(isHidden) || (oneLine && node.value.includes('\n'))) node.type = 'QUOTE_DOUBLE'
    },
  })
  return document
    .toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER, ...style })
    .replace(/[^\n\x20-\x7e]/gu, (character) => (isHidden(character) ? escapeOf(character) : character))
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
