import { testKind } from '#collect/test-results/kind.ts'

export const kind = testKind('ctrf', 'Test results in CTRF JSON')
