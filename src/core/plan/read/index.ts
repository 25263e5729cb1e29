import type { Plan } from '#core/plan/model.ts'
import { readDocuments, type PlanDocument, type ReadOptions } from '#core/plan/read/read.ts'

/** The plan that Markdown documents make together; what was and was not understood of them is in it. */
export const readPlan = (documents: readonly PlanDocument[], options: ReadOptions = {}): Plan => readDocuments(documents, options).plan
