import { useMemo } from 'preact/hooks'
import type { StateDocument, StreamDocument } from '#core/api/documents.ts'
import { formatValue } from '#core/program/quantity.ts'
import type { DeliverableForecast, ForecastReport } from '#core/forecast/report.ts'
import { capital, count, formatAmount, sentence, short } from '#render/words.ts'
import { liveDocument } from '../live.ts'
import { nameOf } from '../named.ts'
import { Act } from '../parts/act.tsx'
import { Chart, type Line } from '../parts/chart.tsx'
import { ChanceWords } from '../parts/chance.tsx'
import { HealthSign, SeveritySign } from '../parts/signs.tsx'
import { Failed, Loading } from '../parts/states.tsx'
import { Countdown, Instant } from '../parts/time.tsx'
import { Words } from '../parts/words.tsx'
import { to } from '../route.ts'

type Deliverable = StreamDocument['deliverables'][number]

/** One stream over time: what was measured beside what is due and what was claimed. */
export function Stream({ state, stream }: { readonly state: StateDocument; readonly stream: string }) {
  const path = `/api/programs/${encodeURIComponent(state.program.id)}/streams/${encodeURIComponent(stream)}`
  const { value: one, problem } = liveDocument<StreamDocument>(path).value
  const { value: ahead } = liveDocument<ForecastReport>(`/api/programs/${encodeURIComponent(state.program.id)}/forecast`).value
  if (!one) return problem ? <Failed problem={problem} /> : <Loading what="the stream" />
  const forecasts = ahead?.streams.find((each) => each.id === one.id)?.deliverables
  const { zone } = state.program
  return (
    <article>
      <header class="head">
        <div>
          <h1>
            {one.name} {one.health && <HealthSign health={one.health} />}
          </h1>
          <p class="soft">
            {nameOf(state.program.people, one.lead)} · <code>{one.branch}</code>
            {one.commits.at(-1) && <code> {short(one.commits.at(-1)?.commit ?? '')}</code>}
          </p>
          {one.because !== undefined && (
            <p>
              <Words text={sentence(one.because)} />
            </p>
          )}
        </div>
        <p class="buttons">
          <CheckIn state={state} one={one} />
          {one.matrix && (
            <a class="button" href={to(state.program.id, 'streams', one.id, 'options')}>
              What now?
            </a>
          )}
        </p>
      </header>
      {ahead && <Ahead state={state} ahead={ahead} stream={one.id} />}
      <section>
        <h2>Deliverables</h2>
        {one.deliverables.length === 0 && (
          <p class="soft">
            None is planned: what this stream owes stands in the program file, under <code>deliverables</code>.
          </p>
        )}
        <div class="charts">
          {one.deliverables.filter(isCounted).map((each) => (
            <BurnUp key={each.id} one={each} zone={zone} {...withForecast(forecasts?.find((forecast) => forecast.id === each.id))} />
          ))}
        </div>
        <table class="wide">
          <tbody>
            {one.deliverables
              .filter((each) => !isCounted(each))
              .map((each) => (
                <tr key={each.id}>
                  <th scope="row">{each.title}</th>
                  <td class="soft">{each.unit === undefined ? 'A person signs that it is done' : 'Nothing was measured yet'}</td>
                  <td class="soft number">{each.full && `in full ${formatAmount(each.full)}`}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </section>
      {one.trends.length > 0 && <Trends one={one} zone={zone} />}
      <CheckIns one={one} state={state} />
      <OfStream one={one} state={state} />
    </article>
  )
}

/** Fewer points than this are told, not drawn. */
const DRAWN = 3

/** What else was measured: a picture where it moved, a line in a table where it did not. */
function Trends({ one, zone }: { readonly one: StreamDocument; readonly zone: string }) {
  const moving = one.trends.filter((trend) => trend.points.length >= DRAWN)
  const still = one.trends.filter((trend) => trend.points.length < DRAWN)
  return (
    <section>
      <h2>Measured beside them</h2>
      {moving.length > 0 && (
        <div class="charts">
          {moving.map((trend) => (
            <section key={trend.metric}>
              <h3>
                {capital(trend.title)} <code class="soft">{trend.metric}</code>
              </h3>
              <Chart
                title={trend.title}
                zone={zone}
                format={(value) => formatValue(value, trend.unit)}
                lines={[{ label: 'measured', color: '--accent', stepped: true, points: trend.points }]}
              />
            </section>
          ))}
        </div>
      )}
      {still.length > 0 && (
        <details class="settled">
          <summary>{count(still.length, 'number')} that did not move</summary>
          <table class="wide">
            <tbody>
              {still.map((trend) => (
                <tr key={trend.metric}>
                  <th scope="row">{capital(trend.title)}</th>
                  <td>
                    <code>{trend.metric}</code>
                  </td>
                  <td class="number">{trend.points.map((point) => formatValue(point.value, trend.unit)).join(' → ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </section>
  )
}

const isCounted = (one: Deliverable): boolean => one.measured.length > 0 || one.claimed.length > 0

/** How likely its part of each checkpoint ahead is, and what the lead said, which is no part of it. */
function Ahead({ state, ahead, stream }: { readonly state: StateDocument; readonly ahead: ForecastReport; readonly stream: string }) {
  const rows = ahead.checkpoints.flatMap((checkpoint) =>
    checkpoint.streams.filter((one) => one.stream === stream).map((one) => ({ checkpoint, ...one })),
  )
  if (rows.length === 0) return null
  return (
    <section>
      <h2>Ahead</h2>
      <ul class="lines">
        {rows.map(({ checkpoint, chance, lead }) => (
          <li key={checkpoint.id} class="row ahead">
            <a href={to(state.program.id, 'checkpoints', checkpoint.id)}>{checkpoint.name}</a>
            <Instant at={checkpoint.at} zone={state.program.zone} />
            <span>
              <ChanceWords chance={chance} />
              {lead && <span class="soft"> · the lead says {formatValue(lead.value, 'ratio')}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

const withForecast = (forecast: DeliverableForecast | undefined) => (forecast && forecast.band.length > 0 ? { forecast } : {})

function bandOf({ band }: DeliverableForecast, most = Infinity) {
  const points = (of: (one: (typeof band)[number]) => number) =>
    band.map((one) => ({ at: evening(one.date), value: Math.min(of(one), most) }))
  return { low: points((one) => one.p15), middle: points((one) => one.p50), high: points((one) => one.p85) }
}

/** A work day's value stands at the end of that day, near enough for a picture. */
const evening = (date: string): string => `${date}T17:00:00Z`

function BurnUp({ one, zone, forecast }: { readonly one: Deliverable; readonly zone: string; readonly forecast?: DeliverableForecast }) {
  // More than the whole is nobody's forecast.
  const whole = one.full?.low === one.full?.high ? one.full?.high : undefined
  const most = whole !== undefined && (one.measured.at(-1)?.value ?? 0) <= whole ? whole : undefined
  const band = useMemo(() => forecast && bandOf(forecast, most), [forecast, most])
  const format = (value: number): string => formatValue(value, one.unit)
  const lines: Line[] = [
    { label: 'measured', color: '--accent', stepped: true, points: one.measured },
    { label: 'due', color: '--ink', marks: true, points: one.targets.map(({ at, due }) => ({ at, value: due.low })) },
    ...(band ? [{ label: 'forecast (band: 15 to 85 %)', color: '--accent', dashed: true, points: band.middle }] : []),
    ...(one.claimed.length > 0 ? [{ label: 'claimed', color: '--warn', marks: true, points: one.claimed }] : []),
  ]
  return (
    <section>
      <h3>
        {one.title} {one.full && <span class="soft">in full {formatAmount(one.full)}</span>}
      </h3>
      {forecast && (
        <p>
          <span class="label">in full</span> <ChanceWords chance={forecast.chance} />
        </p>
      )}
      {one.measured.length >= DRAWN || one.targets.length >= DRAWN ? (
        <Chart title={one.title} zone={zone} format={format} lines={lines} {...(band && { band })} />
      ) : (
        <p>{told(lines, format)}</p>
      )}
    </section>
  )
}

/** `measured 63 lines, due 60 lines → 115 lines, claimed 100 lines`. */
const told = (lines: readonly Line[], format: (value: number) => string): string =>
  lines
    .filter(({ points }) => points.length > 0)
    .map(({ label, points }) => `${label} ${points.map(({ value }) => format(value)).join(' → ')}`)
    .join(', ')

function CheckIns({ one, state }: OfStream) {
  return (
    <section>
      <h2>
        Check-ins <span class="count">{one.checkIns.length}</span>
      </h2>
      {one.checkIns.length === 0 && <p class="soft">Nobody has checked in: silence is no proof that nothing is blocked.</p>}
      <ul class="lines">
        {one.checkIns.toReversed().map((each) => (
          <li key={each.at}>
            <p>
              <Instant at={each.at} zone={state.program.zone} /> <span class="soft">{nameOf(state.program.people, each.actor)}</span>
              {each.confidence?.program !== undefined && (
                <span class="soft"> · confident {formatValue(each.confidence.program, 'ratio')}</span>
              )}
            </p>
            {each.done.length > 0 && <p>Done: {each.done.join('; ')}</p>}
            {each.next.length > 0 && <p>Next: {each.next.join('; ')}</p>}
            {each.risks.length > 0 && <p class="warn">At risk: {each.risks.join('; ')}</p>}
            {(each.waitingOn ?? []).length > 0 && <p>Waits for: {each.waitingOn?.join('; ')}</p>}
            {(each.blocking ?? []).length > 0 && <p>Holds up: {each.blocking?.join('; ')}</p>}
          </li>
        ))}
      </ul>
    </section>
  )
}

const lines = (text: string | undefined): readonly string[] | undefined =>
  text
    ?.split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

const CheckIn = ({ state, one }: { readonly state: StateDocument; readonly one: StreamDocument }) => (
  <Act
    label="Check in"
    title={`Check in for ${one.name}`}
    state={state}
    act="check-in"
    right={{ act: 'check-in', stream: one.id }}
    tone="primary"
    fields={[
      { name: 'done', label: 'Done, one a line', kind: 'lines' },
      { name: 'next', label: 'Next, one a line', kind: 'lines' },
      { name: 'risk', label: 'At risk, one a line', kind: 'lines' },
      ...one.deliverables
        .filter((each) => each.unit !== undefined)
        .map((each) => ({ name: `claim.${each.id}`, label: `${each.title}, your number`, kind: 'text' as const })),
      { name: 'confidence-week', label: 'Confident of this week (80%)', kind: 'text' },
      { name: 'confidence', label: 'Confident of the program (80%)', kind: 'text' },
    ]}
    input={(values) => {
      const claim = Object.fromEntries(
        Object.entries(values).flatMap(([name, value]) => (name.startsWith('claim.') ? [[name.slice('claim.'.length), value]] : [])),
      )
      return {
        stream: one.id,
        done: lines(values['done']),
        next: lines(values['next']),
        risk: lines(values['risk']),
        ...(Object.keys(claim).length > 0 && { claim }),
        'confidence-week': values['confidence-week'],
        confidence: values['confidence'],
      }
    }}
  >
    <p class="soft">What is measured stands beside what you claim; a claim never satisfies a criterion.</p>
  </Act>
)

interface OfStream {
  readonly one: StreamDocument
  readonly state: StateDocument
}

/** More commits than these are of no interest today. */
const NEWEST = 8

function OfStream({ one, state }: OfStream) {
  const { id: program, zone } = state.program
  const commits = one.commits.toReversed()
  return (
    <div class="columns">
      <section>
        <h2>Branch</h2>
        {commits.length === 0 && <p class="soft">The branch was not seen yet.</p>}
        <Commits list={commits.slice(0, NEWEST)} zone={zone} />
        {commits.length > NEWEST && (
          <details class="settled">
            <summary>{commits.length - NEWEST} before</summary>
            <Commits list={commits.slice(NEWEST)} zone={zone} />
          </details>
        )}
      </section>
      <aside>
        <h2>Health</h2>
        {one.healths.length === 0 && <p class="soft">It was not judged yet.</p>}
        <ul class="lines">
          {one.healths.map((each) => (
            <li key={each.at}>
              <HealthSign health={each.health} />{' '}
              <a href={to(program, 'checkpoints', each.checkpoint)}>{nameOf(state.checkpoints, each.checkpoint)}</a>
            </li>
          ))}
        </ul>
        <h2>Blockers</h2>
        {one.blockers.length === 0 && <p class="soft">None is on record.</p>}
        <ul class="lines">
          {one.blockers.map((each) => (
            <li key={each.blocker}>
              <SeveritySign severity={each.severity} /> <a href={to(program, 'blockers')}>{each.title}</a>{' '}
              {each.resolvedAt === undefined ? (
                <Countdown to={each.deadline} over="overdue by" />
              ) : (
                <span class="soft">{each.outcome}</span>
              )}
            </li>
          ))}
        </ul>
      </aside>
    </div>
  )
}

const Commits = ({ list, zone }: { readonly list: StreamDocument['commits']; readonly zone: string }) => (
  <ul class="lines">
    {list.map((each) => (
      <li key={each.at}>
        <Instant at={each.at} zone={zone} /> <code title={each.commit}>{short(each.commit)}</code>{' '}
        <span class="soft">
          tree <code title={each.tree}>{short(each.tree)}</code>
        </span>
      </li>
    ))}
  </ul>
)
