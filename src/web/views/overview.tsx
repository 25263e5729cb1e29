import type { Attention, BlockerDocument, CheckpointHead, GridCell, StateDocument, StreamHead } from '#core/api/documents.ts'
import { now } from '../clock.ts'
import { HealthSign, SeveritySign, VerdictSign } from '../parts/signs.tsx'
import { Countdown, Instant } from '../parts/time.tsx'
import { Empty } from '../parts/states.tsx'
import { to } from '../route.ts'

/** Streams by checkpoints, what needs a person, the next checkpoint: read in five seconds from two metres away. */
export function Overview({ state }: { readonly state: StateDocument }) {
  return (
    <>
      <Next state={state} />
      <Needs state={state} />
      <Grid state={state} />
      <OpenBlockers state={state} />
    </>
  )
}

/** The checkpoint that is going on, else the one that comes next, else the last. */
function nextOf(checkpoints: readonly CheckpointHead[]): CheckpointHead | undefined {
  const standing = checkpoints.filter((one) => one.state !== 'cancelled')
  return (
    standing.find((one) => one.state === 'open') ??
    standing.find((one) => one.state !== 'held' && Date.parse(one.at) + one.durationSeconds * 1000 >= now.value) ??
    standing.at(-1)
  )
}

function Next({ state }: { readonly state: StateDocument }) {
  const next = nextOf(state.checkpoints)
  const last = state.checkpoints.findLast((one) => one.verdict !== undefined)
  return (
    <section class="next" aria-label="Where the program stands">
      <div>
        <h1>{last ? <a href={to(state.program.id, 'checkpoints', last.id)}>{last.name}</a> : 'No decision yet'}</h1>
        {last?.verdict ? <VerdictSign verdict={last.verdict} large /> : <p class="soft">Nothing was judged so far.</p>}
      </div>
      {next && (
        <div>
          <h1>
            <a href={to(state.program.id, 'checkpoints', next.id)}>{next.name}</a>
          </h1>
          <p class="countdown-line">
            {next.state === 'open' ? (
              <strong>is open</strong>
            ) : next.state === 'held' ? (
              <span class="soft">was held</span>
            ) : (
              <Countdown to={next.at} />
            )}
          </p>
          <p class="soft">
            <Instant at={next.at} zone={state.program.zone} />
            {next.movedFrom !== undefined && (
              <>
                , moved from <Instant at={next.movedFrom} zone={state.program.zone} />
              </>
            )}
          </p>
        </div>
      )}
    </section>
  )
}

function Needs({ state }: { readonly state: StateDocument }) {
  if (state.attention.length === 0) return null
  return (
    <section>
      <h2>
        Needs a person <span class="count">{state.attention.length}</span>
      </h2>
      <ul class="needs">
        {state.attention.map((one, index) => (
          <li key={`${one.kind}${index}`}>
            <AttentionLine one={one} state={state} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function AttentionLine({ one, state }: { readonly one: Attention; readonly state: StateDocument }) {
  const name = (id: string): string => state.program.people.find((person) => person.id === id)?.name ?? id
  const href =
    one.blocker !== undefined
      ? to(state.program.id, 'blockers')
      : one.checkpoint === undefined
        ? undefined
        : to(state.program.id, 'checkpoints', one.checkpoint)
  return (
    <>
      <span class="kind">{one.kind}</span>
      <span class="text">{href === undefined ? one.text : <a href={href}>{one.text}</a>}</span>
      <span class="who">{one.who.map(name).join(', ')}</span>
      <span class="due">{one.due !== undefined && <Countdown to={one.due} over="overdue by" />}</span>
    </>
  )
}

function Grid({ state }: { readonly state: StateDocument }) {
  if (state.streams.length === 0) return <Empty title="The program has no streams" />
  const cells = new Map(state.grid.map((cell) => [`${cell.stream}\0${cell.checkpoint}`, cell]))
  return (
    <section>
      <h2>Streams by checkpoints</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Streams by checkpoints">
        <table class="grid">
          <thead>
            <tr>
              <th scope="col">Stream</th>
              <th scope="col">Now</th>
              <th scope="col" class="number">
                Done
              </th>
              {state.checkpoints.map((one) => (
                <th scope="col" key={one.id} class={one.state}>
                  <a href={to(state.program.id, 'checkpoints', one.id)}>{one.name}</a>
                  <Instant at={one.at} zone={state.program.zone} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {state.streams.map((stream) => (
              <Row key={stream.id} stream={stream} state={state} cells={cells} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Row({
  stream,
  state,
  cells,
}: {
  readonly stream: StreamHead
  readonly state: StateDocument
  readonly cells: ReadonlyMap<string, GridCell>
}) {
  return (
    <tr>
      <th scope="row">
        <a href={to(state.program.id, 'streams', stream.id)}>{stream.name}</a>
      </th>
      <td>{stream.health ? <HealthSign health={stream.health} /> : <span class="soft">not judged</span>}</td>
      <td class="number">{stream.progress === undefined ? <span class="soft">–</span> : `${(stream.progress * 100).toFixed(1)} %`}</td>
      {state.checkpoints.map((one) => {
        const cell = cells.get(`${stream.id}\0${one.id}`)
        return (
          <td key={one.id} class={one.state}>
            {cell ? <VerdictSign verdict={cell.verdict} /> : <span class="soft">{one.state === 'cancelled' ? 'cancelled' : '·'}</span>}
          </td>
        )
      })}
    </tr>
  )
}

function OpenBlockers({ state }: { readonly state: StateDocument }) {
  const open = state.blockers.filter((one) => one.resolvedAt === undefined)
  if (open.length === 0) return null
  return (
    <section>
      <h2>
        Open blockers <span class="count">{open.length}</span>
      </h2>
      <ul class="needs">
        {open.map((one) => (
          <BlockerLine key={one.blocker} one={one} state={state} />
        ))}
      </ul>
    </section>
  )
}

const BlockerLine = ({ one, state }: { readonly one: BlockerDocument; readonly state: StateDocument }) => (
  <li>
    <SeveritySign severity={one.severity} />
    <span class="text">
      <a href={to(state.program.id, 'blockers')}>{one.title}</a>{' '}
      <span class="soft">{state.streams.find((stream) => stream.id === one.stream)?.name ?? one.stream}</span>
    </span>
    <span class="who">{state.program.people.find((person) => person.id === one.owner)?.name ?? one.owner}</span>
    <span class="due">
      <Countdown to={one.deadline} over="overdue by" />
    </span>
  </li>
)
