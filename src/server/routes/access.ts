import type { AccessItem } from '#core/api/documents.ts'
import { READS } from '#core/api/paths.ts'
import { accessFault } from '#core/people/access.ts'
import type { Operation } from '#server/operation.ts'
import { readyJson, send } from '#server/ready.ts'

/** Tokens of the API; they are issued and revoked by the acts `issue-access` and `revoke-access`. */
export const ACCESS_READS: readonly Operation[] = [
  {
    id: 'listAccess',
    method: 'get',
    path: READS.listAccess,
    tag: 'Record',
    summary: 'Tokens of the API: whose each is, what for, until when, and when it was used last',
    answer: { json: 'listAccess' },
    handle: async (context) => {
      const { live, server } = context.var
      const items = [...(await server.bearers.of(live)).values()].map((access): AccessItem => {
        const { sha256: _, ...one } = access
        const usedAt = server.bearers.usedAt(one.access)
        const ended = one.revoked ? 'revoked' : 'expired'
        const state = accessFault(one, server.ports.now()) === undefined ? 'valid' : ended
        return { ...one, state, ...(usedAt !== undefined && { usedAt }) }
      })
      return send(context, readyJson({ items }))
    },
  },
]
