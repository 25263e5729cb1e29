import type { Operation } from '#server/operation.ts'
import { ACCESS_READS } from '#server/routes/access.ts'
import { ACT_WRITES } from '#server/routes/acts.ts'
import { AHEAD_READS } from '#server/routes/ahead.ts'
import { DECISION_READS } from '#server/routes/decisions.ts'
import { LINK_READS } from '#server/routes/links.ts'
import { PROGRAM_READS } from '#server/routes/programs.ts'
import { RECORD_READS } from '#server/routes/record.ts'
import { WORK } from '#server/routes/work.ts'

/** Every operation of the API. A new one is one entry in its file, and its answer in `core/api/answers.ts`. */
export const OPERATIONS: readonly Operation[] = [
  ...PROGRAM_READS,
  ...DECISION_READS,
  ...RECORD_READS,
  ...ACCESS_READS,
  ...AHEAD_READS,
  ...WORK,
  ...ACT_WRITES,
  ...LINK_READS,
]
