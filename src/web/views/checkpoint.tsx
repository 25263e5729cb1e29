import type { CheckpointDocument, StateDocument } from '#core/api/documents.ts'
import type { CheckReport, CriterionReport, DeliverableReport, StreamReport } from '#core/decide/report.ts'
import type { Tier } from '#core/program/model.ts'
import { formatValue } from '#core/program/quantity.ts'
import {
  actualAndTarget,
  capital,
  confidenceWords,
  count,
  deliverableWords,
  isSettled,
  sentence,
  short,
  subjectName,
  attendance,
} from '#render/words.ts'
import { liveDocument } from '../live.ts'
import { nameOf } from '../named.ts'
import { Act } from '../parts/act.tsx'
import { Agenda } from '../parts/agenda.tsx'
import { Bar } from '../parts/bar.tsx'
import { Decide } from '../parts/decide.tsx'
import { JobButton } from '../parts/job.tsx'
import { HealthSign, StatusSign, VerdictSign } from '../parts/signs.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { Countdown, Instant } from '../parts/time.tsx'
import { Why } from '../parts/why.tsx'
import { Names, Seal, Words } from '../parts/words.tsx'
import { to } from '../route.ts'

/** The run sheet of one checkpoint, live: what is proven, what is not, and the decision taken here. */
export function CheckpointRoom({ state, checkpoint }: { readonly state: StateDocument; readonly checkpoint: string }) {
  const path = `/api/programs/${encodeURIComponent(state.program.id)}/checkpoints/${encodeURIComponent(checkpoint)}`
  const { value: sheet, problem } = liveDocument<CheckpointDocument>(path).value
  if (!sheet) return problem ? <Failed problem={problem} /> : <Loading what="the checkpoint" />
  const { report } = sheet
  return (
    <article class="room">
      {sheet.standing && (
        <a class="skip" href="#decision">
          Skip to the decision
        </a>
      )}
      <Head sheet={sheet} state={state} path={path} />
      <div class="columns">
        <div>
          {report ? (
            <>
              <Flips sheet={sheet} />
              <Streams report={report} program={state.program.id} />
              {(['critical', 'supporting', 'advisory'] as const).map((tier) => (
                <Criteria key={tier} report={report} tier={tier} sheet={sheet} state={state} />
              ))}
            </>
          ) : (
            <Empty title="Nothing was judged yet">
              <p>The evidence is gathered when the checkpoint opens, or at once when somebody asks for it.</p>
              <p class="buttons">
                <CheckAgain program={state.program.id} sheet={sheet} label="Check now" />
              </p>
            </Empty>
          )}
        </div>
        <aside>
          {sheet.standing && <Decide sheet={sheet} standing={sheet.standing} state={state} />}
          <Agenda agenda={sheet.agenda} streams={state.streams.map((one) => one.name)} of={sheet.id} />
          {report && <Conditions report={report} />}
          {report && <Actions report={report} />}
          <Decisions sheet={sheet} program={state.program.id} />
          <Manage sheet={sheet} state={state} />
        </aside>
      </div>
    </article>
  )
}

function Head({ sheet, state, path }: { readonly sheet: CheckpointDocument; readonly state: StateDocument; readonly path: string }) {
  const { report } = sheet
  const record = sheet.decisions.at(-1)
  const override = sheet.standing?.override
  return (
    <header class="columns verdict">
      <div>
        <h1>{sheet.name}</h1>
        <p class="figure">{sheet.verdict ? <VerdictSign verdict={sheet.verdict} /> : <span class="thin soft">not judged</span>}</p>
        <p class="question">{sheet.question}</p>
        {report && (
          <p>
            {override
              ? `Set by ${nameOf(state.program.people, override.actor)}. Computed: ${sheet.standing?.computedVerdict}, ${report.decision.rule.title}.`
              : `${capital(report.decision.rule.title)}.`}
          </p>
        )}
      </div>
      <dl class="facts">
        <div>
          <dt>Starts</dt>
          <dd>
            <Instant at={sheet.at} zone={state.program.zone} />, <Countdown to={sheet.at} over="began" after="ago" />
          </dd>
        </div>
        {report && (
          <div>
            <dt>Judged for</dt>
            <dd>
              <Instant at={report.at} zone={state.program.zone} />{' '}
              <CheckAgain program={state.program.id} sheet={sheet} label="Check again" />
            </dd>
          </div>
        )}
        {sheet.attendees.length > 0 && (
          <div>
            <dt>Attend</dt>
            <dd>
              {attendance(sheet.attendees).map(({ said, names }) => (
                <div key={said}>
                  {said}
                  <Names names={names} />
                </div>
              ))}
            </dd>
          </div>
        )}
        {record && (
          <div>
            <dt>Record</dt>
            <dd>
              {record.seq}, seal <Seal hash={record.hash} />
            </dd>
          </div>
        )}
        {report && (
          <div class="reports">
            <dt>Report</dt>
            <dd>
              <a href={`${path}/report.html`}>page</a> · <a href={`${path}/report.md`}>Markdown</a> ·{' '}
              <a href={`${path}/report.json`}>JSON</a> ·{' '}
              <button type="button" class="link" onClick={() => print()}>
                print
              </button>
            </dd>
          </div>
        )}
      </dl>
    </header>
  )
}

