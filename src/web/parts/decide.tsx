import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import type { CheckpointDocument, Standing, StateDocument } from '#core/api/documents.ts'
import type { SignOffState } from '#core/decide/model.ts'
import type { Act as Asked } from '#core/ledger/permit.ts'
import type { Verdict } from '#core/program/model.ts'
import { people, VERDICT_SIGNS, type Tone } from '#render/words.ts'
import { may } from '../may.ts'
import { nameOf } from '../named.ts'
import { personIn } from '../session.ts'
import { FieldOf, Refused } from './act.tsx'
import { Signed, VerdictSign } from './signs.tsx'
import { Instant } from './time.tsx'
import { typedIn, useAct } from './write.ts'

/** Nobody can decree that nothing is known. */
const SETTABLE = ['GO', 'CONDITIONAL GO', 'NO-GO'] as const

/**
 * The decision, taken here: whoever takes the verdict as it stands signs in their role, whoever sets
 * another one overrides it with a reason. Whose it is stands beside each.
 */
export function Decide({
  sheet,
  standing,
  state,
}: {
  readonly sheet: CheckpointDocument
  readonly standing: Standing
  readonly state: StateDocument
}) {
  const chosen = useSignal<Verdict | undefined>(undefined)
  const group = useId()
  const offered: readonly Verdict[] = SETTABLE.some((one) => one === standing.verdict) ? SETTABLE : [...SETTABLE, standing.verdict]
  const close = (): void => void (chosen.value = undefined)
  return (
    <section class="decide" id="decision" tabIndex={-1} aria-labelledby={group}>
      <h2 id={group}>Decision</h2>
      <Outcome sheet={sheet} standing={standing} state={state} />
      <fieldset class="verdicts">
        <legend class="soft">Take it, or set another:</legend>
        {offered.map((one) => {
          const { shape, tone } = VERDICT_SIGNS[one]
          return (
            <label key={one} class={`verdict-choice ${tone}`}>
              <input type="radio" name={group} checked={chosen.value === one} onChange={() => (chosen.value = one)} />
              <span class="shape" aria-hidden="true">
                {shape}
              </span>{' '}
              {one}
              {one === standing.verdict && <small>stands</small>}
              {one === standing.computedVerdict && one !== standing.verdict && <small>computed</small>}
            </label>
          )
        })}
      </fieldset>
      {chosen.value === standing.verdict && <Take sheet={sheet} standing={standing} state={state} done={close} />}
      {chosen.value !== undefined && chosen.value !== standing.verdict && (
        <SetAnother sheet={sheet} verdict={chosen.value} computed={standing.computedVerdict} state={state} done={close} />
      )}
    </section>
  )
}

const nameIn =
  ({ program }: StateDocument) =>
  (id: string): string =>
    nameOf(program.people, id)

function Outcome({
  sheet,
  standing,
  state,
}: {
  readonly sheet: CheckpointDocument
  readonly standing: Standing
  readonly state: StateDocument
}) {
  const { override, signOffs, verdict } = standing
  const name = nameIn(state)
  const isRefused = signOffs.some((one) => one.refused.length > 0)
  const isSigned = signOffs.length > 0 && signOffs.every((one) => one.approved.length >= one.quorum)
  return (
    <>
      <p aria-live="polite" class="outcome">
        <VerdictSign verdict={verdict} />{' '}
        {override
          ? `set by ${name(override.actor)}`
          : isRefused
            ? 'computed, and refused'
            : isSigned
              ? 'computed, and signed by all who were asked'
              : 'computed'}
      </p>
      {override && (
        <p>
          “{override.reason}” <Instant at={override.at} zone={state.program.zone} />.{' '}
          <span class="soft">
            Computed: <VerdictSign verdict={standing.computedVerdict} />
          </span>
        </p>
      )}
      {signOffs.length === 0 ? (
        <p class="soft">The program asks for no signature.</p>
      ) : (
        <ul class="signoffs" aria-label="Sign-offs">
          {signOffs.map((one) => (
            <SignOffLine key={one.role} one={one} sheet={sheet} name={name} />
          ))}
        </ul>
      )}
    </>
  )
}

