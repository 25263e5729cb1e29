import { useSignal } from '@preact/signals'
import type { DecisionHead, ReplayDocument } from '#core/api/documents.ts'
import { short } from '#render/words.ts'
import { read, type Answer } from '../api.ts'
import { Signed } from './signs.tsx'

/** Recomputes one record from what it names, and says whether it comes out the same; else the first stage that does not. */
export function Replay({ program, one }: { readonly program: string; readonly one: DecisionHead }) {
  const answer = useSignal<Answer<ReplayDocument> | 'busy' | undefined>(undefined)
  const ask = async (): Promise<void> => {
    answer.value = 'busy'
    answer.value = await read<ReplayDocument>(`/api/programs/${[program, 'decisions', one.id, 'replay'].map(encodeURIComponent).join('/')}`)
  }
  const { value: told } = answer
  return (
    <>
      <button type="button" class="link" onClick={() => void ask()} aria-label={`Replay record ${one.seq}`}>
        {told === 'busy' ? 'recomputing …' : 'replay'}
      </button>
      <span role="status">{told !== undefined && told !== 'busy' && <Outcome answer={told} />}</span>
    </>
  )
}

function Outcome({ answer }: { readonly answer: Answer<ReplayDocument> }) {
  if (!answer.ok) return <span class="bad"> {answer.title}</span>
  const { same, stage, detail, stages } = answer.value
  return (
    <span
      title={Object.entries(stages)
        .map(([name, digest]) => `${name} ${short(digest, 12)}`)
        .join('\n')}
    >
      {' '}
      {same ? (
        <Signed sign={{ shape: '✓', tone: 'good' }} word="comes out the same" />
      ) : (
        <Signed sign={{ shape: '≠', tone: 'bad' }} word={`diverges at ${stage}${detail === undefined ? '' : `: ${detail}`}`} />
      )}
    </span>
  )
}
