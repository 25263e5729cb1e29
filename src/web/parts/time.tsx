import { now } from '../clock.ts'

const FORMATS = new Map<string, Intl.DateTimeFormat>()

function formatIn(zone: string | undefined): Intl.DateTimeFormat {
  const key = zone ?? ''
  const known = FORMATS.get(key)
  if (known) return known
  // One form for every reader's language: numbers in tables must not change their width.
  const made = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: '2-digit',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(zone !== undefined && { timeZone: zone }),
  })
  FORMATS.set(key, made)
  return made
}

/** The zone of the reader's machine. */
export const readerZone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** `Wed 25 Feb 16:00` in the reader's zone; the program's zone is in the title where it differs. */
export function Instant({ at, zone }: { readonly at: string; readonly zone?: string }) {
  const date = new Date(at)
  const here = formatIn(undefined).format(date).replaceAll(',', '')
  const there = zone !== undefined && zone !== readerZone ? `${formatIn(zone).format(date).replace(',', '')} ${zone}` : undefined
  return (
    <time dateTime={at} title={there ?? at}>
      {here.slice(0, -CLOCK)}
      <span class="clock">{here.slice(-CLOCK)}</span>
    </time>
  )
}

/** Length of ` 16:00`, which a narrow column sets on a line of its own. */
const CLOCK = 6

/** Below it seconds count. */
const SOON_SECONDS = 600

const two = (value: number): string => String(value).padStart(2, '0')

/** `2 d 3 h`, `3 h 05 min`, `42 min`, `4 min 09 s`: as exactly as a reader needs it. */
export function span(milliseconds: number): string {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000)
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3600), Math.floor((seconds % 3600) / 60)]
  if (days > 0) return hours === 0 ? `${days} d` : `${days} d ${hours} h`
  if (hours > 0) return `${hours} h ${two(minutes)} min`
  return seconds >= SOON_SECONDS ? `${minutes} min` : `${minutes} min ${two(seconds % 60)} s`
}

/** How long something is planned to last: `5 min`, `1 h 30 min`. */
export const lasting = (seconds: number): string => {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  return [hours > 0 && `${hours} h`, minutes > 0 && `${minutes} min`, seconds % 60 > 0 && `${seconds % 60} s`].filter(Boolean).join(' ')
}

/** Counts down to an instant, and up after it. */
export function Countdown({ to, over = 'over by', after = '' }: { readonly to: string; readonly over?: string; readonly after?: string }) {
  const left = Date.parse(to) - now.value
  return (
    <time class={left < 0 && after === '' ? 'countdown bad' : 'countdown'} dateTime={to} role="timer" aria-live="off">
      {left < 0 ? `${over} ${span(left)} ${after}`.trim() : `in ${span(left)}`}
    </time>
  )
}
