import { signal } from '@preact/signals'

/** The reader's clock, moved once a second while the page is seen: what counts down reads it. */
export const now = signal(Date.now())

const tick = (): void => {
  if (document.visibilityState === 'visible') now.value = Date.now()
}
setInterval(tick, 1000)
document.addEventListener('visibilitychange', tick)
