import { forecast } from '#core/forecast/forecast.ts'
import { HISTORY_EVENTS, remembering } from '#core/forecast/history.ts'
import type { ForecastReport } from '#core/forecast/report.ts'
import type { LiveProgram } from '#server/live-program.ts'

const RUNS = 10_000
const SEED = 1

/** The forecast from all that the ledger says by now. @param checkpoint What options would change for this one; absent: the next. */
export async function forecastOf(live: LiveProgram, now: string, checkpoint: string | undefined): Promise<ForecastReport> {
  const memory = remembering(live.program.calendar, now)
  for await (const event of live.served.ledger.read(live.id, { types: HISTORY_EVENTS })) memory.take(event)
  return forecast({
    program: live.planned,
    history: memory.history(),
    seed: SEED,
    runs: RUNS,
    ...(checkpoint !== undefined && { checkpoint }),
  })
}
