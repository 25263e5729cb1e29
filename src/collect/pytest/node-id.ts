import type { TestReportBuilder } from '#collect/test-results/builder.ts'

/** `tests/test_a.py::TestQueue::test_drops[a::b]`: file, classes, name with its parameters. */
export function readNodeId(nodeId: string): { readonly file: string; readonly classes: readonly string[]; readonly name: string } {
  const bracket = nodeId.indexOf('[', nodeId.indexOf('::') + 1)
  const [plain, parameters] = bracket < 0 ? [nodeId, ''] : [nodeId.slice(0, bracket), nodeId.slice(bracket)]
  const [file = '', ...names] = plain.split('::')
  const name = names.pop()
  return name === undefined ? { file: '', classes: [], name: nodeId } : { file, classes: names, name: `${name}${parameters}` }
}

/** The file is a suite, and so is each class. */
export const suiteOf = (builder: TestReportBuilder, { file, classes }: ReturnType<typeof readNodeId>): number =>
  builder.suites(
    [file, ...classes].filter((name) => name !== ''),
    file,
  )

/** Why a run that ended so has not done its work: https://docs.pytest.org/en/stable/reference/exit-codes.html */
export function troubleOf(exitCode: number | undefined): string | undefined {
  if (exitCode === undefined || exitCode === 0 || exitCode === 1 || exitCode === 5) return undefined
  const words: Readonly<Record<number, string>> = { 2: 'interrupted', 3: 'internal error', 4: 'wrong usage' }
  return `pytest ended with exit code ${exitCode}${words[exitCode] === undefined ? '' : ` (${words[exitCode]})`}`
}
