import { CommandError, type Io } from '#cli/io.ts'
import { openEdges } from '#cli/wire.ts'
import type { Program } from '#core/program/model.ts'

/** The files of a branch as they stand now. @throws CommandError when there are none. */
export async function treeOf(io: Io, program: Program, folder: string, branch: string): Promise<string> {
  const edges = await openEdges(io, program, folder)
  try {
    await edges.mirror.refresh(io.signal)
    const state = await edges.mirror.resolve(branch)
    if (state.state === 'present') return state.tree
    throw new CommandError(`there is nothing to sign for yet: ${state.reason}`)
  } finally {
    await edges.close()
  }
}
