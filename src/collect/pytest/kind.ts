import { testKind } from '../test-kind.ts'

export const kind = testKind('pytest', 'Test results in the JSON of pytest')
