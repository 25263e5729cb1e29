import { testKind } from '#collect/test-results/kind.ts'

export const kind = testKind('trx', 'Test results in TRX of .NET')
