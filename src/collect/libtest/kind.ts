import { testKind } from '#collect/test-results/kind.ts'

export const kind = testKind('libtest', 'Test results in the JSON of Rust')
