import { testKind } from '#collect/test-results/kind.ts'

export const kind = testKind('mocha', 'Test results of mocha as JSON')
