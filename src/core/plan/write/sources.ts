import { stringify } from 'yaml'
import { comment, type Writing } from '#core/plan/write/yaml.ts'

/** Ids of the sources that criteria and measures read. */
export type Needs = Set<string>

/** Sources a program gets when the plan does not say how it is measured. */
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  git: ['  git:', '    collect: git'],
  build: ['  # Whether it builds: say how.', '  build:', '    collect: command', '    run: make'],
  tests: ['  # Each stream puts its JUnit reports here.', '  tests:', '    collect: junit', "    files: 'reports/${stream}/*.xml'"],
  suite: [
    '  # The whole suite, run on the branch that the streams merge into.',
    '  suite:',
    '    collect: junit',
    '    for: program',
    "    files: 'reports/suite/*.xml'",
  ],
  coverage: ['  coverage:', '    collect: coverage', "    files: 'reports/${stream}/lcov.info'"],
  bench: [
    '  # Samples against a baseline: { unit, baseline: [...], current: [...] }.',
    '  bench:',
    '    collect: benchmark',
    "    files: 'reports/${stream}/bench.json'",
  ],
  docs: [
    '  # The page that each stream owes; name the headings it must fill, or the symbols it must explain.',
    '  docs:',
    '    collect: docs',
    "    files: ['docs/${stream}.md']",
  ],
}

/** Sources: those the document gives, and the usual ones for what nothing in it measures. */
export function sourceLines({ plan }: Writing, needs: Needs): readonly string[] {
  const given = plan.verbatim?.['sources']
  const own = typeof given === 'object' && given !== null ? Object.keys(given) : []
  const missing = Object.keys(DEFAULTS).filter((id) => needs.has(id) && !own.includes(id) && (id !== 'git' || own.length === 0))
  return [
    comment('What is measured. A metric is <source>.<fact>: git.exists, tests.passed, bench.reduction.'),
    'sources:',
    ...(own.length > 0
      ? stringify(given, { lineWidth: 0, aliasDuplicateObjects: false })
          .trimEnd()
          .split('\n')
          .map((line) => `  ${line}`)
      : []),
    ...missing.flatMap((id) => DEFAULTS[id] ?? []),
  ]
}
