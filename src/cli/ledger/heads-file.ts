import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CommandError, type Io } from '#cli/io.ts'
import type { Head } from '#core/ledger/chain.ts'
import { parseHead, parseHeads } from '#core/ledger/heads.ts'

/**
 * The heads that an option names: `seq:hash`, a file of them, or standard input. One that names
 * none of the program would prove nothing, and is refused.
 */
export async function notedHeads(io: Io, program: string, option: string): Promise<readonly Head[]> {
  const head = parseHead(option)
  if (head) return [head]
  const shown = option === '-' ? 'standard input' : option
  const heads = headsIn(await textOf(io, option), program, shown)
  if (heads.length === 0) throw new CommandError(`${shown}: it holds no head of ${program}\n  \`muster ledger head\` notes one`)
  return heads
}

/** @throws CommandError that names the line that is no head. */
export function headsIn(text: string, program: string, shown: string): readonly Head[] {
  const { heads, wrong } = parseHeads(text)
  if (wrong[0] !== undefined)
    throw new CommandError(`${shown}:${wrong[0]}:1: it is no head\n  each line is one that \`muster ledger head\` printed`)
  return heads.filter((head) => head.program === program)
}

async function textOf(io: Io, option: string): Promise<string> {
  if (option === '-') return io.readStdin()
  try {
    return await readFile(resolve(io.cwd, option), 'utf8')
  } catch (error) {
    throw new CommandError(
      `--head ${option}: it is neither a head (number:hash, as \`muster verify\` prints it) nor a file that can be read: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
