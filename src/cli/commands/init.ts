import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import type { Io } from '#cli/io.ts'
export function command(_io: Io, _exit: (code: number) => void): PlainCommand { return new Command('init') as unknown as PlainCommand }
