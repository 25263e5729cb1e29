import type { Status } from '#core/evaluate/model.ts'
import type { BlockerSeverity } from '#core/ledger/events.ts'
import type { Health, Verdict } from '#core/program/model.ts'
import { HEALTH_SIGNS, STATUS_SIGNS, VERDICT_SIGNS, type Sign, type Tone } from '#render/words.ts'

/** Shape, word and colour together: none of the three is ever alone. */
export const Signed = ({
  sign,
  word,
}: {
  readonly sign: { readonly shape: string; readonly tone: Tone | 'accent' }
  readonly word: string
}) => (
  <span class={`sign ${sign.tone}`}>
    <span class="shape" aria-hidden="true">
      {sign.shape}
    </span>{' '}
    {word}
  </span>
)

export const VerdictSign = ({ verdict }: { readonly verdict: Verdict }) => <Signed sign={VERDICT_SIGNS[verdict]} word={verdict} />

export const HealthSign = ({ health }: { readonly health: Health }) => <Signed sign={HEALTH_SIGNS[health]} word={health} />

export const StatusSign = ({ status, raw }: { readonly status: Status; readonly raw?: Status }) => (
  <Signed sign={STATUS_SIGNS[status]} word={raw === undefined || raw === status ? status : `${status} (${raw})`} />
)

const SEVERITY_SIGNS: Readonly<Record<BlockerSeverity, Sign>> = {
  critical: { shape: '■', tone: 'bad' },
  high: { shape: '▲', tone: 'bad' },
  medium: { shape: '◆', tone: 'warn' },
  low: { shape: '●', tone: 'muted' },
}

export const SeveritySign = ({ severity }: { readonly severity: BlockerSeverity }) => (
  <Signed sign={SEVERITY_SIGNS[severity]} word={severity} />
)
