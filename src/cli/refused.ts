import { CommandError } from '#cli/io.ts'
import type { Refusal } from '#core/people/refusal.ts'

/** What is written for a field of the input that was left out. */
const PLACEHOLDER: Readonly<Record<string, string>> = { stream: '--stream ID' }

/** A refusal as a command says it: options by their names, and what to give. */
export function refusalError({ code, message, remedy, field, mistakes }: Refusal): CommandError {
  const under = remedy === undefined ? '' : `\n  ${remedy}`
  switch (code) {
    case 'who-acts':
      return new CommandError(`${message}\n  give --as PERSON or set MUSTER_AS${remedy === undefined ? '' : `; ${remedy}`}`)
    case 'ambiguous':
      return new CommandError(`${message} give ${PLACEHOLDER[field ?? ''] ?? `--${field}`}${under}`)
    case 'invalid-input':
      if (mistakes) return new CommandError(mistakes.map((one) => atOption(one.path[0], one.message)).join('\n'))
      return new CommandError(`${atOption(field, message)}${under}`)
    case 'settled':
      return new CommandError(`${atOption(field, message)}${under}`)
    case 'not-allowed':
    case 'unknown-id':
    case 'needs-tree':
      return new CommandError(`${message}${under}`)
  }
}

const atOption = (field: string | number | undefined, message: string): string =>
  field === undefined ? message : `--${field === 'labels' ? 'label' : field}: ${message}`
