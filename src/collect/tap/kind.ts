import { testKind } from '../test-kind.ts'

export const kind = testKind('tap', 'Test results in TAP')
