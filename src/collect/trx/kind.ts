import { testKind } from '../test-kind.ts'

export const kind = testKind('trx', 'Test results in TRX of .NET')
