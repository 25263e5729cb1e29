import { some } from '#collect/reports/binding.ts'
import type { Tree } from '#collect/reports/report.ts'
import { nameMatcher } from '#collect/source-code/name-glob.ts'
import type { TestOptions } from '#collect/test-results/kind.ts'
import { testFormat, testReport, type TestSummary } from '#collect/test-results/report.ts'
import { kind } from './kind.ts'
import type { GoFile } from './packages.ts'
import { folderOf, isConstrained, isModuleFile, isTestFile, moduleName, testedPackages } from './packages.ts'
import { goTestReader } from './parse.ts'

export const report = {
  ...testReport(kind, [
    testFormat({
      name: 'go-test',
      title: 'go test -json',
      recognises: ({ text }) => /^\{(?=[^\n]*"Action":"[a-z-]+")(?=[^\n]*"(?:Package|ImportPath)":")/m.test(text),
      open: goTestReader,
    }),
  ]),
  complete: { patterns: ['**/*_test.go', '**/go.mod'], add: withSilent },
}

/** Names the packages that have tests in the tree and no result; a list in `expect` stands in for the tree. */
async function withSilent(summary: TestSummary, options: TestOptions, tree: Tree): Promise<TestSummary> {
  const { ended } = summary
  if (!ended || options.expect) return summary
  const [tests, moduleFiles]: [GoFile[], GoFile[]] = [[], []]
  await tree.files((path, oid) => {
    if (isTestFile(path)) tests.push({ path, oid })
    else if (isModuleFile(path)) moduleFiles.push({ path, oid })
  })
  const contents = await textsOf(moduleFiles, tree)
  const modules = moduleFiles.flatMap(({ path }, index) => {
    const name = moduleName(contents[index] ?? '')
    return name === undefined ? [] : [{ folder: folderOf(path), name }]
  })
  const isChosen = options.suite === undefined ? () => true : nameMatcher(options.suite)
  const silent = [...testedPackages(tests, modules, ended)].filter(([name]) => !ended.has(name) && isChosen(name))
  const texts = await textsOf(
    silent.flatMap(([, files]) => files),
    tree,
  )
  let at = 0
  const isLeftOut = silent.map(([, files]) => files.map(({ path }) => isConstrained(path, texts[at++] ?? '')).every(Boolean))
  const names = (leftOut: boolean): readonly string[] => silent.flatMap(([name], index) => (isLeftOut[index] === leftOut ? name : []))
  const constrained = names(true)
  const remarks = constrained.length === 0 ? [] : [`no result of ${some(constrained)}, whose tests all have build constraints`]
  return { ...summary, untold: names(false), tally: { ...summary.tally, remarks: [...summary.tally.remarks, ...remarks] } }
}

async function textsOf(files: readonly GoFile[], tree: Tree): Promise<readonly string[]> {
  if (files.length === 0) return []
  const contents = await tree.read(files.map(({ oid }) => oid))
  return contents.map((bytes) => new TextDecoder().decode(bytes?.subarray(0, 1 << 16)))
}