/** When it is held is changed by who may. */
const Manage = ({ sheet, state }: { readonly sheet: CheckpointDocument; readonly state: StateDocument }) => (
  <section class="manage">
    <h2>Time</h2>
    <p class="buttons">
      <Act
        label="Move"
        title={`Hold ${sheet.name} at another time`}
        state={state}
        act="move-checkpoint"
        right={{ act: 'move-checkpoint', checkpoint: sheet.id }}
        fields={[
          { name: 'to', label: `When (2026-03-02 16:00, in ${state.program.zone})`, kind: 'text', required: true },
          { name: 'reason', label: 'Reason', kind: 'lines', required: true },
        ]}
        input={({ to: when, reason }) => ({ checkpoint: sheet.id, to: when, reason })}
      />
      <Act
        label="Cancel it"
        title={`Do not hold ${sheet.name}`}
        state={state}
        act="cancel-checkpoint"
        right={{ act: 'cancel-checkpoint', checkpoint: sheet.id }}
        fields={[{ name: 'reason', label: 'Reason', kind: 'lines', required: true }]}
        input={({ reason }) => ({ checkpoint: sheet.id, reason })}
      />
    </p>
  </section>
)

/** Asks every source again and records a decision: no act of a person, and it takes its time. */
const CheckAgain = ({
  program,
  sheet,
  label,
}: {
  readonly program: string
  readonly sheet: CheckpointDocument
  readonly label: string
}) => (
  <JobButton
    program={program}
    path={`/api/programs/${encodeURIComponent(program)}/checkpoints/${encodeURIComponent(sheet.id)}/checks`}
    label={label}
    busyLabel="Gathering evidence"
  />
)

