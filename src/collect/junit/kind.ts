import { testKind } from '#collect/test-results/kind.ts'

export const kind = testKind('junit', 'Test results in JUnit XML')
export const { options } = kind
