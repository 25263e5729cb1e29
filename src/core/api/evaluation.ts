import type { EvaluationDocument } from '#core/api/documents.ts'
import type { CheckReport } from '#core/decide/report.ts'

/** Every criterion of a decision with its explanation, those of the program first. */
export const evaluationDocument = (decision: string, { checkpoint, at, streams, criteria, waivers }: CheckReport): EvaluationDocument => ({
  schemaVersion: 1,
  decision,
  checkpoint: checkpoint.id,
  at,
  streams: streams.map(({ id, health, healthRule, progress }) => ({
    id,
    health,
    because: healthRule.because,
    ...(progress !== undefined && { progress }),
  })),
  criteria,
  waivers,
})
