import { testKind } from '#collect/test-results/kind.ts'

export const kind = testKind('pytest', 'Test results in the JSON of pytest')
