import type { Chance } from '#core/forecast/report.ts'
import { shareWords } from '#render/forecast/told.ts'

/** `62 %`, and by when: never a number where there is none. */
export function ChanceWords({ chance }: { readonly chance: Chance }) {
  if (chance.kind === 'reached') return <>there since {day(chance.on)}</>
  if (chance.kind === 'none') return <span class="soft">no number: {chance.reason}</span>
  return (
    <>
      {chance.probability !== undefined && <strong>{shareWords(chance.probability)}</strong>}
      <span class="soft">
        {chance.p50 === undefined ? ' not before the horizon' : ` half of the runs by ${day(chance.p50)}`}
        {chance.p85 === undefined ? '' : `, 85 % by ${day(chance.p85)}`}
      </span>
    </>
  )
}

const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: '2-digit', month: 'short', timeZone: 'UTC' })

/** `Wed 25 Feb` of `2026-02-25`. */
export const day = (date: string): string => DAY.format(new Date(`${date}T12:00:00Z`)).replace(',', '')

/** From 0 to 1, as a bar beside its number. */
export const ChanceBar = ({ chance }: { readonly chance: Chance }) => {
  const value = chance.kind === 'reached' ? 1 : chance.kind === 'number' ? chance.probability : undefined
  if (value === undefined) return null
  return (
    <svg class="bar" width="100%" height="10" aria-hidden="true">
      <rect class="track" x="0" y="2" width="100%" height="6" rx="3" />
      <rect class="fill accent" x="0" y="2" width={`${(value * 100).toFixed(1)}%`} height="6" rx="3" />
    </svg>
  )
}
