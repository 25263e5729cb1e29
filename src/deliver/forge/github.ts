import { z } from 'zod'
import { changed, type Calls } from '#deliver/forge/calls.ts'
import type { ForgeWriter, Verdict } from '#deliver/forge/writer.ts'
import { shortened } from '#render/encode.ts'

const pulls = z.array(z.object({ number: z.number() }))
const comments = z.array(z.object({ id: z.number(), body: z.string().nullish() }))
const made = z.object({ id: z.number() })
const runs = z.object({ check_runs: z.array(z.object({ id: z.number(), name: z.string() })) })

/** Comments of a pull request are those of its issue. An app makes a check run, anybody else a commit status. */
export function github(calls: Calls, project: string, isApp: boolean): ForgeWriter {
  const base = `/repos/${project}`
  return {
    async pull(branch, target) {
      const [owner = ''] = project.split('/')
      const query = new URLSearchParams({ state: 'open', head: `${owner}:${branch}`, base: target })
      return (await calls.ask('GET', `${base}/pulls?${query.toString()}`, pulls))[0]?.number
    },
    async comments(pull, marker) {
      const all = await calls.list(`${base}/issues/${pull}/comments`, comments)
      return all.filter((one) => one.body?.startsWith(marker)).map((one) => String(one.id))
    },
    edit: (_, id, body) => changed(calls.ask('PATCH', `${base}/issues/comments/${id}`, made, { body })),
    comment: async (pull, body) => String((await calls.ask('POST', `${base}/issues/${pull}/comments`, made, { body })).id),
    verdict: (commit, verdict) => (isApp ? checkRun(calls, base, commit, verdict) : status(calls, base, commit, verdict)),
  }
}

const CONCLUSIONS = { success: 'success', failure: 'failure', neutral: 'action_required' } as const

async function checkRun(calls: Calls, base: string, commit: string, { name, state, title, summary }: Verdict): Promise<void> {
  const query = new URLSearchParams({ check_name: name, filter: 'latest' })
  const known = (await calls.ask('GET', `${base}/commits/${commit}/check-runs?${query.toString()}`, runs)).check_runs.find(
    (one) => one.name === name,
  )
  const body = {
    name,
    head_sha: commit,
    status: 'completed',
    conclusion: CONCLUSIONS[state],
    output: { title: shortened(title, 250), summary },
  }
  if (known && (await changed(calls.ask('PATCH', `${base}/check-runs/${known.id}`, made, body)))) return
  await calls.ask('POST', `${base}/check-runs`, made, body)
}

/** The newest status of a context is the one that counts. */
async function status(calls: Calls, base: string, commit: string, { name, state, title }: Verdict): Promise<void> {
  await calls.ask('POST', `${base}/statuses/${commit}`, z.object({}), {
    state: state === 'neutral' ? 'pending' : state,
    context: name,
    description: shortened(title, 140),
  })
}
