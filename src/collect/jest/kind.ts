import { testKind } from '../test-kind.ts'

export const kind = testKind('jest', 'Test results in the JSON of jest and vitest')
