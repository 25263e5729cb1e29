import { signal } from '@preact/signals'
import type { AgendaItem } from '#core/program/model.ts'
import { now, time } from '../clock.ts'
import { lasting, span } from './time.tsx'

interface Turn {
  readonly title: string
  readonly topics: readonly string[]
  readonly seconds: number
}

/** Items that are held once for each stream stand once for each stream. */
export const turnsOf = (agenda: readonly AgendaItem[], streams: readonly string[]): readonly Turn[] =>
  agenda.flatMap(({ title, topics, seconds, each }) =>
    each === undefined ? [{ title, topics, seconds }] : streams.map((stream) => ({ title: `${title}: ${stream}`, topics, seconds })),
  )

/** Which turn of which checkpoint runs and since when, in this browser only: nobody's record is a stopwatch. */
const running = signal<{ readonly of: string; readonly turn: number; readonly since: number } | undefined>(undefined)

/** The agenda with a timer for each item. @param of Id of the checkpoint. */
export function Agenda({
  agenda,
  streams,
  of,
}: {
  readonly agenda: readonly AgendaItem[]
  readonly streams: readonly string[]
  readonly of: string
}) {
  const turns = turnsOf(agenda, streams)
  if (turns.length === 0) return null
  const current = running.value?.of === of ? running.value : undefined
  const next = current === undefined ? 0 : current.turn + 1
  return (
    <section>
      <h2>
        Agenda <span class="count">{lasting(turns.reduce((sum, one) => sum + one.seconds, 0))}</span>
      </h2>
      <ol class="agenda">
        {turns.map((turn, index) => {
          const isOn = current?.turn === index
          const left = turn.seconds * 1000 - (isOn ? now.value - current.since : 0)
          return (
            <li key={index} aria-current={isOn ? 'step' : undefined} class={current && index < current.turn ? 'done' : ''}>
              <span>{turn.title}</span>
              <span class={`number ${left < 0 ? 'bad' : ''}`} role={isOn ? 'timer' : undefined}>
                {left < 0 ? `over by ${span(left)}` : isOn ? span(left) : lasting(turn.seconds)}
              </span>
              {turn.topics.length > 0 && isOn && <span class="topics soft">{turn.topics.join(' · ')}</span>}
            </li>
          )
        })}
      </ol>
      <p class="buttons">
        {next < turns.length && (
          <button type="button" class="plain" onClick={() => (running.value = { of, turn: next, since: time() })}>
            {current === undefined ? 'Begin' : 'Next item'}
          </button>
        )}
        {current !== undefined && (
          <button type="button" class="plain" onClick={() => (running.value = undefined)}>
            Stop
          </button>
        )}
      </p>
    </section>
  )
}
