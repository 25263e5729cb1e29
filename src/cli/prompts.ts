import { isCancel } from '@clack/prompts'
import { CommandError } from '#cli/io.ts'

export type Prompt<T> = (signal: AbortSignal) => Promise<T>

/**
 * Asks on a terminal. Whoever breaks off, by Ctrl-C or by ending the input (Ctrl-D), is told what came of
 * it: left to itself, a prompt whose input has ended waits for ever.
 */
export async function asked<T>(prompt: Prompt<T>, cameOfIt: string): Promise<Exclude<T, symbol>> {
  const ended = new AbortController()
  const end = (): void => ended.abort()
  const onKey = (_: unknown, key: { readonly ctrl?: boolean; readonly name?: string } | undefined): void => {
    if (key?.ctrl === true && key.name === 'd') end()
  }
  const { stdin } = process
  stdin.on('keypress', onKey).on('end', end)
  try {
    const answer = await prompt(ended.signal)
    if (isCancel(answer)) throw new CommandError(cameOfIt)
    return answer as Exclude<T, symbol>
  } finally {
    stdin.off('keypress', onKey).off('end', end)
  }
}
