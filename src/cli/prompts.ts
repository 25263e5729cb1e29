import { isCancel } from '@clack/prompts'

/**
 * Asks on a terminal; undefined when the person breaks off, by Ctrl-C or by ending the input
 * (Ctrl-D): left to itself, a prompt waits for ever for what never comes.
 */
export async function asked<T>(prompt: (signal: AbortSignal) => Promise<T>): Promise<Exclude<T, symbol> | undefined> {
  const ended = new AbortController()
  const end = (): void => ended.abort()
  const onKey = (_: unknown, key: { readonly ctrl?: boolean; readonly name?: string } | undefined): void => {
    if (key?.ctrl === true && key.name === 'd') end()
  }
  const { stdin } = process
  stdin.on('keypress', onKey).on('end', end)
  try {
    const answer = await prompt(ended.signal)
    return isCancel(answer) ? undefined : (answer as Exclude<T, symbol>)
  } finally {
    stdin.off('keypress', onKey).off('end', end)
  }
}
