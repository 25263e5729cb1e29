import { testKind } from '../test-kind.ts'

export const kind = testKind('go-test', 'Test results of go test -json')
