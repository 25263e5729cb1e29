import { effect } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { connection, heardAt, isUnknown, programState, type Loaded } from './live.ts'
import { now } from './clock.ts'
import { Instant, readerZone } from './parts/time.tsx'
import { Failed, Loading } from './parts/states.tsx'
import { SignedOut } from './parts/signed-out.tsx'
import { route, to } from './route.ts'
import { Acting } from './parts/acting.tsx'
import { Blockers } from './views/blockers.tsx'
import { CheckpointRoom } from './views/checkpoint.tsx'
import { Decisions } from './views/decisions.tsx'
import { Options } from './views/options.tsx'
import { Overview } from './views/overview.tsx'
import { ProgramList } from './views/programs.tsx'
import { Radar } from './views/radar.tsx'
import { Stream } from './views/stream.tsx'
import type { StateDocument } from '#core/api/documents.ts'

export function App() {
  const { value: here } = route
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Top />
      <Disconnected />
      <main id="content" tabIndex={-1}>
        {connection.value === 'signed-out' ? (
          <SignedOut />
        ) : 'program' in here ? (
          <OfProgram loaded={programState.value}>{(state) => <View state={state} />}</OfProgram>
        ) : here.view === 'programs' ? (
          <ProgramList />
        ) : (
          <NotFound />
        )}
      </main>
      <Paper />
    </>
  )
}

const VIEWS = [
  ['overview', 'Overview'],
  ['radar', 'Radar'],
  ['blockers', 'Blockers'],
  ['decisions', 'Decisions'],
] as const

/** What the tab, the history and a reader's list of windows call this page. */
effect(() => {
  const { value: here } = route
  const { value: state } = programState.value
  const named =
    here.view === 'checkpoint'
      ? state?.checkpoints.find((one) => one.id === here.checkpoint)?.name
      : here.view === 'stream' || here.view === 'options'
        ? state?.streams.find((one) => one.id === here.stream)?.name
        : VIEWS.find(([view]) => view === here.view)?.[1]
  document.title = [named, state?.program.name, 'Muster'].filter((one) => one !== undefined).join(' · ')
})

function View({ state }: { readonly state: StateDocument }) {
  const { value: here } = route
  switch (here.view) {
    case 'overview':
      return <Overview state={state} />
    case 'checkpoint':
      return <CheckpointRoom state={state} checkpoint={here.checkpoint} />
    case 'blockers':
      return <Blockers state={state} />
    case 'decisions':
      return <Decisions state={state} />
    case 'stream':
      return <Stream state={state} stream={here.stream} />
    case 'options':
      return <Options state={state} stream={here.stream} />
    case 'radar':
      return <Radar state={state} />
    case 'programs':
    case 'unknown':
      return <NotFound />
  }
}

function Top() {
  const { value: here } = route
  const { value: state } = programState.value
  const program = 'program' in here ? here.program : undefined
  return (
    <header class="top">
      <a class="name" href="/">
        Muster
      </a>
      {program !== undefined && (
        <>
          <span class="program">{state?.program.name ?? program}</span>
          <nav aria-label="Views">
            {VIEWS.map(([view, title]) => (
              <a
                key={view}
                href={view === 'overview' ? to(program) : to(program, view)}
                aria-current={here.view === view ? 'page' : undefined}
              >
                {title}
              </a>
            ))}
          </nav>
          {state && <Acting state={state} />}
          {state && (
            <span class="zone soft">
              Times in {readerZone}
              {state.program.zone !== readerZone && `; the program’s zone is ${state.program.zone}`}
            </span>
          )}
        </>
      )}
    </header>
  )
}

/** Where and when a page was printed: paper has no address bar. */
const Paper = () => (
  <p class="on-paper">
    {location.href}, as of <Instant at={new Date(now.value).toISOString()} /> ({readerZone})
  </p>
)

/** Says so when what is shown may be old. */
function Disconnected() {
  if (connection.value !== 'waiting') return null
  return (
    <p class="disconnected" role="status">
      <span aria-hidden="true">⚠ </span>
      Not connected: what you see may be old
      {heardAt.value !== undefined && (
        <>
          , last heard <Instant at={new Date(heardAt.value).toISOString()} />
        </>
      )}
      . Connecting again.
    </p>
  )
}

function OfProgram({
  loaded,
  children,
}: {
  readonly loaded: Loaded<StateDocument>
  readonly children: (state: StateDocument) => ComponentChildren
}) {
  if (loaded.value) return <>{children(loaded.value)}</>
  if (loaded.problem)
    return (
      <Failed problem={loaded.problem}>
        {isUnknown.value && (
          <p>
            <a href="/">All programs</a>
          </p>
        )}
      </Failed>
    )
  return <Loading what="the program" />
}

const NotFound = () => (
  <section class="empty">
    <h1>There is nothing here</h1>
    <p>
      This address leads nowhere. <a href="/">All programs</a>
    </p>
  </section>
)
