import type { Status } from '#core/evaluate/model.ts'
import type { BlockerSeverity } from '#core/ledger/events.ts'
import type { Health, Verdict } from '#core/program/model.ts'
import { HEALTH_SIGNS, STATUS_SIGNS, VERDICT_SIGNS, type Sign } from '#render/words.ts'

/** Shape, word and colour together: none of the three is ever alone. */
function Signed({ sign, word, large = false }: { readonly sign: Sign; readonly word: string; readonly large?: boolean }) {
  return (
    <span class={`sign ${sign.tone}${large ? ' large' : ''}`}>
      <span class="shape" aria-hidden="true">
        {sign.shape}
      </span>{' '}
      {word}
    </span>
  )
}

export const VerdictSign = ({ verdict, large = false }: { readonly verdict: Verdict; readonly large?: boolean }) => (
  <Signed sign={VERDICT_SIGNS[verdict]} word={verdict} large={large} />
)

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
