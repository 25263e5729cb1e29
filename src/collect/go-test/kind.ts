import { testKind } from '#collect/test-results/kind.ts'

export const kind = testKind('go-test', 'Test results of go test -json')
