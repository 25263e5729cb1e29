import { testKind } from '#collect/test-results/kind.ts'

export const kind = testKind('jest', 'Test results in the JSON of jest and vitest')
