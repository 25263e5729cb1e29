import { Words } from './words.tsx'
import type { Evidence } from '#core/evidence/evidence.ts'
import type { Explanation } from '#core/evaluate/model.ts'
import { formatActual, intervalWords, people, short } from '#render/words.ts'
import { StatusSign } from './signs.tsx'
import { Instant } from './time.tsx'

/** What people are called, by id. */
type Called = Readonly<Record<string, string>>

/** An explanation, unfolded in place down to commit, tree, time and sha256. */
export const Why = ({ explanation, called }: { readonly explanation: Explanation; readonly called: Called }) => (
  <ul class="why">
    <Node one={explanation} called={called} />
  </ul>
)

const Node = ({ one, called }: { readonly one: Explanation; readonly called: Called }) => (
  <li>
    <p>
      <StatusSign status={one.status} /> {one.rule}
    </p>
    <p class="because">
      <Words text={one.because} />
    </p>
    {one.claim && (
      <p class={one.claim.differs ? 'warn' : 'soft'}>
        {one.claim.differs && <span aria-hidden="true">≠ </span>}
        {one.claim.text}, <Instant at={one.claim.at} />
      </p>
    )}
    {one.flip && (
      <p>
        <span class="label">To flip it</span> <Words text={one.flip.text} />
        {one.flip.who.length > 0 && <span class="soft"> · {people(one.flip.who.map((who) => called[who] ?? who))}</span>}
      </p>
    )}
    {one.evidence && <Source evidence={one.evidence} />}
    {one.children.length > 0 && (
      <ul>
        {one.children.map((child, index) => (
          <Node key={index} one={child} called={called} />
        ))}
      </ul>
    )}
  </li>
)

function Source({ evidence }: { readonly evidence: Evidence }) {
  const rows: readonly (readonly [string, preact.ComponentChildren])[] = [
    ['metric', <code>{evidence.metric}</code>],
    [
      'value',
      evidence.status === 'observed' ? `${formatActual(evidence.value, evidence.unit)}${intervalWords(evidence)}` : evidence.status,
    ],
    ['trust', evidence.provenance],
    ['source', evidence.source],
    ['observed', <Instant at={evidence.observedAt} />],
    ...(evidence.commit === undefined ? [] : ([['commit', <Id id={evidence.commit} />]] as const)),
    ...(evidence.tree === undefined ? [] : ([['tree', <Id id={evidence.tree} />]] as const)),
    ...(evidence.sha256 === undefined ? [] : ([['sha256', <Id id={evidence.sha256} length={12} />]] as const)),
    ...(evidence.host === undefined ? [] : ([['machine', evidence.host]] as const)),
    ...(evidence.reason === undefined ? [] : ([['remark', evidence.reason]] as const)),
  ]
  return (
    <details class="evidence">
      <summary>Evidence</summary>
      <dl>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {(evidence.details ?? []).length > 0 && (
        <ul class="details">
          {evidence.details?.map((line, index) => (
            <li key={index}>{line}</li>
          ))}
        </ul>
      )}
    </details>
  )
}

const Id = ({ id, length = 7 }: { readonly id: string; readonly length?: number }) => <code title={id}>{short(id, length)}</code>
