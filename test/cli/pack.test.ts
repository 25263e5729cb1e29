import { execFile, spawn, type ExecFileException } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '#client/index.ts'
import { testRepository } from '../collect/git-repository.ts'
import { startPostgres } from '../contract/postgres-server.ts'
import { describeWithPostgres } from '../contract/with-postgres.ts'
import { PROGRAM, type Ended } from './scene.ts'

const ROOT = join(import.meta.dirname, '../..')
const { version, engines, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string
  readonly engines: { readonly node: string }
  readonly dependencies: Readonly<Record<string, string>>
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'muster-pack-')))
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

/** What npm needs of the environment, and the Node that runs this first on the path. */
const env = {
  ...process.env,
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  npm_config_update_notifier: 'false',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
}

const execute = (file: string, args: readonly string[], cwd: string, own: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(file, args, { cwd, env: { ...env, ...own }, maxBuffer: 1 << 26 }, (error: ExecFileException | null, out, err) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : null, out, err }),
    )
  })

const succeed = async (file: string, args: readonly string[], cwd: string): Promise<string> => {
  const { code, out, err } = await execute(file, args, cwd)
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${out}\n${err}`)
  return out
}

let tarball = ''
/** The package as npm unpacks it, and nothing beside it. */
const unpacked = join(folder, 'unpacked', 'package')

/** Builds and packs a copy, so that nobody who works in this checkout finds it without its build. */
beforeAll(async () => {
  const copy = join(folder, 'copy')
  mkdirSync(copy)
  // What a developer's checkout may hold as well must not come along.
  for (const name of readdirSync(ROOT))
    if (!['node_modules', '.git', 'dist', 'reports', '.muster'].includes(name))
      cpSync(join(ROOT, name), join(copy, name), { recursive: true, filter: (from) => !from.includes('.out') })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  mkdirSync(join(copy, '.muster'))
  writeFileSync(join(copy, '.muster/ledger.sqlite'), 'not for others')
  const [packed] = JSON.parse(await succeed('npm', ['pack', '--silent', '--json', '--pack-destination', folder], copy)) as readonly {
    readonly filename: string
  }[]
  tarball = join(folder, packed?.filename ?? '')
  mkdirSync(dirname(unpacked))
  await succeed('tar', ['-xzf', tarball, '-C', dirname(unpacked)], folder)
}, 240_000)

const filesBelow = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))

test('the tarball holds the build, the schema, the readme and the licence, and nothing else', () => {
  const files = filesBelow(unpacked)
  expect(
    files.filter(
      (file) =>
        !/^(?:package\.json|README\.md|LICENSE|schema\/(?:muster\.schema|openapi)\.json|dist\/.+\.(?:js|d\.ts)|dist\/web\/(?:index\.html|assets\/.+\.(?:js|css|svg)))$/.test(
          file,
        ),
    ),
  ).toEqual([])
  expect(files).toEqual(
    expect.arrayContaining([
      'package.json',
      'README.md',
      'LICENSE',
      'schema/muster.schema.json',
      'schema/openapi.json',
      'dist/client/index.js',
      'dist/web/index.html',
      'dist/muster.js',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/client/index.js',
      'dist/web/index.html',
    ]),
  )
  expect(files.filter((file) => /\.test\.|fixtures|\.map$/.test(file))).toEqual([])
  const bytes = statSync(tarball).size
  const installed = files.reduce((sum, file) => sum + statSync(join(unpacked, file)).size, 0)
  console.log(
    `${tarball.slice(folder.length + 1)}: ${Math.round(bytes / 1024)} KiB, ${Math.round(installed / 1024)} KiB unpacked, ${files.length} files`,
  )
  // The command brings its server, its dashboard and the libraries of its channels with it, so that installing it installs next to nothing else.
  expect(bytes).toBeLessThan(2 * 1024 * 1024)
})

test('nothing in it names a place on the machine that built it', () => {
  const named = filesBelow(unpacked).filter((file) => {
    const text = readFileSync(join(unpacked, file), 'utf8')
    return text.includes(folder) || text.includes(`${ROOT}/`)
  })
  expect(named).toEqual([])
})

/** A repository that knows nothing of Muster. */
function strangersRepository(name: string) {
  const repository = testRepository(join(folder, name, 'search'))
  repository.commit('Begin', { 'package.json': '{ "scripts": { "test": "node --test" } }\n', CODEOWNERS: '* @phase-lead\n' })
  for (const branch of ['feature/parser', 'feature/cache']) {
    repository.git('checkout', '-q', '-b', branch, 'main')
    repository.commit(`On ${branch}`, { [`${branch.slice(8)}.js`]: 'export const one = 1\n' })
  }
  repository.git('checkout', '-q', 'main')
  return repository
}

async function goesThrough(muster: readonly [string, ...string[]], name: string): Promise<void> {
  const repository = strangersRepository(name)
  const state = join(folder, name, 'state')
  const [file, ...first] = muster
  const run = (...args: string[]): Promise<Ended> =>
    execute(file, [...first, ...args], repository.folder, { XDG_STATE_HOME: state, HOME: join(folder, name), NO_COLOR: '1' })

  expect(await run('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' })
  const help = await run('--help')
  expect([help.code, help.err]).toEqual([0, ''])
  expect(help.out).toMatch(/^Usage: muster <command>/)
  const init = await run('init', '--yes', '--zone', 'Europe/Berlin')
  expect([init.code, init.err.split('\n')[0]]).toEqual([0, 'muster.yaml is written: 2 streams, merging into main'])
  expect(await run('config', 'check')).toEqual({ code: 0, out: 'muster.yaml: no mistakes\n', err: '' })
  const check = await run('check')
  expect([check.code, check.err]).toEqual([3, ''])
  expect(check.out).toMatch(/^\? INCONCLUSIVE/)
  for (const args of [['check', '--format', 'html', '--output', 'report.html'], ['status'], ['verify'], ['replay'], ['doctor']]) {
    const { code, err } = await run(...args)
    expect([args, [0, 3].includes(code ?? -1), err.includes('bug')]).toEqual([args, true, false])
  }
  expect(readFileSync(join(repository.folder, 'report.html'), 'utf8')).toContain('INCONCLUSIVE')
  await isServed([file, ...first, 'serve', '--port', '0'], repository.folder, { XDG_STATE_HOME: state, HOME: join(folder, name) })
}

/** The dashboard and the API come from the package too. */
async function isServed([file = '', ...args]: readonly string[], cwd: string, own: Readonly<Record<string, string>>): Promise<void> {
  const server = spawn(file, args, { cwd, env: { ...env, ...own }, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve) => server.once('close', resolve))
  try {
    const link = await new Promise<string>((resolve, reject) => {
      let said = ''
      for (const stream of [server.stdout, server.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          said += text
          const [found] = /http:\/\/\S+/.exec(said) ?? []
          if (found !== undefined) resolve(found)
        })
      void ended.then((code) => reject(new Error(`serve ended with ${code}:\n${said}`)))
    })
    const { origin } = new URL(link)
    const cookie = (await fetch(link, { redirect: 'manual' })).headers.get('set-cookie')?.split(';')[0] ?? ''
    expect(await (await fetch(origin)).text()).toMatch(/<script type="module"[^>]* src="\/assets\//)
    expect(((await (await fetch(`${origin}/openapi.json`)).json()) as { readonly openapi: string }).openapi).toBe('3.1.0')
    const client = createClient({ url: origin, headers: { cookie } })
    const [program] = (await client.read('listPrograms', {})).items
    expect((await client.read('readState', { program: program?.id ?? '' })).checkpoints.length).toBeGreaterThan(0)
  } finally {
    server.kill('SIGINT')
  }
  expect(await ended).toBe(0)
}

test('the command needs nothing but its own files: no dependency, no network', async () => {
  const bundle = join(unpacked, 'dist/muster.js')
  await goesThrough([process.execPath, bundle], 'alone')
  const { out: help } = await execute(process.execPath, [bundle, '--help'], folder)
  const commands = [...help.matchAll(/^ {2}([a-z]+) {2}/gm)].map(([, command = '']) => command)
  expect(commands).toContain('check')
  for (const command of commands)
    expect([command, (await execute(process.execPath, [bundle, command, '--help'], folder)).code]).toEqual([command, 0])
})

describeWithPostgres('PostgreSQL', () => {
  test('its ledger moves into a database, and goes on there', async () => {
    const server = await startPostgres()
    try {
      const repository = strangersRepository('database')
      const own = { XDG_STATE_HOME: join(folder, 'database/state'), NO_COLOR: '1' }
      const inDatabase = { ...own, MUSTER_STORE: await server.database() }
      const muster = (args: readonly string[], where: Readonly<Record<string, string>>): Promise<Ended> =>
        execute(process.execPath, [join(unpacked, 'dist/muster.js'), ...args], repository.folder, where)
      await muster(['init', '--yes', '--zone', 'Europe/Berlin'], own)
      await muster(['check'], own)
      expect(await muster(['ledger', 'export', '--output', 'ledger.jsonl'], own)).toMatchObject({ code: 0 })
      expect(await muster(['ledger', 'import', 'ledger.jsonl'], inDatabase)).toMatchObject({ code: 0 })
      expect(await muster(['check'], inDatabase)).toMatchObject({ code: 3, err: '' })
      expect(await muster(['verify'], inDatabase)).toMatchObject({ code: 0 })
    } finally {
      await server.remove()
    }
  })
})

test('an older Node is told so in words', async () => {
  const older = join(folder, 'older.cjs')
  writeFileSync(older, `Object.defineProperty(process.versions, 'node', { value: '20.20.2' })\n`)
  const { code, out, err } = await execute(process.execPath, ['--require', older, join(unpacked, 'dist/muster.js'), 'check'], folder)
  expect([code, out]).toEqual([4, ''])
  expect(err).toMatch(/^muster needs Node (\S+) or newer; this is 20\.20\.2 \(.*\)\n {2}install a newer one/)
  expect(engines.node).toBe(`>=${/Node (\S+) or newer/.exec(err)?.[1]}`)
})

// Where the system brings no Node of its own there is none to be refused; the test before feigns one.
test.skipIf(!existsSync('/usr/bin/node'))('so is the Node of the machine, where that is an older one', async () => {
  const { out: found } = await execute('/usr/bin/node', ['--version'], folder)
  const { code, err } = await execute('/usr/bin/node', [join(unpacked, 'dist/muster.js'), '--help'], folder)
  if (Number(/^v(\d+)/.exec(found)?.[1]) >= 24) return expect(code).toBe(0)
  expect([code, err.split('\n')[0]]).toEqual([4, expect.stringContaining('muster needs Node')])
})

test('installed globally from the tarball, it is the command `muster`; the API is importable with its types and schema', async () => {
  const prefix = join(folder, 'prefix')
  await succeed('npm', ['install', '--global', '--prefix', prefix, '--prefer-offline', '--loglevel=error', tarball], folder)
  await goesThrough([join(prefix, 'bin', 'muster')], 'installed')

  const consumer = join(folder, 'consumer')
  mkdirSync(join(consumer, 'node_modules'), { recursive: true })
  symlinkSync(join(prefix, 'lib/node_modules/muster'), join(consumer, 'node_modules/muster'))
  writeFileSync(join(consumer, 'muster.yaml'), PROGRAM)
  writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(consumer, 'use.js'),
    `import { readFileSync } from 'node:fs'
import { COLLECTOR_KINDS, RENDERERS, foldEvents, judgeCheck, loadProgram } from 'muster'
import schema from 'muster/schema' with { type: 'json' }
const { program, problems } = loadProgram('muster.yaml', readFileSync('muster.yaml'), COLLECTOR_KINDS)
const tree = 'a'.repeat(40)
const present = { state: 'present', ref: 'refs/heads/x', commit: 'b'.repeat(40), tree, committedAt: '2026-02-25T09:00:00Z' }
const about = { tree, commit: present.commit, status: 'observed', provenance: 'measured', observedAt: '2026-02-25T10:00:00Z', source: 'test' }
const evidence = ['reader', 'writer'].flatMap((id) => [
  { ...about, subject: 'stream:' + id, metric: 'git.exists', unit: 'boolean', value: true },
  { ...about, subject: 'stream:' + id, metric: 'build.passed', unit: 'boolean', value: true },
  { ...about, subject: 'stream:' + id, metric: 'tests.ratio', unit: 'ratio', value: id === 'reader' ? 1 : 0.5 },
  { ...about, subject: 'stream:' + id, metric: 'git.lines.code', unit: 'lines', value: 3 },
])
const { report } = judgeCheck({
  program,
  checkpoint: program.checkpoints[0],
  snapshot: { subjects: { program: present, 'stream:reader': present, 'stream:writer': present }, evidence },
  ledger: foldEvents([]),
  at: '2026-02-25T14:00:00Z',
})
const text = (await RENDERERS.text())(report, { width: 100, color: false }).output
console.log(JSON.stringify({ problems, verdict: report.verdict, exitCode: report.exitCode, first: text.split('\\n')[0], schema: schema.title }))
`,
  )
  expect(JSON.parse(await succeed(process.execPath, ['use.js'], consumer))).toEqual({
    problems: [],
    verdict: 'NO-GO',
    exitCode: 1,
    first: '✖ NO-GO  Demo · Week one',
    schema: 'Muster program',
  })

  writeFileSync(
    join(consumer, 'use.ts'),
    `import { createClient, type Answers } from 'muster/client'\nexport const read = (): Promise<Answers['readState']> => createClient({ url: 'http://localhost:1' }).read('readState', { program: 'x' })\nimport { loadProgram, type CheckReport, type Snapshot } from 'muster'\nexport const verdict = (report: CheckReport): 'GO' | string => report.verdict\nexport const use: [typeof loadProgram, Snapshot['evidence']] = [loadProgram, []]\n`,
  )
  await succeed(
    process.execPath,
    [
      join(ROOT, 'node_modules/typescript/bin/tsc'),
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--types',
      '',
      'use.ts',
    ],
    consumer,
  )
})

test('what the API imports is declared, and nothing else is', () => {
  const imported = new Set<string>()
  for (const file of filesBelow(join(unpacked, 'dist'))) {
    if (file === 'muster.js' || file.startsWith('chunks/') || file.startsWith('web/')) continue
    const text = readFileSync(join(unpacked, 'dist', file), 'utf8')
    for (const [, name = ''] of text.matchAll(/(?:\bfrom |\bimport\(|^import )['"]((?:@[\w.-]+\/)?[\w-][\w.-]*)[/\w.-]*['"]/gm))
      imported.add(name)
  }
  expect([...imported].filter((name) => !Object.hasOwn(dependencies, name))).toEqual([])
  expect(Object.keys(dependencies).filter((name) => !imported.has(name))).toEqual([])
})
