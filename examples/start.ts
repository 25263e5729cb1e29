/**
 * `npm start`: the main job on real input. Builds the two-streams example as a git repository,
 * lets its people say what they said in that week, trusts its commands (they are ours), holds a
 * checkpoint, prints the report and says where the same report lies as HTML. Then serves the
 * dashboard of it on this machine until Ctrl-C, unless `--no-serve` is given.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { delimiter, dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { wantsColor, type Io, type Output } from '#cli/io.ts'
import { chooseCheckpoint } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { progressLine } from '#cli/progress.ts'
import { checkOnRecord } from '#cli/check-on-record.ts'
import { run } from '#cli/run.ts'
import { openEdges, openLedger } from '#cli/wire.ts'
import type { CheckReport } from '#core/decide/report.ts'
import type { Verdict } from '#core/program/model.ts'
import { RENDERERS } from '#render/registry.ts'
import { buildExample } from './two-streams/build.ts'
import { EVENTS } from './two-streams/events.ts'

const ROOT = join(import.meta.dirname, '..')
const DASHBOARD = join(ROOT, 'dist/web')
const EXAMPLE = join(import.meta.dirname, 'two-streams')

/** The verdict that the example is made to give at each of its checkpoints, and why. */
const EXPECTED: Readonly<Record<string, { readonly verdict: Verdict; readonly because: string }>> = {
  midweek: { verdict: 'GO', because: 'on Wednesday both streams are on track' },
  'sprint-end': { verdict: 'NO-GO', because: 'the parser is ready, the cache is behind' },
}

const { values } = parseArgs({
  options: {
    'no-serve': { type: 'boolean' },
    port: { type: 'string', default: '4747' },
    checkpoint: { type: 'string', default: 'sprint-end' },
    out: { type: 'string', default: join(EXAMPLE, '.out') },
  },
})
const out = resolve(values.out)
const repository = join(out, 'logq')

const output = (stream: NodeJS.WriteStream): Output => ({
  write: (text) => void stream.write(text),
  isTerminal: stream.isTTY === true,
  columns: stream.columns ?? 100,
})
const io: Io = {
  argv: [],
  // What is trusted here lies beside the example, and no setting of the user changes what it shows.
  env: {
    ...process.env,
    XDG_STATE_HOME: join(out, 'state'),
    MUSTER_STATE: undefined,
    MUSTER_CONFIG: undefined,
    // The example's commands say `node`: the one that runs this, whatever else is installed.
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  },
  cwd: repository,
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  stdinIsTerminal: false,
  readStdin: async () => '',
  now: () => new Date().toISOString(),
  newId: randomUUID,
  host: hostname(),
  signal: new AbortController().signal,
}

// A reader that closes the pipe early (| head) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

io.stderr.write('building the example, then running its builds, tests and benchmarks: a few seconds\n')
const at = await build()
await trustItsCommands()
const report = await hold(at)
await print(report)
if (values['no-serve'] !== true) await serveIt()

/** Builds the repository as it stood at the checkpoint; the time of that checkpoint. */
async function build(): Promise<string> {
  const { program } = await loadProgramFile(io, join(EXAMPLE, 'muster.yaml'))
  const { at: time } = chooseCheckpoint(program, values.checkpoint, io.now())
  for (const made of ['logq', 'state', 'report.html']) await rm(join(out, made), { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  await buildExample(repository, time)
  return time
}

/** The clock of the example stands at its checkpoint, so that nothing is overdue years later. */
async function serveIt(): Promise<void> {
  if (!existsSync(join(DASHBOARD, 'index.html'))) {
    io.stderr.write('building the dashboard: a few seconds\n')
    const { build: bundle } = await import('vite')
    await bundle({ configFile: join(ROOT, 'src/web/vite.config.ts'), logLevel: 'warn' })
  }
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  io.stdout.write('\nThe dashboard of it, on this machine:\n')
  const began = performance.now()
  const now = (): string => new Date(Date.parse(at) + performance.now() - began).toISOString()
  const exitCode = await run({ ...io, argv: ['serve', '--no-run', '--port', values.port], signal: stop.signal, now })
  process.exitCode ||= exitCode
}

async function trustItsCommands(): Promise<void> {
  const said: string[] = []
  const quiet: Output = { ...io.stderr, write: (text) => void said.push(text) }
  const exitCode = await run({ ...io, stdout: quiet, stderr: quiet, argv: ['trust', '--yes'] })
  if (exitCode !== 0) throw new Error(`the example's commands could not be trusted:\n${said.join('')}`)
}

async function hold(time: string): Promise<CheckReport> {
  const { program, folder } = await loadProgramFile(io, undefined)
  const checkpoint = chooseCheckpoint(program, values.checkpoint, time)
  const ledger = await openLedger(io, folder, 'write')
  const edges = await openEdges(io, program, folder)
  const line = progressLine(io)
  try {
    await ledger.append(
      program.id,
      EVENTS.filter((event) => Date.parse(event.at) <= Date.parse(time)),
    )
    await edges.mirror.refresh(io.signal)
    return (await checkOnRecord(io, ledger, edges, { program, choose: () => checkpoint, at: time, progress: line.report })).report
  } finally {
    line.done()
    await edges.close()
    await ledger.close()
  }
}

/** A path as the reader's shell would take it. */
function shown(path: string): string {
  return relative(process.cwd(), path) || '.'
}

async function print(made: CheckReport): Promise<void> {
  const page = join(out, 'report.html')
  const [text, html] = await Promise.all([RENDERERS.text(), RENDERERS.html()])
  await writeFile(page, html(made, { width: 100, color: false }).output)
  io.stdout.write(text(made, { width: io.stdout.columns, color: wantsColor(io, io.stdout) }).output)
  const expected = EXPECTED[made.checkpoint.id]
  io.stdout.write(
    `\nThe same as a page  ${shown(page)}\nThe repository      ${shown(repository)}, where \`git log --all --graph\` tells the story\n`,
  )
  if (made.verdict === expected?.verdict) {
    io.stdout.write(
      `${made.verdict} is what this example is made to give: ${expected.because}. \`muster check\` ends with ${made.exitCode} for it, this run with 0.\n`,
    )
    return
  }
  io.stderr.write(`the example gave ${made.verdict}; it is made to give ${expected?.verdict}\n`)
  process.exitCode = 1
}
