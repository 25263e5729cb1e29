import { computed } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Attention, CheckpointHead, GridCell, StateDocument, StreamHead } from '#core/api/documents.ts'
import type { Health } from '#core/program/model.ts'
import { count, formatShare } from '#render/words.ts'
import { now } from '../clock.ts'
import { programState } from '../live.ts'
import { nameOf } from '../named.ts'
import { HealthSign, SeveritySign, VerdictSign } from '../parts/signs.tsx'
import { Countdown, Instant } from '../parts/time.tsx'
import { Empty } from '../parts/states.tsx'
import { to } from '../route.ts'

/** Where the program stands, what needs a person, streams by checkpoints: read in five seconds from two metres away. */
export function Overview({ state }: { readonly state: StateDocument }) {
  return (
    <>
      <Standing state={state} />
      <Needs state={state} />
      <Grid state={state} />
    </>
  )
}

const endOf = (one: CheckpointHead): number => Date.parse(one.at) + one.durationSeconds * 1000

/** The checkpoint that is going on, else the one that comes next, else the last. */
function nextOf(checkpoints: readonly CheckpointHead[]): CheckpointHead | undefined {
  const standing = checkpoints.filter((one) => one.state !== 'cancelled')
  return (
    standing.find((one) => one.state === 'open') ??
    standing.find((one) => one.state !== 'held' && endOf(one) >= now.value) ??
    standing.at(-1)
  )
}

function Standing({ state }: { readonly state: StateDocument }) {
  const next = nextOf(state.checkpoints)
  const last = state.checkpoints.findLast((one) => one.verdict !== undefined)
  const { id, zone } = state.program
  return (
    <section class="standing" aria-label="Where the program stands">
      <h1 class="unseen">Overview</h1>
      <div>
        <p class="label">Last decision</p>
        <p class="figure">{last?.verdict ? <VerdictSign verdict={last.verdict} /> : <span class="thin soft">none yet</span>}</p>
        {last && (
          <p class="name">
            <a href={to(id, 'checkpoints', last.id)}>{last.name}</a>
          </p>
        )}
      </div>
      {next && (
        <div>
          <p class="label">{Date.parse(next.at) > now.value ? 'Next checkpoint' : endOf(next) < now.value ? 'Last checkpoint' : 'Now'}</p>
          <p class="figure thin">
            {next.state === 'open' ? 'is open' : next.state === 'held' ? 'was held' : <Countdown to={next.at} over="began" after="ago" />}
          </p>
          <p class="name">
            <a href={to(id, 'checkpoints', next.id)}>{next.name}</a>{' '}
            <span class="soft">
              <Instant at={next.at} zone={zone} />
              {next.movedFrom !== undefined && (
                <>
                  , moved from <Instant at={next.movedFrom} zone={zone} />
                </>
              )}
            </span>
          </p>
        </div>
      )}
      <Tally streams={state.streams} />
    </section>
  )
}

const WORST_FIRST: readonly Health[] = ['BLOCKED', 'BEHIND', 'UNKNOWN', 'MINOR DELAY', 'ON TRACK', 'AHEAD']

/** How many streams stand how. */
function Tally({ streams }: { readonly streams: readonly StreamHead[] }) {
  const found = WORST_FIRST.flatMap((health) => {
    const number = streams.filter((one) => one.health === health).length
    return number === 0 ? [] : [{ health, number }]
  })
  if (found.length === 0) return null
  return (
    <div>
      <p class="label">{count(streams.length, 'stream')}</p>
      <ul class="tally">
        {found.map(({ health, number }) => (
          <li key={health}>
            <span class="number">{number}</span> <HealthSign health={health} />
          </li>
        ))}
      </ul>
    </div>
  )
}

/** More of one kind than this are counted, and unfold. */
const FEW = 6

function Needs({ state }: { readonly state: StateDocument }) {
  if (state.attention.length === 0) return null
  const kinds = Map.groupBy(state.attention, (one) => one.kind)
  return (
    <section>
      <h2>
        Needs a person <span class="count">{state.attention.length}</span>
      </h2>
      <ul class="needs">
        {[...kinds].map(([kind, list]) =>
          list.length <= FEW ? (
            list.map((one) => <Need key={keyOf(one)} one={one} state={state} />)
          ) : (
            <li key={kind} class="many">
              <details>
                <summary>
                  <span class="kind">{kind}</span> <span class="text">{count(list.length, MANY[kind] ?? kind)}</span>
                </summary>
                <ul class="needs">
                  {list.map((one) => (
                    <Need key={keyOf(one)} one={one} state={state} />
                  ))}
                </ul>
              </details>
            </li>
          ),
        )}
      </ul>
    </section>
  )
}

/** The same thing in the next document: what has the focus keeps it when something is listed above it. */
const keyOf = ({ kind, blocker, checkpoint, subject, text }: Attention): string => blocker ?? [kind, checkpoint, subject, text].join(' ')

