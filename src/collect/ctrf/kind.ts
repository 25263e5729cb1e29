import { testKind } from '../test-kind.ts'

export const kind = testKind('ctrf', 'Test results in CTRF JSON')
