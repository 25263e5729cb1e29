/**
 * Three and a half weeks of phase E as a ledger, made up and the same every time: `node -C source
 * examples/phase-e/history.ts FOLDER` puts muster.yaml and its ledger into a folder. In it:
 * muster forecast --at '2026-02-25 17:00'
 */
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Evidence, Unit } from '#core/evidence/evidence.ts'
import type { EventBody, NewEvent } from '#core/ledger/events.ts'
import { addDays, isWorkDay } from '#core/schedule/time.ts'
import type { Program } from '#core/program/model.ts'
import { loadProgram } from '#core/program/load.ts'
import { digest } from '#core/ledger/canonical.ts'
import { KINDS } from '#collect/registry.ts'
import { openSqlite } from '#store/sqlite.ts'

const FIRST_DAY = '2026-02-02'
const LAST_DAY = '2026-02-25'

interface Pace {
  readonly metric: string
  readonly unit: Unit
  /** What each work day brought, in turn. */
  readonly gains: readonly number[]
  readonly most: number
}

const lines = (most: number, ...gains: readonly number[]): Pace => ({ metric: 'git.lines.code', unit: 'lines', gains, most })
const tests = (most: number, ...gains: readonly number[]): Pace => ({ metric: 'stream-tests.passed', unit: 'tests', gains, most })
const documents = (...gains: readonly number[]): Pace => ({ metric: 'docs.complete', unit: 'ratio', gains, most: 1 })

/** Stream -> what it gains on its work days, one after the other and again from the beginning. */
const PACES: Readonly<Record<string, readonly Pace[]>> = {
  psi: [lines(400, 24, 11, 32, 20, 0, 28, 17), tests(15, 1, 0, 2, 1, 0, 1, 1), documents(0.1, 0, 0.05, 0.1, 0)],
  erofs: [lines(600, 44, 0, 30, 52, 17, 0, 60), tests(20, 1, 1, 0, 2, 1, 1), documents(0.05, 0, 0.1, 0.02, 0.08)],
  otel: [lines(400, 30, 22, 8, 27, 19), tests(18, 1, 2, 0, 1, 1), documents(0.1, 0.05, 0, 0.05)],
  seccomp: [lines(250, 9, 21, 0, 16, 12, 18), tests(12, 1, 0, 1, 0, 1, 1, 0), documents(0, 0.1, 0.05, 0.1)],
}

const CONFIDENCE: Readonly<Record<string, readonly number[]>> = {
  psi: [0.9, 0.9, 0.95],
  erofs: [0.9, 0.85, 0.7],
  otel: [0.8, 0.9, 0.95],
  seccomp: [0.85, 0.9, 0.9],
}

/** Streams that a blocker stopped, from and until when (UTC); the last one is open, and has a deadline. */
const STOPS: readonly (readonly [string, string, string, 'open'?])[] = [
  ['psi', '2026-02-03T09:00', '2026-02-03T14:00'],
  ['erofs', '2026-02-04T08:30', '2026-02-05T16:00'],
  ['otel', '2026-02-09T13:00', '2026-02-10T09:30'],
  ['seccomp', '2026-02-11T10:00', '2026-02-12T15:00'],
  ['erofs', '2026-02-16T09:00', '2026-02-18T11:00'],
  ['seccomp', '2026-02-25T13:00', '2026-02-26T11:00', 'open'],
]

/** @param lastDay Last day that is measured, `YYYY-MM-DD`. */
export function phaseHistory(program: Program, lastDay = LAST_DAY): readonly NewEvent[] {
  const events: NewEvent[] = []
  const add = (at: string, actor: string, body: EventBody): void =>
    void events.push({ id: `phase-e-${events.length + 1}`, at, actor, ...body })
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
  const leadOf = (stream: string): string => program.streams.find(({ id }) => id === stream)?.lead ?? 'phase-lead'
  add(`${FIRST_DAY}T08:00:00Z`, 'muster', { type: 'program', body: { digest: digest(program, hash), program } })

  let day = 0
  for (let date = FIRST_DAY; date <= lastDay; date = addDays(date, 1)) {
    if (!isWorkDay(date, program.calendar)) continue
    day += 1
    const at = `${date}T15:30:00Z`
    const evidence = Object.entries(PACES).flatMap(([stream, paces]) => paces.map((pace) => measured(stream, pace, day, at)))
    const snapshot = { subjects: {}, evidence }
    add(at, 'muster', { type: 'evidence', body: { digest: digest(snapshot, hash), snapshot } })
  }
  for (const [index, [stream, from, to, isOpen]] of STOPS.entries()) {
    const blocker = `b-${index + 1}`
    const owner = leadOf(stream)
    add(`${from}:00Z`, owner, {
      type: 'blocker-opened',
      body: {
        blocker,
        stream,
        title: `Blocker ${index + 1}`,
        severity: 'critical',
        impact: 'The work stands still',
        owner,
        deadline: `${to}:00Z`,
      },
    })
    if (isOpen === undefined) add(`${to}:00Z`, owner, { type: 'blocker-resolved', body: { blocker, outcome: 'resolved', note: 'Mended' } })
  }
  for (const [stream, said] of Object.entries(CONFIDENCE))
    for (const [index, week] of said.entries())
      add(['2026-02-16T08:30:00Z', '2026-02-23T08:30:00Z', '2026-02-25T15:45:00Z'][index] ?? '', leadOf(stream), {
        type: 'check-in',
        body: { stream, done: [], next: [], risks: [], claims: {}, confidence: { week, program: week } },
      })
  return events.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

/** The sum of the first so many gains. */
function measured(stream: string, { metric, unit, gains, most }: Pace, days: number, at: string): Evidence {
  let value = 0
  for (let day = 0; day < days; day += 1) value += gains[day % gains.length] ?? 0
  return {
    subject: `stream:${stream}`,
    metric,
    status: 'observed',
    unit,
    value: Math.min(most, Math.round(value * 100) / 100),
    provenance: 'measured',
    observedAt: at,
    source: 'made up',
  }
}

/** Writes the program file and its ledger. */
export async function writePhase(folder: string): Promise<void> {
  const file = join(import.meta.dirname, 'muster.yaml')
  const { program } = loadProgram('muster.yaml', await readFile(file), KINDS)
  if (!program) throw new Error(`${file} does not load`)
  await mkdir(join(folder, '.muster'), { recursive: true })
  await copyFile(file, join(folder, 'muster.yaml'))
  const store = await openSqlite(join(folder, '.muster', 'ledger.sqlite'))
  try {
    await store.append(program.id, phaseHistory(program))
  } finally {
    await store.close()
  }
}

if (import.meta.main) {
  const [, , folder] = process.argv
  if (folder === undefined) {
    console.error('usage: node -C source examples/phase-e/history.ts FOLDER')
    process.exitCode = 2
  } else await writePhase(resolve(folder))
}
