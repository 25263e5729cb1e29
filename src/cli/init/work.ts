/** A command source guessed from the files of a repository, and the reports that its run leaves. */
export interface WorkCommand {
  readonly run: string
  readonly setup?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Files in the checkout, and the kind that reads them. */
  readonly results?: { readonly collect: 'go-test' | 'jest' | 'junit' | 'mocha'; readonly files: string }
  /** Glob in the checkout. */
  readonly coverage?: string
}

export interface Work {
  /** The file the guess was made from. */
  readonly from: string
  readonly build?: WorkCommand
  readonly test?: WorkCommand
}

/** Files at the root that are read for the guess. */
export const WORK_FILES = [
  'package.json',
  'Cargo.toml',
  'go.mod',
  'pyproject.toml',
  'requirements-dev.txt',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'Makefile',
] as const

/** What builds and tests a repository, from the names of the files at its root and the contents of some. */
export function guessWork(names: ReadonlySet<string>, contents: Readonly<Record<string, string>>): Work | undefined {
  const guesses = [fromPackage, fromCargo, fromGo, fromPython, fromMaven, fromGradle, fromMakefile]
  return guesses.map((guess) => guess(names, contents)).find((work) => work !== undefined)
}

type Guess = (names: ReadonlySet<string>, contents: Readonly<Record<string, string>>) => Work | undefined

const JUNIT = 'reports/junit.xml'
const LCOV = 'reports/lcov.info'
const junit = (files = JUNIT) => ({ collect: 'junit', files }) as const

const fromPackage: Guess = (names, contents) => {
  const manifest = objectOf(contents['package.json'])
  if (!manifest) return undefined
  const scripts = textsOf(manifest['scripts'])
  const packages = { ...textsOf(manifest['dependencies']), ...textsOf(manifest['devDependencies']) }
  const manager = names.has('pnpm-lock.yaml')
    ? 'pnpm'
    : names.has('yarn.lock')
      ? 'yarn'
      : names.has('bun.lock') || names.has('bun.lockb')
        ? 'bun'
        : 'npm'
  const install = {
    pnpm: 'pnpm install --frozen-lockfile',
    yarn: 'yarn install',
    bun: 'bun install --frozen-lockfile',
    npm: names.has('package-lock.json') ? 'npm ci' : 'npm install',
  }[manager]
  const setup = Object.keys(packages).length > 0 || names.has('package-lock.json') ? { setup: install } : {}
  const execute = { pnpm: 'pnpm exec', yarn: 'yarn', bun: 'bunx', npm: 'npx --no-install' }[manager]
  const build = scripts['build'] === undefined ? undefined : { ...setup, run: `${manager} run build` }
  const test = testOf(scripts['test'], packages, execute, manager)
  return { from: 'package.json', ...(build && { build }), ...(test && { test: { ...setup, ...test } }) }
}

const REPORTERS = /--test-reporter(?:-destination)?(?:=|\s+)\S+\s*/g

