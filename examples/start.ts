/**
 * `npm start`: the main job on real input. Builds the two-streams example as a git repository,
 * lets its leads check in, trusts its commands (they are ours), holds the checkpoint at the end of
 * the sprint, prints the report and says where the same report lies as HTML.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { wantsColor, type Io } from '#cli/io.ts'
import { chooseCheckpoint } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { progressLine } from '#cli/progress.ts'
import { readState, recordCheck } from '#cli/record.ts'
import { run } from '#cli/run.ts'
import { openEdges, openLedger } from '#cli/wire.ts'
import { check } from '#engine/check.ts'
import { RENDERERS } from '#render/registry.ts'
import { buildExample } from './two-streams/build.ts'
import { EVENTS } from './two-streams/events.ts'

const OUT = join(import.meta.dirname, 'two-streams', '.out')
const CHECKPOINT = 'sprint-end'
const EXPECTED = 'NO-GO'

// A dashboard comes later and will be served unless this is given; until then it changes nothing.
parseArgs({ options: { 'no-serve': { type: 'boolean' } } })

const repository = join(OUT, 'logq')
await rm(OUT, { recursive: true, force: true })
await mkdir(OUT, { recursive: true })
await buildExample(repository)

const output = (stream: NodeJS.WriteStream): Io['stdout'] => ({
  write: (text) => void stream.write(text),
  isTerminal: stream.isTTY === true,
  columns: stream.columns ?? 100,
})
const io: Io = {
  argv: [],
  // What is trusted here is forgotten with the folder, and nothing of the user's is read or written.
  env: { ...process.env, XDG_STATE_HOME: join(OUT, 'state'), MUSTER_STATE: undefined, MUSTER_CONFIG: undefined },
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

const silent: Io = { ...io, stdout: { ...io.stdout, write: () => {} } }
if ((await run({ ...silent, argv: ['trust', '--yes'] })) !== 0) process.exit(4)

const { program, folder } = await loadProgramFile(io, undefined)
const checkpoint = chooseCheckpoint(program, CHECKPOINT, io.now())
const { at } = checkpoint
const ledger = await openLedger(io, folder, 'write')
if (!ledger) throw new Error('a ledger opened for writing is always there')
const edges = await openEdges(io, program, folder)
const line = progressLine(io)
try {
  await ledger.append(program.id, EVENTS)
  await edges.mirror.refresh(io.signal)
  const { state, seq } = await readState(ledger, program.id)
  const result = await check({ program, checkpoint, at, ledger: state, signal: io.signal, progress: line.report }, edges.ports)
  line.done()
  const report = { ...result.report, record: await recordCheck(io, ledger, { program, at, state, seq, result }) }
  const page = join(OUT, 'report.html')
  const [text, html] = await Promise.all([RENDERERS.text(), RENDERERS.html()])
  await writeFile(page, html(report, { width: 100, color: false }).output)
  io.stdout.write(text(report, { width: io.stdout.columns, color: wantsColor(io, io.stdout) }).output)
  io.stdout.write(
    [
      '',
      `The same as a page:  ${relative(process.cwd(), page)}`,
      `The repository:      ${relative(process.cwd(), repository)} (git log --all --graph there tells the story)`,
      `${report.verdict} is what this example is made to give: the parser is ready, the cache is behind. \`muster check\` would end with exit code ${report.exitCode}; this run ends with 0.`,
      '',
    ].join('\n'),
  )
  if (report.verdict !== EXPECTED) {
    io.stderr.write(`the example gave ${report.verdict}; it is made to give ${EXPECTED}\n`)
    process.exitCode = 1
  }
} finally {
  line.done()
  await edges.close()
  await ledger.close()
}