function SignOffLine({
  one,
  sheet,
  name,
}: {
  readonly one: SignOffState
  readonly sheet: CheckpointDocument
  readonly name: (id: string) => string
}) {
  const isMet = one.approved.length >= one.quorum
  const [tone, shape, word] = (
    one.refused.length > 0 ? ['bad', '✗', 'refused'] : isMet ? ['good', '✓', 'signed'] : ['muted', '○', 'open']
  ) as readonly [Tone, string, string]
  const said = sheet.signOffs.filter((each) => each.criterion === undefined && each.role === one.role)
  return (
    <li>
      <Signed sign={{ shape, tone }} word={`${one.role} ${word}`} />{' '}
      <span class="quorum">
        {one.approved.length} of {one.quorum}
      </span>
      {said.map((each) => (
        <p key={each.at} class="soft">
          {each.approve ? 'Signed' : 'Refused'} by {name(each.actor)}: “{each.reason}”
        </p>
      ))}
      {one.waitingFor.length > 0 && <p class="soft">Asked: {people(one.waitingFor.map(name))}</p>}
    </li>
  )
}

interface Taking {
  readonly sheet: CheckpointDocument
  readonly state: StateDocument
  readonly done: () => void
}

function Take({ sheet, standing, state, done }: Taking & { readonly standing: Standing }) {
  const { busy, problem, send } = useAct(state.program.id, 'sign')
  const asked = standing.signOffs.map((one) => one.role)
  if (asked.length === 0) return <p class="soft">It stands without a signature: the program asks for none.</p>
  const right: Asked = { act: 'sign', what: `the decision of ${sheet.id}`, roles: asked }
  const { ok, who, roles } = may(state, right)
  const mine = roles.length > 0 ? roles : asked
  if (!ok) return <NotMine who={who} state={state} what="sign it" />
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const { role, reason } = typedIn(event.currentTarget)
    const refuse = event.submitter?.getAttribute('value') === 'refuse'
    const isSent = await send({ checkpoint: sheet.id, reason, refuse, ...(role !== undefined && { role }) }, matchOf(state))
    if (isSent) done()
  }
  return (
    <form class="inline" onSubmit={(event) => void submit(event)}>
      {mine.length > 1 && (
        <FieldOf field={{ name: 'role', label: 'In which role', kind: 'choice', required: true, choices: mine.map((one) => [one, one]) }} />
      )}
      <FieldOf field={{ name: 'reason', label: 'What you looked at, or why you refuse', kind: 'lines', required: true }} />
      <Refused problem={problem.value} />
      <p class="buttons">
        <button type="submit" class="primary" value="sign" disabled={busy.value}>
          Sign {mine.length === 1 ? `as ${mine[0]}` : ''}
        </button>
        <button type="submit" class="plain" value="refuse" disabled={busy.value}>
          Refuse
        </button>
        <button type="button" class="plain" onClick={done}>
          Cancel
        </button>
      </p>
      <p class="soft">May: {who}</p>
    </form>
  )
}

function SetAnother({ sheet, verdict, computed, state, done }: Taking & { readonly verdict: Verdict; readonly computed: Verdict }) {
  const { busy, problem, send } = useAct(state.program.id, 'override')
  const { ok, who } = may(state, { act: 'override' })
  if (!SETTABLE.some((one) => one === verdict)) return <p class="soft">Nobody can set that nothing is known: check again instead.</p>
  if (!ok) return <NotMine who={who} state={state} what="set another verdict" />
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const { reason } = typedIn(event.currentTarget)
    if (await send({ checkpoint: sheet.id, verdict, reason }, matchOf(state))) done()
  }
  return (
    <form class="inline" onSubmit={(event) => void submit(event)}>
      <p>The computed {computed} stays beside it, with your name and your reason.</p>
      <FieldOf field={{ name: 'reason', label: 'Why it is set', kind: 'lines', required: true }} />
      <Refused problem={problem.value} />
      <p class="buttons">
        <button type="submit" class="primary" disabled={busy.value}>
          Set {verdict}
        </button>
        <button type="button" class="plain" onClick={done}>
          Cancel
        </button>
      </p>
      <p class="soft">May: {who}</p>
    </form>
  )
}

function NotMine({ who, state, what }: { readonly who: string; readonly state: StateDocument; readonly what: string }) {
  const person = personIn(state.program.id)
  return (
    <p class="not-mine" role="note">
      <span aria-hidden="true">⊘ </span>
      {person === undefined ? `Nobody may ${what}` : `${nameIn(state)(person)} may not ${what}`}: this takes {who}
    </p>
  )
}

/** A decision is taken on what was seen: anything that came in between is shown first. */
const matchOf = (state: StateDocument): string | undefined => state.head && `"${state.head.seq}"`
