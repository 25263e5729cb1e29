import { testKind } from '../test-kind.ts'

export const kind = testKind('libtest', 'Test results in the JSON of Rust')
