import { testFormat, testReport } from '#collect/test-results/report.ts'
import { kind } from './kind.ts'
import { tapReader } from './parse.ts'

export const report = testReport(kind, [
  testFormat({
    name: 'tap',
    title: 'TAP',
    recognises: ({ text }) =>
      /^\s*(?:TAP version 1[34]|# Subtest: .*|1\.\.\d{1,9}(?:\s*#.*)?|(?:not )?ok \d{1,9}(?: .*)?)\s*$/m.test(
        text.slice(0, text.indexOf('\n') + 1 || undefined),
      ) ||
      // What the tests print may stand before it.
      /^(?:TAP version 1[34]|(?:not )?ok 1(?: .*)?)\s*$/m.test(text),
    open: tapReader,
  }),
])
