import { multiselect, note, select, text } from '@clack/prompts'
import { asked, type Prompt } from '#cli/prompts.ts'
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
  text: async (message, problem) => {
    const validate = (value: string | undefined): string | undefined => (value?.trim() ? problem(value) : undefined)
    return (await answer((signal) => text({ message: terminal(message), defaultValue: '', validate, signal }))).trim()
  },
  one: (message, options) => answer((signal) => select({ message: terminal(message), options: options.map(shown), signal })),
  some: (message, options) =>
    answer((signal) => multiselect({ message: terminal(message), options: options.map(shown), required: false, signal })),
}

const shown = ({ value, label }: Choice): Choice => ({ value, label: terminal(label) })

const answer = <T>(prompt: Prompt<T>) => asked(prompt, 'nothing was recorded')
