import { z } from '@hono/zod-openapi'
import { READS } from '#core/api/paths.ts'
import { epoch, wallOf } from '#core/schedule/time.ts'
import { forecastOf } from '#server/forecast.ts'
import type { Operation } from '#server/operation.ts'
import { problem } from '#server/problem.ts'
import { send, sendOr404 } from '#server/ready.ts'

/** What lies ahead: forecasts, options, and which branches collide. */
export const AHEAD_READS: readonly Operation[] = [
  {
    id: 'readForecast',
    method: 'get',
    path: READS.readForecast,
    tag: 'Ahead',
    summary: 'How likely each checkpoint is to be met in time, and what each option of the decision matrix would change',
    query: z.strictObject({
      checkpoint: z.string().optional().meta({ description: 'What options would change for this one; the next unless said' }),
    }),
    answer: { json: 'readForecast' },
    handle: async (context, { checkpoint }) => {
      const { live, server } = context.var
      const { program } = live
      const now = server.ports.now()
      const found = checkpoint === undefined ? undefined : program.checkpoints.find((one) => one.id === checkpoint)
      if (checkpoint !== undefined && !found) return problem(context, 404, 'unknown-checkpoint', 'There is no such checkpoint')
      if (found && epoch(found.at) < epoch(now))
        return problem(context, 409, 'settled', `${found.name} is past`, { remedy: 'Name one that lies ahead.' })
      // The same all day, for one head of the ledger: what is simulated are work days.
      const { date } = wallOf(now, program.calendar.zone)
      const made = await live.document(`forecast ${date} ${checkpoint ?? ''}`, () => forecastOf(live, now, found?.id))
      return send(context, made)
    },
  },
  {
    id: 'readRadar',
    method: 'get',
    path: READS.readRadar,
    tag: 'Ahead',
    summary: 'Which branches collide, in which order they land, and what changed since the look before',
    answer: { json: 'readRadar' },
    handle: async (context) => {
      const { live } = context.var
      const found = await live.served.radar()
      return sendOr404(context, found && (await live.document(`radar ${found.at}`, () => found)), 'radar')
    },
  },
]