const MANY: Partial<Record<Attention['kind'], string>> = {
  blocker: 'open blocker',
  'sign-off': 'open signature',
  'check-in': 'missing check-in',
}

function Need({ one, state }: { readonly one: Attention; readonly state: StateDocument }) {
  const { id, people } = state.program
  const stream = state.streams.find((each) => one.subject === `stream:${each.id}`)
  const blocker = state.blockers.find((each) => each.blocker === one.blocker)
  const checkpoint = one.kind === 'condition' ? state.checkpoints.find((each) => each.id === one.checkpoint) : undefined
  const href =
    blocker || one.kind === 'escalation'
      ? to(id, 'blockers')
      : one.checkpoint !== undefined
        ? to(id, 'checkpoints', one.checkpoint)
        : stream && to(id, 'streams', stream.id)
  return (
    <li>
      <span class="kind">{blocker ? <SeveritySign severity={blocker.severity} /> : one.kind}</span>
      <span class="text">
        {href === undefined ? one.text : <a href={href}>{one.text}</a>}{' '}
        {one.kind !== 'check-in' && (
          <span class="soft tail">{[stream?.name, checkpoint?.name].filter((each) => each !== undefined).join(', ')}</span>
        )}
      </span>
      <span class="who">{one.who.map((who) => nameOf(people, who)).join(', ')}</span>
      <span class="due">{one.due !== undefined && <Countdown to={one.due} over="overdue by" />}</span>
    </li>
  )
}

/** What the clock changes in the grid: which checkpoint is next, and which have passed. In words, so that a tick alone draws nothing anew. */
const clockwork = computed(() => {
  const checkpoints = programState.value.value?.checkpoints ?? []
  return [nextOf(checkpoints)?.id, ...checkpoints.filter((one) => endOf(one) < now.value).map((one) => one.id)].join('\n')
})

/** More checkpoints than these do not fit beside each other on paper. */
const ACROSS = 5

function Grid({ state }: { readonly state: StateDocument }) {
  const box = useRef<HTMLDivElement>(null)
  const [next, ...over] = clockwork.value.split('\n')
  // What was judged longest ago is out of sight first.
  useLayoutEffect(() => {
    const column = box.current?.querySelector<HTMLElement>('th[aria-current]')
    if (box.current && column) box.current.scrollLeft = column.offsetLeft - box.current.clientWidth * 0.6
  }, [next])
  if (state.streams.length === 0)
    return (
      <Empty title="The program has no streams yet">
        <p>
          A stream is a line of work with a lead and a branch. Write each under <code>streams</code> of the program file; this page follows
          the file.
        </p>
      </Empty>
    )
  const cells = new Map(state.grid.map((cell) => [`${cell.stream}\0${cell.checkpoint}`, cell]))
  const withProgress = state.streams.some((one) => one.progress !== undefined)
  return (
    <section>
      <h2>Streams by checkpoints</h2>
      <div class="scroll" ref={box} tabIndex={0} role="region" aria-label="Streams by checkpoints">
        <table class={state.checkpoints.length > ACROSS ? 'grid long' : 'grid'}>
          <thead>
            <tr>
              <th scope="col" class="first">
                Stream, and how it is now
              </th>
              {withProgress && (
                <th scope="col" class="number">
                  Done
                </th>
              )}
              {state.checkpoints.map((one) => (
                <th scope="col" key={one.id} class={one.state} aria-current={one.id === next ? 'date' : undefined}>
                  <a href={to(state.program.id, 'checkpoints', one.id)}>{one.name}</a>
                  <Instant at={one.at} zone={state.program.zone} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {state.streams.map((stream) => (
              <tr key={stream.id}>
                <th scope="row">
                  <div>
                    <a href={to(state.program.id, 'streams', stream.id)}>{stream.name}</a>{' '}
                    {stream.health ? <HealthSign health={stream.health} /> : <span class="soft">not judged</span>}
                  </div>
                </th>
                {withProgress && (
                  <td class="number">
                    {stream.progress === undefined ? <span class="soft">not known</span> : formatShare(stream.progress)}
                  </td>
                )}
                {state.checkpoints.map((one) => {
                  const cell = cells.get(`${stream.id}\0${one.id}`)
                  return (
                    <td key={one.id} class={one.state} data-checkpoint={cell && one.name}>
                      <Cell cell={cell} state={one.state} isOver={over.includes(one.id)} />
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

const Cell = ({
  cell,
  state,
  isOver,
}: {
  readonly cell: GridCell | undefined
  readonly state: CheckpointHead['state']
  readonly isOver: boolean
}) =>
  cell ? (
    <VerdictSign verdict={cell.verdict} />
  ) : state === 'cancelled' || isOver ? (
    <span class="soft">{state === 'cancelled' ? 'cancelled' : 'not judged'}</span>
  ) : (
    <span class="soft" aria-hidden="true">
      ·
    </span>
  )
