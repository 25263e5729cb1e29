import type { Problem } from '#core/problems.ts'
import { terminal } from '#render/encode.ts'
import { painter } from '#render/text/paint.ts'

/**
 * Findings for a terminal: one paragraph each with its place, what is wrong, the places it
 * disagrees with and the way out; then how many there are.
 */
export function findingsText(findings: readonly Problem[], color: boolean): string {
  const paint = painter(color)
  const paragraphs = findings.map((one) => {
    const word = one.severity === 'error' ? paint('bad', 'error') : paint('warn', 'warning')
    return [
      `${terminal(`${one.file}:${one.line}:${one.column}`)} ${word}: ${terminal(one.message)} (${one.code})`,
      ...one.related.map((other) => `  ${terminal(`${other.file}:${other.line}:${other.column}`)} ${terminal(other.message)}`),
      `  ${terminal(one.remedy)}`,
    ].join('\n')
  })
  return `${[...paragraphs, summary(findings)].join('\n')}\n`
}

function summary(findings: readonly Problem[]): string {
  if (findings.length === 0) return 'no contradictions found'
  const errors = findings.filter((one) => one.severity === 'error').length
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`
  return `${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}`
}
