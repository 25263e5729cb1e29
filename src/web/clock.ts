import { signal } from '@preact/signals'

/** By how much the server's clock is ahead of the reader's, milliseconds. */
let ahead = 0
/** What a request takes is no difference of clocks. */
const LATENCY = 5000

/** Now, by the server's clock: deadlines run out when it says so, whatever the reader's machine believes. */
export const time = (): number => Date.now() + ahead

/** The same, moved once a second while the page is seen: what counts down reads it. */
export const now = signal(time())

const tick = (): void => {
  if (document.visibilityState === 'visible') now.value = time()
}
setInterval(tick, 1000)
document.addEventListener('visibilitychange', tick)

/** @param instant What the server's clock says. */
export function setClock(instant: string): void {
  const difference = Date.parse(instant) - Date.now()
  ahead = Math.abs(difference) < LATENCY ? 0 : difference
  tick()
}
