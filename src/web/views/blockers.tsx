import type { BlockerDocument, StateDocument } from '#core/api/documents.ts'
import { BLOCKER_OUTCOMES, SEVERITIES } from '#core/ledger/events.ts'
import type { Act as Right } from '#core/ledger/permit.ts'
import { OUTCOME_WORDS } from '#render/words.ts'
import { now } from '../clock.ts'
import { nameOf } from '../named.ts'
import { Act } from '../parts/act.tsx'
import { SeveritySign } from '../parts/signs.tsx'
import { Empty } from '../parts/states.tsx'
import { Countdown, Instant } from '../parts/time.tsx'
import { to } from '../route.ts'

/** Open blockers by severity, each with who is told when, and the ways to act on it. */
export function Blockers({ state }: { readonly state: StateDocument }) {
  const open = state.blockers.filter((one) => one.resolvedAt === undefined)
  const over = state.blockers.filter((one) => one.resolvedAt !== undefined)
  return (
    <article>
      <header class="head">
        <h1>Blockers</h1>
        <Open state={state} />
      </header>
      {open.length === 0 && (
        <Empty title="No blocker is open">
          <p class="soft">
            That is what is on record; whoever is stopped opens one here or with <code>muster blocker open</code>.
          </p>
        </Empty>
      )}
      {SEVERITIES.map((severity) => {
        const list = open.filter((one) => one.severity === severity)
        return list.length === 0 ? null : (
          <section key={severity}>
            <h2>
              <SeveritySign severity={severity} /> <span class="count">{list.length}</span>
            </h2>
            {list.map((one) => (
              <Blocker key={one.blocker} one={one} state={state} />
            ))}
          </section>
        )
      })}
      <Escalations state={state} />
      {over.length > 0 && (
        <section>
          <h2>
            Resolved <span class="count">{over.length}</span>
          </h2>
          <ul class="lines">
            {over.map((one) => (
              <li key={one.blocker} class="row">
                <span>{one.resolvedAt !== undefined && <Instant at={one.resolvedAt} zone={state.program.zone} />}</span>
                <span class="kind">{one.outcome && OUTCOME_WORDS[one.outcome]}</span>
                <span>
                  {one.title}
                  {one.note !== undefined && <span class="soft"> {one.note}</span>}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </article>
  )
}

/** What has been raised by a rule of the program, and goes up its ladder until somebody acknowledges it. */
function Escalations({ state }: { readonly state: StateDocument }) {
  const { people, zone } = state.program
  const open = state.escalations.filter((one) => one.clearedAt === undefined)
  const name = (id: string): string => nameOf(people, id)
  if (open.length === 0) return null
  return (
    <section>
      <h2>
        Escalations <span class="count">{open.length}</span>
      </h2>
      {open.map((one) => {
        const known =
          one.acknowledgedUntil !== undefined && Date.parse(one.acknowledgedUntil) > now.value ? one.acknowledgedUntil : undefined
        return (
          <article class="blocker" key={one.escalation} aria-label={one.scenario}>
            <div>
              <h3>{one.scenario}</h3>
              <p class="soft">{one.because}</p>
              <dl class="facts">
                <div>
                  <dt>Subject</dt>
                  <dd>{nameOf(state.streams, one.subject.replace(/^stream:/, ''))}</dd>
                </div>
                <div>
                  <dt>Ladder</dt>
                  <dd>
                    {name(one.owner)} <span aria-hidden="true">→</span> {name(one.escalateTo)}
                  </dd>
                </div>
                <div>
                  <dt>Raised</dt>
                  <dd>
                    <Instant at={one.raisedAt} zone={zone} />
                  </dd>
                </div>
                {known !== undefined && (
                  <div>
                    <dt>Acknowledged</dt>
                    <dd>
                      until <Instant at={known} zone={zone} />
                    </dd>
                  </div>
                )}
              </dl>
            </div>
            <div class="side">
              <p class="buttons">
                <Act
                  state={state}
                  label="Acknowledge"
                  title={`Acknowledge: ${one.scenario}`}
                  act="acknowledge-escalation"
                  right={{ act: 'acknowledge-escalation', escalation: one.escalation, owner: one.owner, told: [one.escalateTo] }}
                  fields={[{ name: 'for', label: 'For how long (30m, 2h)', kind: 'text', required: true, value: '2h' }]}
                  input={(values) => ({ escalation: one.escalation, for: values['for'] })}
                />
              </p>
            </div>
          </article>
        )
      })}
    </section>
  )
}

/** What is said of a blocker while it is open. */
const STAGES: Readonly<Record<string, string>> = {
  opened: 'that it was opened',
  deadline: 'that its deadline has passed',
  raised: 'that it is critical now',
  acknowledgement: 'that nobody holds it any more',
  sync: 'that an emergency sync is due',
  workarounds: 'that a workaround is wanted',
  decision: 'that a decision is due',
  again: 'that the decision is still due',
}

function Blocker({ one, state }: { readonly one: BlockerDocument; readonly state: StateDocument }) {
  const { id, people, zone } = state.program
  const name = (person: string): string => nameOf(people, person)
  const acknowledged =
    one.acknowledgedUntil !== undefined && Date.parse(one.acknowledgedUntil) > now.value ? one.acknowledgedUntil : undefined
  const right: Right = { act: 'change-blocker', blocker: one.blocker, stream: one.stream, owner: one.owner }
  const act = { state, right }
  return (
    <article class="blocker" aria-label={one.title}>
      <div>
        <h3>{one.title}</h3>
        <p>{one.impact}</p>
        <dl class="facts">
          <div>
            <dt>Stream</dt>
            <dd>
              <a href={to(id, 'streams', one.stream)}>{nameOf(state.streams, one.stream)}</a>
            </dd>
          </div>
          <div>
            <dt>Owner</dt>
            <dd>{name(one.owner)}</dd>
          </div>
          <div>
            <dt>Workaround</dt>
            <dd>{one.workaround ?? <span class="warn">none yet</span>}</dd>
          </div>
          <div>
            <dt>Opened</dt>
            <dd>
              <Instant at={one.openedAt} zone={zone} />
            </dd>
          </div>
          {acknowledged !== undefined && (
            <div>
              <dt>Acknowledged</dt>
              <dd>
                until <Instant at={acknowledged} zone={zone} />
              </dd>
            </div>
          )}
          {one.told.length > 0 && (
            <div>
              <dt>Told</dt>
              <dd>
                <ol>
                  {one.told.map((each) => (
                    <li key={each.at}>
                      <Instant at={each.at} zone={zone} /> {STAGES[each.action] ?? each.action}
                      {each.to.length > 0 && <span class="soft"> to {each.to.map(name).join(', ')}</span>}
                    </li>
                  ))}
                </ol>
              </dd>
            </div>
          )}
        </dl>
      </div>
      <div class="side">
        <p class="due">
          <Countdown to={one.deadline} over="overdue by" />
        </p>
        <p class="buttons">
          <Act
            {...act}
            label="Acknowledge"
            title={`Acknowledge ${one.title}`}
            act="acknowledge-blocker"
            fields={[{ name: 'for', label: 'For how long (30m, 2h)', kind: 'text', required: true, value: '2h' }]}
            input={(values) => ({ blocker: one.blocker, for: values['for'] })}
          >
            <p class="soft">Somebody is on it: until then nobody is told again. It lapses by itself.</p>
          </Act>
          <Act
            {...act}
            label="Workaround"
            title={`How work goes on meanwhile: ${one.title}`}
            act="update-blocker"
            fields={[{ name: 'workaround', label: 'Workaround', kind: 'lines', required: true, value: one.workaround ?? '' }]}
            input={({ workaround }) => ({ blocker: one.blocker, workaround })}
          />
          <Act
            {...act}
            label="Resolve"
            title={`Resolve ${one.title}`}
            act="resolve-blocker"
            tone="primary"
            fields={[
              {
                name: 'outcome',
                label: 'How it ended',
                kind: 'choice',
                required: true,
                choices: BLOCKER_OUTCOMES.map((each) => [each, OUTCOME_WORDS[each]] as const),
              },
              { name: 'note', label: 'What was done', kind: 'lines', required: true },
            ]}
            input={({ outcome, note }) => ({ blocker: one.blocker, outcome, note })}
          />
        </p>
      </div>
    </article>
  )
}

const Open = ({ state }: { readonly state: StateDocument }) => (
  <Act
    label="Open a blocker"
    title="Open a blocker"
    state={state}
    act="open-blocker"
    right={{ act: 'open-blocker' }}
    tone="primary"
    fields={[
      {
        name: 'stream',
        label: 'Stream that it stops',
        kind: 'choice',
        required: true,
        choices: state.streams.map((one) => [one.id, one.name] as const),
      },
      { name: 'title', label: 'What it is', kind: 'text', required: true },
      {
        name: 'severity',
        label: 'Severity',
        kind: 'choice',
        required: true,
        choices: SEVERITIES.map((one) => [one, one] as const),
        value: 'medium',
      },
      { name: 'impact', label: 'What it keeps from happening', kind: 'lines', required: true },
      { name: 'workaround', label: 'How work goes on meanwhile', kind: 'lines' },
      { name: 'deadline', label: 'By when (2h, 1 day)', kind: 'text', value: '2h' },
    ]}
    input={(values) => values}
  />
)
