import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { acceptCommand } from '#cli/evidence/accept.ts'
import { listCommand } from '#cli/evidence/list.ts'
import { pushCommand } from '#cli/evidence/push.ts'
import { readCommand } from '#cli/evidence/read.ts'
import { showCommand } from '#cli/evidence/show.ts'
import { tokenCommand } from '#cli/evidence/token.ts'
import type { Io } from '#cli/io.ts'

/** `muster evidence`: what files say, what CI sent, and where a number came from. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('evidence')
    .description('Read report files, send and accept evidence from CI, and show where a number came from.')
    .addCommand(readCommand(io, exit))
    .addCommand(listCommand(io, exit))
    .addCommand(showCommand(io, exit))
    .addCommand(pushCommand(io, exit))
    .addCommand(acceptCommand(io, exit))
    .addCommand(tokenCommand(io, exit)) as unknown as PlainCommand
}
