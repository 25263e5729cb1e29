import { testKind } from '../test-kind.ts'

export const kind = testKind('junit', 'Test results in JUnit XML')
export const { options } = kind
