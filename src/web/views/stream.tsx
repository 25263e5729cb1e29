import { Words } from '../parts/words.tsx'
import { useMemo } from 'preact/hooks'
import type { StateDocument, StreamDocument } from '#core/api/documents.ts'
import { formatValue } from '#core/program/quantity.ts'
import type { DeliverableForecast, ForecastReport } from '#core/forecast/report.ts'
import { count, formatAmount, short } from '#render/words.ts'
import { liveDocument } from '../live.ts'
import { Act } from '../parts/act.tsx'
import { Chart, type Line } from '../parts/chart.tsx'
import { ChanceWords } from '../parts/chance.tsx'
import { HealthSign, SeveritySign } from '../parts/signs.tsx'
import { Failed, Loading } from '../parts/states.tsx'
import { Countdown, Instant } from '../parts/time.tsx'
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
  const lead = state.program.people.find((each) => each.id === one.lead)?.name ?? one.lead
  return (
    <article>
      <header class="head">
        <h1>
          {one.name} {one.health && <HealthSign health={one.health} />}
        </h1>
        <p class="soft">
          {lead} · <code>{one.branch}</code>
          {one.commits.at(-1) && <code> {short(one.commits.at(-1)?.commit ?? '')}</code>}
        </p>
        <p class="buttons">
          <CheckIn state={state} one={one} />
          {one.matrix && (
            <a class="button" href={to(state.program.id, 'streams', one.id, 'options')}>
              What now?
            </a>
          )}
        </p>
      </header>
      {one.because !== undefined && (
        <p>
          <Words text={one.because} />
        </p>
      )}
      {ahead && <Ahead state={state} ahead={ahead} stream={one.id} />}
      <section>
        <h2>Deliverables</h2>
        <div class="charts">
          {one.deliverables.filter(isCounted).map((each) => (
            <BurnUp key={each.id} one={each} zone={zone} {...withForecast(forecasts?.find((forecast) => forecast.id === each.id))} />
          ))}
        </div>
        <ul class="lines">
          {one.deliverables
            .filter((each) => !isCounted(each))
            .map((each) => (
              <li key={each.id}>
                {each.title} {each.full && <span class="soft">in full {formatAmount(each.full)}</span>}{' '}
                <span class="soft">
                  {each.unit === undefined ? 'no metric measures it: a person signs that it is done' : 'nothing was measured yet'}
                </span>
              </li>
            ))}
        </ul>
      </section>
      {one.trends.length > 0 && <Trends one={one} zone={zone} />}
      <CheckIns one={one} zone={zone} />
      <OfStream one={one} program={state.program.id} zone={zone} />
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
                {trend.title} <code class="soft">{trend.metric}</code>
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
          <table>
            <tbody>
              {still.map((trend) => (
                <tr key={trend.metric}>
                  <th scope="row">{trend.title}</th>
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
          <li key={checkpoint.id}>
            <a href={to(state.program.id, 'checkpoints', checkpoint.id)}>{checkpoint.name}</a>{' '}
            <Instant at={checkpoint.at} zone={state.program.zone} />: <ChanceWords chance={chance} />
            {lead && <span class="soft"> · the lead says {formatValue(lead.value, 'ratio')}</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}

const withForecast = (forecast: DeliverableForecast | undefined) => (forecast && forecast.band.length > 0 ? { forecast } : {})

/** A work day's value stands at the end of that day, near enough for a picture. */
const evening = (date: string): string => `${date}T17:00:00Z`

function BurnUp({ one, zone, forecast }: { readonly one: Deliverable; readonly zone: string; readonly forecast?: DeliverableForecast }) {
  const band = useMemo(
    () =>
      forecast && {
        low: forecast.band.map(({ date, p15 }) => ({ at: evening(date), value: p15 })),
        high: forecast.band.map(({ date, p85 }) => ({ at: evening(date), value: p85 })),
      },
    [forecast],
  )
  const format = (value: number): string => formatValue(value, one.unit)
  const lines: Line[] = [
    { label: 'measured', color: '--accent', stepped: true, points: one.measured },
    { label: 'due', color: '--ink', marks: true, points: one.targets.map(({ at, due }) => ({ at, value: due.low })) },
    ...(forecast
      ? [
          {
            label: 'forecast (band: 15 to 85 %)',
            color: '--accent',
            dashed: true,
            points: forecast.band.map(({ date, p50 }) => ({ at: evening(date), value: p50 })),
          },
        ]
      : []),
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

function CheckIns({ one, zone }: { readonly one: StreamDocument; readonly zone: string }) {
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
              <Instant at={each.at} zone={zone} /> <span class="soft">{each.actor}</span>
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

function OfStream({ one, program, zone }: { readonly one: StreamDocument; readonly program: string; readonly zone: string }) {
  return (
    <div class="columns">
      <section>
        <h2>Branch</h2>
        {one.commits.length === 0 && <p class="soft">The branch was not seen yet.</p>}
        <ul class="lines">
          {one.commits
            .toReversed()
            .slice(0, 20)
            .map((each) => (
              <li key={each.at}>
                <Instant at={each.at} zone={zone} /> <code title={each.commit}>{short(each.commit)}</code>{' '}
                <span class="soft">
                  tree <code title={each.tree}>{short(each.tree)}</code>
                </span>
              </li>
            ))}
        </ul>
      </section>
      <aside>
        <h2>Health</h2>
        <ul class="lines">
          {one.healths.map((each) => (
            <li key={each.at}>
              <HealthSign health={each.health} /> <a href={to(program, 'checkpoints', each.checkpoint)}>{each.checkpoint}</a>
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