function testOf(
  script: string | undefined,
  packages: Readonly<Record<string, string>>,
  execute: string,
  manager: string,
): WorkCommand | undefined {
  if (packages['vitest'] !== undefined) {
    const covers = packages['@vitest/coverage-v8'] !== undefined || packages['@vitest/coverage-istanbul'] !== undefined
    const coverage = covers ? ' --coverage --coverage.reporter=lcovonly --coverage.reportsDirectory=reports' : ''
    return {
      run: `${execute} vitest run --reporter=junit --outputFile=${JUNIT}${coverage}`,
      results: junit(),
      ...(covers && { coverage: LCOV }),
    }
  }
  if (packages['jest'] !== undefined) {
    const run = `mkdir -p reports && ${execute} jest --ci --json --outputFile=reports/jest.json --coverage --coverageReporters=lcovonly --coverageDirectory=reports`
    return { run, results: { collect: 'jest', files: 'reports/jest.json' }, coverage: LCOV }
  }
  if (packages['mocha'] !== undefined)
    return {
      run: `${execute} mocha --reporter json --reporter-option output=reports/mocha.json`,
      results: { collect: 'mocha', files: 'reports/mocha.json' },
    }
  const node = /^node\s+((?:\S+\s+)*?)--test(?=\s|$)([^&|;]*)$/.exec(script ?? '')
  if (node) {
    const reporters = `--test-reporter=junit --test-reporter-destination=${JUNIT} --test-reporter=lcov --test-reporter-destination=${LCOV}`
    // Reporters of its own would write over these.
    const [before, after] = [node[1] ?? '', node[2] ?? ''].map((part) => part.replaceAll(REPORTERS, '').trim())
    const flags = ['node', before, '--test --experimental-test-coverage', reporters, after].filter((part) => part !== '')
    return { run: `mkdir -p reports && ${flags.join(' ')}`, results: junit(), coverage: LCOV }
  }
  if (script === undefined || script.includes('no test specified')) return undefined
  return { run: `${manager} test` }
}

const fromCargo: Guess = (names) =>
  names.has('Cargo.toml')
    ? { from: 'Cargo.toml', build: { run: 'cargo build --workspace --all-targets' }, test: { run: 'cargo test --workspace' } }
    : undefined

const fromGo: Guess = (names) =>
  names.has('go.mod')
    ? {
        from: 'go.mod',
        build: { run: 'go build ./...' },
        test: {
          run: 'mkdir -p reports && go test -json -coverprofile=reports/cover.out ./... > reports/go-test.jsonl',
          results: { collect: 'go-test', files: 'reports/go-test.jsonl' },
          coverage: 'reports/cover.out',
        },
      }
    : undefined

const fromPython: Guess = (names, contents) => {
  if (!names.has('pyproject.toml') && !names.has('setup.py') && !names.has('pytest.ini')) return undefined
  const said = `${contents['pyproject.toml'] ?? ''}\n${contents['requirements-dev.txt'] ?? ''}`
  const covers = said.includes('pytest-cov')
  const start = names.has('uv.lock') ? 'uv run pytest' : names.has('poetry.lock') ? 'poetry run pytest' : 'python3 -m pytest'
  const run = `${start} --junitxml=${JUNIT}${covers ? ` --cov --cov-report=lcov:${LCOV}` : ''}`
  return {
    from: names.has('pyproject.toml') ? 'pyproject.toml' : 'setup.py',
    test: { run, results: junit(), ...(covers && { coverage: LCOV }) },
  }
}

const fromMaven: Guess = (names) =>
  names.has('pom.xml')
    ? {
        from: 'pom.xml',
        build: { run: 'mvn -B -q -DskipTests package' },
        test: { run: 'mvn -B verify', results: junit('**/target/surefire-reports/*.xml') },
      }
    : undefined

const fromGradle: Guess = (names) => {
  if (!names.has('build.gradle') && !names.has('build.gradle.kts')) return undefined
  const gradle = names.has('gradlew') ? './gradlew' : 'gradle'
  return {
    from: names.has('build.gradle') ? 'build.gradle' : 'build.gradle.kts',
    build: { run: `${gradle} assemble` },
    test: { run: `${gradle} test`, results: junit('**/build/test-results/test/*.xml') },
  }
}

const fromMakefile: Guess = (_names, contents) => {
  const makefile = contents['Makefile']
  if (makefile === undefined) return undefined
  const has = (target: string): boolean => new RegExp(String.raw`^${target}\s*:(?!=)`, 'm').test(makefile)
  const build = has('build') ? 'make build' : has('all') ? 'make all' : undefined
  const test = has('test') ? 'make test' : has('check') ? 'make check' : undefined
  if (build === undefined && test === undefined) return undefined
  return { from: 'Makefile', ...(build !== undefined && { build: { run: build } }), ...(test !== undefined && { test: { run: test } }) }
}

function objectOf(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const textsOf = (value: unknown): Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
    : {}
