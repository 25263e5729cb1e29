import { z } from 'zod'
import { changed, Refused, type Calls } from '#deliver/forge/calls.ts'
import type { ForgeWriter } from '#deliver/forge/writer.ts'
import { shortened } from '#render/encode.ts'

const requests = z.array(z.object({ iid: z.number() }))
const notes = z.array(z.object({ id: z.number(), body: z.string(), system: z.boolean().optional() }))
const made = z.object({ id: z.number() })

export function gitlab(calls: Calls, project: string): ForgeWriter {
  const base = `/projects/${encodeURIComponent(project)}`
  return {
    async pull(branch, target) {
      const query = new URLSearchParams({ state: 'opened', source_branch: branch, target_branch: target })
      return (await calls.ask('GET', `${base}/merge_requests?${query.toString()}`, requests))[0]?.iid
    },
    async comments(pull, marker) {
      const all = await calls.list(`${base}/merge_requests/${pull}/notes?sort=asc&order_by=created_at`, notes)
      return all.filter((one) => one.system !== true && one.body.startsWith(marker)).map((one) => String(one.id))
    },
    edit: (pull, id, body) => changed(calls.ask('PUT', `${base}/merge_requests/${pull}/notes/${id}`, made, { body })),
    comment: async (pull, body) => String((await calls.ask('POST', `${base}/merge_requests/${pull}/notes`, made, { body })).id),
    async verdict(commit, { name, state, title }) {
      const query = new URLSearchParams({
        state: state === 'failure' ? 'failed' : state === 'neutral' ? 'pending' : 'success',
        name,
        description: shortened(title, 250),
      })
      try {
        await calls.ask('POST', `${base}/statuses/${commit}?${query.toString()}`, z.object({}))
      } catch (error) {
        // GitLab refuses a status that the commit has already.
        if (!(error instanceof Refused && error.status === 400 && /cannot transition/i.test(error.message))) throw error
      }
    },
  }
}
