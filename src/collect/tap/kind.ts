import { testKind } from '#collect/test-results/kind.ts'

export const kind = testKind('tap', 'Test results in TAP')
