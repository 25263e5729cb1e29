import { isCancel, multiselect, note, select, text } from '@clack/prompts'
import { CommandError } from '#cli/io.ts'
import { terminal } from '#render/encode.ts'

/** Questions on a terminal. What a person breaks off records nothing. */
export interface Prompter {
  readonly show: (title: string, lines: readonly string[]) => void
  /** Empty where nothing is written. */
  readonly text: (message: string, problem: (written: string) => string | undefined) => Promise<string>
  readonly one: (message: string, options: readonly Choice[]) => Promise<string>
  readonly some: (message: string, options: readonly Choice[]) => Promise<readonly string[]>
}

export interface Choice {
  readonly value: string
  readonly label: string
}

/** The prompts write cursor codes: on a terminal only. */
export const clack: Prompter = {
  show: (title, lines) => note(lines.map(terminal).join('\n'), terminal(title)),
  text: async (message, problem) =>
    answered(
      await text({ message: terminal(message), defaultValue: '', validate: (value) => (value?.trim() ? problem(value) : undefined) }),
    ).trim(),
  one: async (message, options) => answered(await select({ message: terminal(message), options: options.map(shown) })),
  some: async (message, options) =>
    answered(await multiselect({ message: terminal(message), options: options.map(shown), required: false })),
}

const shown = ({ value, label }: Choice): Choice => ({ value, label: terminal(label) })

function answered<T>(answer: T | symbol): Exclude<T, symbol> {
  if (isCancel(answer)) throw new CommandError('nothing was recorded')
  return answer as Exclude<T, symbol>
}
