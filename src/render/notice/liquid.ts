import { Liquid, type Context } from 'liquidjs'
import { formatDuration, formatValue } from '#core/program/quantity.ts'
import { formatDate, formatInstant, formatNamed, isDate, isInstant, wallOf, zoneOnce } from '#core/schedule/time.ts'
import { fenced, fencedPerson } from '#render/notice/document.ts'
import { HEALTH_SIGNS, STATUS_SIGNS, VERDICT_SIGNS } from '#render/words.ts'

/** What templates can do: choose, repeat, and put values in; they compute nothing and read nothing else. */

const TAGS = ['if', 'unless', 'case', 'for', 'break', 'continue', 'assign', 'capture', 'comment', '#', 'raw'] as const

const FILTERS =
  'default append prepend upcase downcase capitalize strip truncate truncatewords replace remove split join first last size slice reverse uniq compact concat'.split(
    ' ',
  )

/** Filters of our own, with what each makes of a value. */
export const OWN_FILTERS = {
  when: 'an instant as weekday, date and time in the program’s zone, which the first time of a message names',
  day: 'an instant or a date as weekday and date',
  time: 'an instant as time of day; the zone as with `when`',
  held: 'a checkpoint as its name, weekday, date and time; a day that its name has is said once, the zone as with `when`',
  span: 'seconds as a duration',
  percent: 'a share as per cent',
  names: 'people or words, parted by commas',
  mention: 'a person, spoken to where the channel can',
  sign: 'a verdict, health or status with its shape before it',
} as const

const SIGNS: Readonly<Record<string, { readonly shape: string }>> = { ...VERDICT_SIGNS, ...HEALTH_SIGNS, ...STATUS_SIGNS }

export interface Words {
  readonly zone: string
}

interface Named {
  readonly id: string
  readonly name: string
}

const isNamed = (value: unknown): value is Named =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  'id' in value &&
  typeof value.id === 'string'

const isMeeting = (value: unknown): value is { readonly name: string; readonly at: string } =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' && 'at' in value && isTime(value.at)

const isTime = (value: unknown): value is string => typeof value === 'string' && isInstant(value)

const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

/** An engine for one zone. Nothing is read from files; a name that is not there is an error. */
export function templateEngine({ zone }: Words): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    lenientIf: true,
    outputEscape: fenced,
    templates: {},
    parseLimit: 200_000,
    renderLimit: 2_000,
    memoryLimit: 5_000_000,
  })
  for (const name of Object.keys(engine.tags)) if (!TAGS.some((one) => one === name)) delete engine.tags[name]
  for (const name of Object.keys(engine.filters)) if (!FILTERS.includes(name)) delete engine.filters[name]
  const naming = new WeakMap<Context, (time: string) => string>()
  const inZone = (time: string, context: Context): string => {
    const named = naming.get(context) ?? zoneOnce(zone)
    naming.set(context, named)
    return named(time)
  }
  const times: Readonly<Record<'when' | 'time' | 'held', (value: unknown) => string | undefined>> = {
    when: (value) => (isTime(value) ? formatInstant(value, zone) : undefined),
    time: (value) => (isTime(value) ? wallOf(value, zone).time : undefined),
    held: (value) => (isMeeting(value) ? formatNamed(value.name, value.at, zone) : undefined),
  }
  for (const [name, filter] of Object.entries(times))
    engine.registerFilter(name, function (value: unknown) {
      const time = filter(value)
      return time === undefined ? textOf(value) : inZone(time, this.context)
    })
  const filters: Readonly<Record<Exclude<keyof typeof OWN_FILTERS, keyof typeof times | 'mention'>, (value: unknown) => string>> = {
    day: (value) =>
      isTime(value) ? formatDate(wallOf(value, zone).date) : isDate(textOf(value)) ? formatDate(textOf(value)) : textOf(value),
    span: (value) => (typeof value === 'number' ? formatDuration(value) : textOf(value)),
    percent: (value) => (typeof value === 'number' ? formatValue(value, 'ratio') : textOf(value)),
    names: (value) =>
      [value]
        .flat()
        .map((one) => (isNamed(one) ? one.name : textOf(one)))
        .join(', '),
    sign: (value) => (Object.hasOwn(SIGNS, textOf(value)) ? `${SIGNS[textOf(value)]?.shape} ${textOf(value)}` : textOf(value)),
  }
  for (const [name, filter] of Object.entries(filters)) engine.registerFilter(name, filter)
  engine.registerFilter('mention', {
    raw: true,
    handler: (value: unknown) =>
      [value]
        .flat()
        .map((one) => (isNamed(one) ? fencedPerson(one.id, one.name) : fenced(textOf(one))))
        .join(', '),
  })
  return engine
}

/** A line that holds nothing but tags is no line of the message. */
export const withoutTagLines = (text: string): string => text.replace(/^[ \t]*((?:\{%(?:[^%]|%(?!\}))*%\}[ \t]*)+)\r?\n/gm, '$1')
