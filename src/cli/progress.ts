import type { Io } from '#cli/io.ts'
import type { Progress } from '#engine/ports.ts'

/** One line on a terminal that is written over; nothing into pipes. */
export function progressLine(io: Io): { readonly report: (event: Progress) => void; readonly done: () => void } {
  if (!io.stderr.isTerminal) return { report: () => {}, done: () => {} }
  let total = 0
  let ended = 0
  const show = (text: string): void => io.stderr.write(`\r\u001B[K${text.slice(0, Math.max(20, io.stderr.columns - 1))}`)
  return {
    report(event) {
      if (event.step === 'begin') total = event.sources
      else ended += 1
      show(`gathering evidence: ${ended} of ${total}${event.step === 'source' ? ` (${event.source} of ${event.subject})` : ''}`)
    },
    done: () => io.stderr.write('\r\u001B[K'),
  }
}
