import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe } from 'vitest'

/** Set where no C compiler can be installed; then what needs the recorder is left out, and CI says so. */
const WITHOUT_COMPILER = (process.env['MUSTER_TEST_NO_CC'] ?? '') !== ''

/** `describe`, where what a process asks of the file system can be recorded: on Linux, with a C compiler. */
export const describeWithRecorder =
  WITHOUT_COMPILER || process.platform !== 'linux' ? (_title: string, _tests: () => void): void => undefined : describe

/** Builds `recorder.c` into a folder. @throws Error that says what to install. */
export function buildRecorder(folder: string): string {
  const library = join(folder, 'recorder.so')
  if (spawnSync('cc', ['--version']).status !== 0)
    throw new Error(
      'there is no C compiler, so that power loss cannot be tested: apt-get install gcc libc6-dev, or set MUSTER_TEST_NO_CC=1 to go without',
    )
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, 'recorder.c'), '-ldl', '-lpthread'])
  return library
}
