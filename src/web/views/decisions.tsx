import { useSignal } from '@preact/signals'
import type { Items } from '#core/api/answers.ts'
import type { DecisionHead, StateDocument } from '#core/api/documents.ts'
import type { CheckReport } from '#core/decide/report.ts'
import { actualAndTarget, capital, short, subjectName } from '#render/words.ts'
import { liveDocument } from '../live.ts'
import { nameOf } from '../named.ts'
import { Replay } from '../parts/replay.tsx'
import { StatusSign, VerdictSign } from '../parts/signs.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { Instant } from '../parts/time.tsx'
import { to } from '../route.ts'

const pathOf = (program: string, ...rest: readonly string[]): string =>
  `/api/programs/${[program, 'decisions', ...rest].map(encodeURIComponent).join('/')}`

/** A rule that has left the program file since goes by its id. */
const ruleTitle = (state: StateDocument, id: string): string => state.program.rules.find((one) => one.id === id)?.title ?? id

/** The ledger as a timeline: every decision with its seal; two of them can be held beside each other. */
export function Decisions({ state }: { readonly state: StateDocument }) {
  const chosen = useSignal<readonly string[]>([])
  const { value: list, problem } = liveDocument<Items<DecisionHead>>(`${pathOf(state.program.id)}?limit=1000`).value
  if (!list) return problem ? <Failed problem={problem} /> : <Loading what="the decisions" />
  if (list.items.length === 0)
    return (
      <Empty page title="No decision is on record">
        <p>
          A checkpoint that is held decides, or <code>muster check</code>.
        </p>
      </Empty>
    )
  const toggle = (id: string): void => {
    chosen.value = chosen.value.includes(id) ? chosen.value.filter((one) => one !== id) : [...chosen.value.slice(-1), id]
  }
  const [first, second] = list.items.toReversed().filter((one) => chosen.value.includes(one.id))
  return (
    <article>
      <header class="head">
        <h1>Decisions</h1>
        {state.head && (
          <p class="soft">
            head of the ledger {state.head.seq}, <code title={state.head.hash}>{short(state.head.hash, 12)}</code>
          </p>
        )}
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Decisions">
        <table>
          <thead>
            <tr>
              <th scope="col">Compare</th>
              <th scope="col">Verdict</th>
              <th scope="col">Checkpoint</th>
              <th scope="col">Judged for</th>
              <th scope="col">Rule</th>
              <th scope="col">Record</th>
              <th scope="col">Seal</th>
              <th scope="col">Recompute</th>
              <th scope="col">Version</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((one) => (
              <tr key={one.id}>
                <td>
                  <input
                    type="checkbox"
                    checked={chosen.value.includes(one.id)}
                    onChange={() => toggle(one.id)}
                    aria-label={`Compare record ${one.seq}`}
                  />
                </td>
                <td>
                  <VerdictSign verdict={one.verdict} />
                </td>
                <td>
                  <a href={to(state.program.id, 'checkpoints', one.checkpoint)}>{nameOf(state.checkpoints, one.checkpoint)}</a>
                  {one.streams && <span class="soft"> only {one.streams.join(', ')}</span>}
                </td>
                <td>
                  <Instant at={one.clock} zone={state.program.zone} />
                </td>
                <td class="wraps">
                  {one.held && <b>Held. </b>}
                  {one.setBy && <b>Set by {nameOf(state.program.people, one.setBy)}. </b>}
                  {one.setSince && (
                    <b>
                      Since set to {one.setSince.verdict} by {nameOf(state.program.people, one.setSince.by)}.{' '}
                    </b>
                  )}
                  {one.setBy ? `Computed: ${ruleTitle(state, one.rule)}` : capital(ruleTitle(state, one.rule))}
                </td>
                <td class="number">{one.seq}</td>
                <td>
                  <code title={one.hash}>{short(one.hash, 12)}</code>
                </td>
                <td>
                  <Replay program={state.program.id} one={one} />
                </td>
                <td>{one.version}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {first && second ? (
        <Comparison program={state.program.id} before={first} after={second} />
      ) : (
        <p class="soft">
          {list.items.length > 1 && 'Choose two to see what came out otherwise. '}
          <code>muster replay RECORD</code> recomputes one anywhere.
        </p>
      )}
    </article>
  )
}

function Comparison({ program, before, after }: { readonly program: string; readonly before: DecisionHead; readonly after: DecisionHead }) {
  const [a, b] = [before, after].map((one) => liveDocument<CheckReport>(pathOf(program, one.id)).value)
  if (!a?.value || !b?.value) return a?.problem ? <Failed problem={a.problem} /> : <Loading what="the two decisions" />
  const known = new Map(a.value.criteria.map((one) => [`${one.subject} ${one.id}`, one]))
  const rows = b.value.criteria.flatMap((one) => {
    const was = known.get(`${one.subject} ${one.id}`)
    return was && was.status === one.status && was.actual === one.actual && was.target === one.target ? [] : [{ one, was }]
  })
  const { value: report } = b
  return (
    <section>
      <h2>
        From record {before.seq} to record {after.seq}
      </h2>
      <p>
        <VerdictSign verdict={before.verdict} /> <span aria-label="became">→</span> <VerdictSign verdict={after.verdict} />
      </p>
      {rows.length === 0 ? (
        <p class="soft">Every criterion came out the same.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="What came out otherwise">
          <table class="wide compare">
            <thead>
              <tr>
                <th scope="col">Criterion</th>
                <th scope="col">Subject</th>
                <th scope="col">Was</th>
                <th scope="col">Is</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ one, was }) => (
                <tr key={`${one.subject} ${one.id}`}>
                  <th scope="row">{one.title}</th>
                  <td>{subjectName(report, one.subject)}</td>
                  <td>
                    {was ? <StatusSign status={was.status} /> : <span class="soft">not judged</span>}{' '}
                    {was && <span class="tail">{actualAndTarget(was)}</span>}
                  </td>
                  <td>
                    <StatusSign status={one.status} /> <span class="tail">{actualAndTarget(one)}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