function Conditions({ report }: { readonly report: CheckReport }) {
  const { conditions } = report.decision
  if (conditions.length === 0) return null
  return (
    <section>
      <h2>
        Conditions <span class="count">{conditions.length}</span>
      </h2>
      <ul class="lines">
        {conditions.map((one) => (
          <li key={`${one.criterion}${one.subject}`}>
            {subjectName(report, one.subject)}: {one.text}
            <p class="soft">
              {report.people[one.owner] ?? one.owner}, <Countdown to={one.due} over="overdue by" />
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What closes a criterion stands with the criterion: here it is folded away behind what else is to be done. */
function Actions({ report }: { readonly report: CheckReport }) {
  const [closing, others] = [
    report.actions.filter((one) => one.kind === 'close'),
    report.actions.filter((one) => one.kind !== 'close' && one.kind !== 'sign'),
  ]
  if (closing.length + others.length === 0) return null
  return (
    <section>
      <h2>
        Action items <span class="count">{closing.length + others.length}</span>
      </h2>
      <ActionList list={others} report={report} />
      {closing.length > 0 && (
        <details class="settled">
          <summary>{count(closing.length, 'criterion', 'criteria')} to close</summary>
          <ActionList list={closing} report={report} />
        </details>
      )}
    </section>
  )
}

const ActionList = ({ list, report }: { readonly list: CheckReport['actions']; readonly report: CheckReport }) => (
  <ul class="lines">
    {list.map((one, index) => (
      <li key={index}>
        <span class="kind">{one.kind}</span> {one.subject !== undefined && `${subjectName(report, one.subject)}: `}
        {one.text}
        {(one.who.length > 0 || one.due !== undefined) && (
          <p class="soft">
            <Names names={one.who} />
            {one.due !== undefined && (
              <>
                {one.who.length > 0 && ', '}
                <Countdown to={one.due} over="overdue by" />
              </>
            )}
          </p>
        )}
      </li>
    ))}
  </ul>
)

/** What went wrong since stands open; what came right is counted, and folded away when it is much. */
function Flips({ sheet }: { readonly sheet: CheckpointDocument }) {
  if (sheet.flips.length === 0) return null
  const [worse, better] = [sheet.flips.filter((one) => !isSettled(one.to)), sheet.flips.filter((one) => isSettled(one.to))]
  return (
    <section>
      <h2>
        Changed since the check before <span class="count">{sheet.flips.length}</span>
      </h2>
      <FlipList list={worse} sheet={sheet} />
      {better.length > 0 && (
        <details class="settled" open={sheet.flips.length <= FEW}>
          <summary>{better.length} for the better</summary>
          <FlipList list={better} sheet={sheet} />
        </details>
      )}
    </section>
  )
}

const FEW = 8

const FlipList = ({ list, sheet }: { readonly list: CheckpointDocument['flips']; readonly sheet: CheckpointDocument }) => (
  <ul class="lines flips">
    {list.map((one) => (
      <li key={`${one.criterion}${one.subject}`}>
        <StatusSign status={one.from} />
        <span>
          <span aria-label="became">→</span> <StatusSign status={one.to} />
        </span>
        <span>
          {one.title} <span class="soft tail">{sheet.report ? subjectName(sheet.report, one.subject) : one.subject}</span>
        </span>
      </li>
    ))}
  </ul>
)

/** Where there are many, those that are well are folded away behind those that are not. */
function Streams({ report, program }: { readonly report: CheckReport; readonly program: string }) {
  const isMany = report.streams.length > FEW
  const well = isMany ? report.streams.filter((one) => one.health === 'AHEAD' || one.health === 'ON TRACK') : []
  const rest = report.streams.filter((one) => !well.includes(one))
  return (
    <section>
      <h2>Streams {isMany && <span class="count">{report.streams.length}</span>}</h2>
      <StreamList list={rest} program={program} />
      {well.length > 0 && (
        <details class="settled" open={rest.length === 0}>
          <summary>{count(well.length, 'stream')} on track or ahead</summary>
          <StreamList list={well} program={program} />
        </details>
      )}
    </section>
  )
}

const StreamList = ({ list, program }: { readonly list: readonly StreamReport[]; readonly program: string }) => (
  <div class="streams">
    {list.map((one) => (
      <Stream key={one.id} one={one} program={program} />
    ))}
  </div>
)

function Stream({ one, program }: { readonly one: StreamReport; readonly program: string }) {
  const confidence = confidenceWords(one)
  const [due, later] = [one.deliverables.filter((each) => !isLater(each)), one.deliverables.filter(isLater)]
  return (
    <section class="stream">
      <h3>
        <a href={to(program, 'streams', one.id)}>{one.name}</a> <HealthSign health={one.health} />
      </h3>
      <p class="soft">
        {one.lead.name} · <code>{one.branch}</code>
        {one.state.state === 'present' && <code> {short(one.state.commit)}</code>} · {one.ready ? 'ready' : 'not ready'}
        {confidence !== undefined && ` · confident ${confidence}`}
      </p>
      <p>
        <Words text={sentence(one.healthRule.because)} />
      </p>
      <dl>
        {due.map((each) => (
          <Deliverable key={each.id} one={each} />
        ))}
      </dl>
      {later.length > 0 && <p class="soft later">Not due here: {later.map((each) => each.title).join('; ')}</p>}
      {one.blockers.map((each) => (
        <p key={each.blocker} class="bad">
          <span aria-hidden="true">■ </span>
          {each.title} ({each.severity})
        </p>
      ))}
    </section>
  )
}

const isLater = ({ measured, due, status }: DeliverableReport): boolean =>
  measured === undefined && due === undefined && status === undefined

const Deliverable = ({ one }: { readonly one: DeliverableReport }) => (
  <div>
    <dt>
      {one.title} {one.status !== undefined && <StatusSign status={one.status} />}
    </dt>
    <dd>
      <Bar one={one} />
      {deliverableWords(one)}
    </dd>
  </div>
)

function Criteria({
  report,
  tier,
  sheet,
  state,
}: {
  readonly report: CheckReport
  readonly tier: Tier
  readonly sheet: CheckpointDocument
  readonly state: StateDocument
}) {
  const all = report.criteria.filter((one) => one.tier === tier)
  if (all.length === 0) return null
  const [settled, open] = [all.filter((one) => isSettled(one.status)), all.filter((one) => !isSettled(one.status))]
  return (
    <section>
      <h2>
        {capital(tier)} <span class="count">{open.length === 0 ? `all ${all.length} met` : `${open.length} of ${all.length} open`}</span>
      </h2>
      <CriterionList list={open} report={report} sheet={sheet} state={state} />
      {settled.length > 0 && (
        <details class="settled" open={open.length === 0}>
          <summary>{count(settled.length, 'criterion', 'criteria')} met</summary>
          <CriterionList list={settled} report={report} sheet={sheet} state={state} />
        </details>
      )}
    </section>
  )
}

/** One that is asked of several streams is named once for those that follow each other. */
const CriterionList = ({ list, ...rest }: Omit<CriterionProps, 'one' | 'isSame'> & { readonly list: readonly CriterionReport[] }) => (
  <>
    {list.map((one, index) => (
      <Criterion key={`${one.id}${one.subject}`} one={one} isSame={list[index - 1]?.title === one.title} {...rest} />
    ))}
  </>
)

interface CriterionProps {
  readonly one: CriterionReport
  /** Whether the row above names it. */
  readonly isSame: boolean
  readonly sheet: CheckpointDocument
  readonly report: CheckReport
  readonly state: StateDocument
}

/** What was found and what is due; `missing` says already that nothing was found. */
function numbersOfCriterion(one: CriterionReport, isSigned: boolean): string | undefined {
  const { actual, target, unit } = one
  if (target === undefined || (actual !== undefined && !isSigned)) return actualAndTarget(one)
  return isSigned ? `${Number(actual ?? 0)} of ${count(Number(target), 'signature')}` : `target ${formatValue(target, unit)}`
}

function Criterion({ one, isSame, report, sheet, state }: CriterionProps) {
  const signs = sheet.signable.find((each) => each.criterion === one.id && each.subject === one.subject)?.roles ?? []
  return (
    <details class="criterion">
      <summary>
        <StatusSign status={one.status} raw={one.rawStatus} />
        <span class={isSame ? 'title same' : 'title'}>{one.title}</span>
        <span class="subject">{subjectName(report, one.subject)}</span>
        <span class="number soft">{numbersOfCriterion(one, signs.length > 0)}</span>
      </summary>
      <Why explanation={one.explanation} called={report.people} />
      {!isSettled(one.status) && (
        <p class="buttons">
          <Act
            label="Waive"
            title={`Accept ${one.title} unmet for a while`}
            state={state}
            act="waive"
            right={{ act: 'waive' }}
            fields={[
              { name: 'expires', label: 'Until (3 days, or 2026-03-02 16:00)', kind: 'text', required: true },
              { name: 'reason', label: 'Reason', kind: 'lines', required: true },
            ]}
            input={({ expires, reason }) => ({
              checkpoint: report.checkpoint.id,
              criterion: one.id,
              ...streamOf(one.subject),
              expires,
              reason,
            })}
          />
          {signs.length > 0 && (
            <Act
              label="Sign"
              title={`Sign ${one.title}`}
              state={state}
              act="sign"
              right={{ act: 'sign', what: one.title, roles: signs, ...streamOf(one.subject) }}
              fields={[{ name: 'reason', label: 'Reason', kind: 'lines', required: true }]}
              input={({ reason }) => ({ checkpoint: report.checkpoint.id, criterion: one.id, ...streamOf(one.subject), reason })}
            />
          )}
        </p>
      )}
    </details>
  )
}

const streamOf = (subject: string): { readonly stream?: string } =>
  subject.startsWith('stream:') ? { stream: subject.slice('stream:'.length) } : {}

function Decisions({ sheet, program }: { readonly sheet: CheckpointDocument; readonly program: string }) {
  if (sheet.decisions.length === 0) return null
  return (
    <section>
      <h2>On record</h2>
      <ul class="lines">
        {sheet.decisions.toReversed().map((one) => (
          <li key={one.id}>
            <VerdictSign verdict={one.verdict} /> <Instant at={one.clock} />{' '}
            <span class="soft">
              record {one.seq}, seal <code title={one.hash}>{short(one.hash, 12)}</code>
            </span>
          </li>
        ))}
      </ul>
      <p>
        <a href={to(program, 'decisions')}>All decisions</a>
      </p>
    </section>
  )
}
