import type { Items } from '#core/api/answers.ts'
import type { ProgramItem } from '#core/api/documents.ts'
import { liveDocument } from '../live.ts'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { Instant } from '../parts/time.tsx'
import { to } from '../route.ts'

/** Every program of this server. */
export function ProgramList() {
  const { value: list, problem } = liveDocument<Items<ProgramItem>>('/api/programs').value
  if (!list) return problem ? <Failed problem={problem} /> : <Loading what="the programs" />
  if (list.items.length === 0)
    return (
      <Empty page title="No program is served">
        <p>
          <code>muster serve --config FILE</code> serves one.
        </p>
      </Empty>
    )
  return (
    <article>
      <h1 class="title">Programs</h1>
      <ul class="lines programs">
        {list.items.map((one) => (
          <li key={one.id}>
            <a href={to(one.id)}>{one.name}</a>{' '}
            <span class="soft">
              {one.head ? (
                <>
                  {one.head.seq} records, the last <Instant at={one.head.at} />
                </>
              ) : (
                'nothing is on record yet'
              )}
            </span>
            {one.trouble !== undefined && (
              <p class="warn">
                <span aria-hidden="true">⚠ </span>
                {one.trouble}
              </p>
            )}
          </li>
        ))}
      </ul>
    </article>
  )
}
