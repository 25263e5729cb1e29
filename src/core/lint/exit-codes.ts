import { metricsOf } from '#core/ledger/signable.ts'
import { finding } from '#core/lint/rule.ts'
import type { Loaded } from '#core/program/load.ts'
import type { Problem } from '#core/problems.ts'

/** A command that a criterion asks whether it ended well, or whose exit code should contradict test reports, and that hides it. */
export function exitCodeHidden({ program, draft, locate }: Loaded): readonly Problem[] {
  const read = program ?? draft
  if (!read) return []
  const asked = new Set(read.checkpoints.flatMap(({ criteria }) => criteria.flatMap(({ condition }) => metricsOf(condition))))
  const counted = new Set(read.sources.flatMap(({ id, from }) => (from !== undefined && read.metrics[`${id}.flaky`] ? [from] : [])))
  return read.sources.flatMap(({ id, collect, options }) => {
    if (collect !== 'command' || !(counted.has(id) || asked.has(`${id}.passed`) || asked.has(`${id}.exit`))) return []
    const { run } = options as { readonly run?: unknown }
    const hiding = typeof run === 'string' ? hidingPart(run) : undefined
    if (hiding === undefined) return []
    return [
      finding(
        locate(['sources', id, 'run'], 'value'),
        'exit-code-hidden',
        'warning',
        `${id} ends as "${hiding}" does, whatever failed before it`,
        hiding.startsWith('||') ? `leave "${hiding}" out` : 'leave the pipe out, write to a file with >, or run it by bash -o pipefail',
      ),
    ]
  })
}

/** They end well whatever they are fed. */
const FILTERS = new Set(['tee', 'cat', 'head', 'tail', 'sed', 'awk', 'tr', 'sort', 'uniq', 'cut', 'column', 'ts', 'less', 'more'])
const ALWAYS_WELL = /^(?:true|:|exit 0|echo\b.*|printf\b.*)$/

/** The part of a command line that takes the place of a failure: a filter behind a pipe, or `|| true`. */
function hidingPart(run: string): string | undefined {
  // It looks after its exit codes itself.
  if (/pipefail|PIPESTATUS|\$\?/.test(run)) return undefined
  for (const { before, text } of partsOf(run)) {
    const words = text.trim().split(/\s+/)
    if (before === '|' && FILTERS.has(words[0] ?? '')) return words.join(' ')
    if (before === '||' && ALWAYS_WELL.test(words.join(' '))) return `|| ${words.join(' ')}`
  }
  return undefined
}

interface Part {
  /** The operator in front of it. */
  readonly before: string
  readonly text: string
}

/** Simple commands and what stands between them; quoted text and what `$(...)` runs belong to their words. */
function partsOf(run: string): readonly Part[] {
  const parts: Part[] = []
  let before = ''
  let text = ''
  let depth = 0
  const token = /\\[^]|'[^']*'|"(?:[^"\\]|\\[^])*"|`[^`]*`|\$\(|\|\||&&|\d?>&[\d-]|&>|>\||[|;&()\n]|[^]/g
  for (const [piece] of run.matchAll(token)) {
    if (depth === 0 && /^(?:\|\||&&|[|;&()\n])$/.test(piece)) {
      parts.push({ before, text })
      before = piece
      text = ''
      continue
    }
    if (piece === '$(' || (depth > 0 && piece === '(')) depth += 1
    else if (depth > 0 && piece === ')') depth -= 1
    text += piece
  }
  return [...parts, { before, text }]
}
