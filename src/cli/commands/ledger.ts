import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import type { Io } from '#cli/io.ts'
import { backupCommand } from '#cli/ledger/backup.ts'
import { exportCommand } from '#cli/ledger/export.ts'
import { headCommand } from '#cli/ledger/head.ts'
import { importCommand } from '#cli/ledger/import.ts'
import { restoreCommand } from '#cli/ledger/restore.ts'

/** `muster ledger`: the record noted elsewhere, moved with its chain as it is, copied and put back. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('ledger')
    .description('Note the head of the ledger elsewhere, move the ledger between stores, back it up and restore it.')
    .addCommand(headCommand(io, exit))
    .addCommand(exportCommand(io, exit))
    .addCommand(importCommand(io, exit))
    .addCommand(backupCommand(io, exit))
    .addCommand(restoreCommand(io, exit)) as unknown as PlainCommand
}
