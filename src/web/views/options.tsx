import { Words } from '../parts/words.tsx'
import type { StateDocument, StreamDocument } from '#core/api/documents.ts'
import type { ForecastReport, OptionEffect, OptionForecast } from '#core/forecast/report.ts'
import type { MatrixOption } from '#core/program/model.ts'
import { isChange } from '#render/forecast/told.ts'
import { capital } from '#render/words.ts'
import { liveDocument } from '../live.ts'
import { nameOf } from '../named.ts'
import { Act } from '../parts/act.tsx'
import { ChanceBar, ChanceWords } from '../parts/chance.tsx'
import { HealthSign, Signed } from '../parts/signs.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { Instant } from '../parts/time.tsx'
import { to } from '../route.ts'

type Matrix = NonNullable<StreamDocument['matrix']>

/** What can be done about a stream that is behind: each option with what it would change, and one of them chosen. */
export function Options({ state, stream }: { readonly state: StateDocument; readonly stream: string }) {
  const api = `/api/programs/${encodeURIComponent(state.program.id)}`
  const { value: one, problem } = liveDocument<StreamDocument>(`${api}/streams/${encodeURIComponent(stream)}`).value
  const { value: ahead, problem: without, loading } = liveDocument<ForecastReport>(`${api}/forecast`).value
  if (!one) return problem ? <Failed problem={problem} /> : <Loading what="the stream" />
  const { matrix } = one
  if (!matrix)
    return (
      <Empty page title={`There is nothing to choose for ${one.name}`}>
        <p>The decision matrix has options for a stream that the newest decision finds behind, delayed or blocked.</p>
        <p>
          <a href={to(state.program.id, 'streams', one.id)}>Back to the stream</a>
        </p>
      </Empty>
    )
  const checkpoint = ahead && state.checkpoints.find((each) => each.id === ahead.options.checkpoint)
  const effects = ahead?.options.list.filter((each) => each.stream === one.id) ?? []
  const asItIs = effects.find((each) => each.effects[0])?.effects[0]
  return (
    <article class="what-if">
      <header class="head">
        <div>
          <h1>
            What now with <a href={to(state.program.id, 'streams', one.id)}>{one.name}</a>?{' '}
            {one.health && <HealthSign health={one.health} />}
          </h1>
          <p>{one.because !== undefined && <Words text={one.because} />}</p>
        </div>
      </header>
      {matrix.immediate.length > 0 && (
        <p>
          <span class="label">At once</span> {matrix.immediate.join(' · ')}
        </p>
      )}
      <Chosen matrix={matrix} state={state} />
      <section>
        <h2>{matrix.title}</h2>
        <p class="soft">
          {checkpoint ? (
            <>
              Effects are simulated for <a href={to(state.program.id, 'checkpoints', checkpoint.id)}>{checkpoint.name}</a>,{' '}
              <Instant at={checkpoint.at} zone={state.program.zone} />, from the ledger’s own history.
            </>
          ) : loading ? (
            'The way ahead is being simulated …'
          ) : (
            `${capital(ahead?.options.reason ?? without?.title ?? '')}.`
          )}
        </p>
        {asItIs && (
          <section class="as-it-is" aria-label="As it is">
            <h3>As it is</h3>
            <Effect effect={asItIs} stream={one} sides={['before']} />
          </section>
        )}
        <div class="options">
          {matrix.options.map((each) => (
            <Option
              key={each.id}
              option={each}
              matrix={matrix}
              stream={one}
              state={state}
              effect={effects.find((effect) => effect.option === each.id)}
              isSimulated={asItIs !== undefined}
            />
          ))}
        </div>
      </section>
      <p>
        <span class="label">The program recommends</span> {matrix.recommendation}
      </p>
      {asItIs && ahead && (
        <details class="settled">
          <summary>What these numbers rest on</summary>
          <ul class="lines">
            {ahead.assumptions.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </details>
      )}
    </article>
  )
}

function Chosen({ matrix, state }: { readonly matrix: Matrix; readonly state: StateDocument }) {
  const { chosen } = matrix
  if (!chosen) return null
  return (
    <p class="outcome" role="status">
      <Signed sign={{ shape: '◆', tone: 'good' }} word="chosen" />{' '}
      {matrix.options.find((each) => each.id === chosen.option)?.title ?? chosen.option}, by {nameOf(state.program.people, chosen.actor)},{' '}
      <Instant at={chosen.at} zone={state.program.zone} />: “{chosen.reason}”
    </p>
  )
}

function Option({
  option,
  matrix,
  stream,
  state,
  effect,
  isSimulated,
}: {
  readonly option: MatrixOption
  readonly matrix: Matrix
  readonly stream: StreamDocument
  readonly state: StateDocument
  readonly effect: OptionForecast | undefined
  /** Whether any option has a number: where none has, the reason stands above them all. */
  readonly isSimulated: boolean
}) {
  const isRecommended = matrix.recommend.includes(option.id)
  const isChosen = matrix.chosen?.option === option.id
  const [first, ...later] = effect?.effects ?? []
  return (
    <section class={`option ${isChosen ? 'chosen' : ''}`} aria-label={option.title}>
      <h3>
        {option.title} {isRecommended && <Signed sign={{ shape: '→', tone: 'accent' }} word="recommended" />}
      </h3>
      <ul class="pros">
        {option.pros.map((each) => (
          <li key={each}>
            <span aria-label="for">+</span> {each}
          </li>
        ))}
        {option.cons.map((each) => (
          <li key={each}>
            <span aria-label="against">−</span> {each}
          </li>
        ))}
      </ul>
      <div>
        {first && <Effect effect={first} stream={stream} sides={['after']} />}
        {later.length > 0 && <Later effects={later} stream={stream} state={state} />}
      </div>
      <p class="soft">
        {effect?.assumption !== undefined ? `Assumed: ${effect.assumption}.` : isSimulated && 'There is no number for it.'}
      </p>
      <Act
        label={isChosen ? 'Chosen' : 'Choose'}
        title={`${option.title} for ${stream.name}`}
        state={state}
        act="choose-option"
        right={{
          act: 'choose-option',
          stream: stream.id,
          ...(matrix.escalateTo !== undefined && { escalateTo: matrix.escalateTo }),
        }}
        tone={isRecommended && !isChosen ? 'primary' : 'plain'}
        fields={[{ name: 'reason', label: 'Why this one', kind: 'lines', required: true }]}
        input={({ reason }) => ({ option: option.id, stream: stream.id, reason })}
      />
    </section>
  )
}

/** How likely the stream and the whole checkpoint are in time: as it is, with the option, or both beside each other. */
const Effect = ({
  effect,
  stream,
  sides,
}: {
  readonly effect: OptionEffect
  readonly stream: StreamDocument
  readonly sides: readonly ('before' | 'after')[]
}) => (
  <dl class="effect">
    {(['stream', 'whole'] as const).map((part) => (
      <div key={part}>
        <dt>{part === 'stream' ? stream.name : 'Whole checkpoint'}, in time</dt>
        {sides.map((side) => (
          <dd key={side}>
            {sides.length > 1 && <span class="label">{side === 'before' ? 'as it is' : 'with it'}</span>}
            <ChanceWords chance={effect[part][side]} />
            <ChanceBar chance={effect[part][side]} />
          </dd>
        ))}
      </div>
    ))}
  </dl>
)

/** The checkpoints after the one that is chosen for: those that change unfold, the rest are a sentence. */
function Later({
  effects,
  stream,
  state,
}: {
  readonly effects: readonly OptionEffect[]
  readonly stream: StreamDocument
  readonly state: StateDocument
}) {
  const changed = effects.filter((one) => isChange(one.stream) || isChange(one.whole))
  if (changed.length === 0) return <p class="soft">Later checkpoints stay as they are.</p>
  return (
    <details class="settled">
      <summary>
        What it changes later, at {changed.length} of {effects.length}
      </summary>
      {changed.map((one) => (
        <section key={one.checkpoint}>
          <h4>
            <a href={to(state.program.id, 'checkpoints', one.checkpoint)}>{nameOf(state.checkpoints, one.checkpoint)}</a>
          </h4>
          <Effect effect={one} stream={stream} sides={['before', 'after']} />
        </section>
      ))}
    </details>
  )
}
