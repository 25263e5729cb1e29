/**
 * The same weeks as a program that is watched: four branches in a real repository, stand-ups,
 * blockers, signatures, checkpoints that were held and decided. Made up, and the same every time.
 * `node -C source examples/phase-e/month.ts FOLDER` puts it into an empty folder; `muster serve` there shows it.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { VERSION } from '#cli/version.ts'
import { KINDS } from '#collect/registry.ts'
import { judgeCheck } from '#core/check.ts'
import type { Evidence, Snapshot, SubjectState, Unit } from '#core/evidence/evidence.ts'
import type { BlockerSeverity, EventBody, LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { recordEvents } from '#core/ledger/record.ts'
import { signOffRules } from '#core/ledger/signable.ts'
import { foldEvents } from '#core/ledger/state.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'
import { sha256 } from '#store/sha256.ts'
import { openSqlite } from '#store/sqlite.ts'
import { phaseHistory } from './history.ts'

/** The morning of the last day of the sprint: its checkpoint has been looked at twice, and is held in the afternoon. */
export const MONTH_CLOCK = '2026-02-27T09:00:00Z'
const LAST_DAY = '2026-02-26'

/** When a checkpoint was looked at. */
const LOOKS: readonly {
  readonly checkpoint: string
  readonly looks: readonly string[]
  readonly opened: string
  readonly isHeld: boolean
}[] = [
  {
    checkpoint: 'week2-midweek',
    looks: ['2026-02-25T14:30:00Z', '2026-02-25T15:35:00Z'],
    opened: '2026-02-25T14:30:00Z',
    isHeld: true,
  },
  {
    checkpoint: 'week2-sprint',
    looks: ['2026-02-26T10:30:00Z', '2026-02-26T16:00:00Z'],
    opened: '2026-02-26T10:00:00Z',
    isHeld: false,
  },
]

interface Stop {
  readonly id: string
  readonly stream: string
  readonly opened: string
  readonly deadline: string
  readonly severity: BlockerSeverity
  readonly title: string
  readonly impact: string
  readonly workaround?: string
  readonly resolved?: { readonly at: string; readonly note: string; readonly outcome: 'resolved' | 'workaround' }
  /** What people were told of, and when. */
  readonly told?: readonly (readonly [stage: string, at: string])[]
}

const STOPS: readonly Stop[] = [
  {
    id: 'loop-device',
    stream: 'erofs',
    opened: '2026-02-04T08:30:00Z',
    deadline: '2026-02-05T16:00:00Z',
    severity: 'high',
    title: 'The build machine has no loop devices',
    impact: 'No image can be mounted in the tests',
    resolved: { at: '2026-02-05T15:10:00Z', note: 'The machine was given eight of them', outcome: 'resolved' },
  },
  {
    id: 'unit-clash',
    stream: 'psi',
    opened: '2026-02-12T09:30:00Z',
    deadline: '2026-02-13T12:00:00Z',
    severity: 'high',
    title: 'Two units claim the same pressure file',
    impact: 'The reader cannot be started twice',
    resolved: { at: '2026-02-13T08:30:00Z', note: 'One of them gave way', outcome: 'resolved' },
  },
  {
    id: 'old-kernel',
    stream: 'otel',
    opened: '2026-02-18T13:00:00Z',
    deadline: '2026-02-19T16:00:00Z',
    severity: 'high',
    title: 'The test machine runs a kernel without BTF',
    impact: 'No program can be attached',
    resolved: { at: '2026-02-19T11:00:00Z', note: 'A newer kernel', outcome: 'resolved' },
  },
  {
    id: 'hanging-tests',
    stream: 'seccomp',
    opened: '2026-02-16T09:00:00Z',
    deadline: '2026-02-17T12:00:00Z',
    severity: 'high',
    title: 'Tests hang while they are traced',
    impact: 'Nothing new can be learned from a run',
    resolved: { at: '2026-02-17T10:30:00Z', note: 'They are traced one at a time', outcome: 'resolved' },
  },
  {
    id: 'broken-images',
    stream: 'erofs',
    opened: '2026-02-19T10:00:00Z',
    deadline: '2026-02-20T16:00:00Z',
    severity: 'high',
    title: 'The builder writes images that no kernel mounts',
    impact: 'The module has nothing to read',
    resolved: { at: '2026-02-20T14:00:00Z', note: 'Built with another block size', outcome: 'resolved' },
  },
  {
    id: 'cgroup-v1',
    stream: 'psi',
    opened: '2026-02-10T10:00:00Z',
    deadline: '2026-02-11T12:00:00Z',
    severity: 'medium',
    title: 'Half of the machines still run cgroup v1',
    impact: 'Pressure of a single group cannot be read there',
    workaround: 'The pressure of the whole machine is read instead',
    resolved: { at: '2026-02-11T09:00:00Z', note: 'It stays so: documented as a limit', outcome: 'workaround' },
  },
  {
    id: 'fscache-crash',
    stream: 'erofs',
    opened: '2026-02-26T13:20:00Z',
    deadline: '2026-02-27T12:00:00Z',
    severity: 'critical',
    title: 'fscache crashes when a second daemon attaches',
    impact: 'Faster first reads cannot be measured, and the merge would take the crash along',
    told: [
      ['opened', '2026-02-26T13:20:00Z'],
      ['sync', '2026-02-26T13:50:00Z'],
      ['workarounds', '2026-02-26T14:05:00Z'],
      ['decision', '2026-02-26T14:20:00Z'],
    ],
  },
  {
    id: 'profile-review',
    stream: 'seccomp',
    opened: '2026-02-26T09:40:00Z',
    deadline: '2026-03-02T17:00:00Z',
    severity: 'high',
    title: 'Nobody outside of the stream can read a generated profile',
    impact: 'The review stands still',
    workaround: 'The lead walks the reviewers through it on Monday',
    told: [['opened', '2026-02-26T09:40:00Z']],
  },
]

interface Said {
  readonly done: readonly string[]
  readonly next: readonly string[]
  readonly risks: readonly string[]
  readonly claims: Readonly<Record<string, number>>
}

const SAID: Readonly<Record<string, readonly Said[]>> = {
  psi: [
    { done: ['Reader of /proc/pressure'], next: ['Thresholds'], risks: [], claims: { reader: 280, 'unit-tests': 13 } },
    {
      done: ['Thresholds', 'Metrics endpoint'],
      next: ['Daemon'],
      risks: ['The daemon’s state is being rewritten'],
      claims: { reader: 340 },
    },
  ],
  erofs: [
    { done: ['Mounting with fscache'], next: ['Fallback'], risks: ['Kernel 5.19 behaves otherwise'], claims: { module: 560 } },
    { done: ['Composefs fallback'], next: ['Mend the crash'], risks: ['Friday, if the crash stays'], claims: { module: 600 } },
  ],
  otel: [
    { done: ['Attach to processes'], next: ['Exporter'], risks: [], claims: { programs: 340 } },
    { done: ['Exporter'], next: ['Overhead'], risks: [], claims: { programs: 390, 'integration-tests': 16 } },
  ],
  seccomp: [
    { done: ['Algorithm'], next: ['Learning mode'], risks: [], claims: { generator: 200 } },
    { done: ['Skeleton of the learning mode'], next: ['Learning mode'], risks: ['Two tests hang at times'], claims: { generator: 240 } },
  ],
}
const CHECKED_IN = ['2026-02-25T13:00:00Z', '2026-02-26T15:00:00Z']
const CONFIDENCE: Readonly<Record<string, readonly number[]>> = {
  psi: [0.9, 0.8],
  erofs: [0.85, 0.55],
  otel: [0.9, 0.95],
  seccomp: [0.8, 0.6],
}

/** What is measured beside the amounts: by how much of the way that lies behind, 0-1. */
const beside = (stream: string, way: number): readonly (readonly [metric: string, unit: Unit, value: number | boolean])[] => [
  ['git.exists', 'boolean', true],
  ['build.passed', 'boolean', true],
  ['suite.failed', 'tests', 0],
  ['suite.ratio', 'ratio', stream === 'seccomp' ? 0.97 : 1],
  ['coverage.lines', 'ratio', Math.round((0.62 + 0.22 * way + (stream === 'otel' ? 0.04 : 0)) * 1000) / 1000],
]

const ofBytes = (text: string, length: number): string => createHash('sha256').update(text).digest('hex').slice(0, length)

function headOf(program: Program, stream: string, at: string): SubjectState {
  const branch = program.streams.find((one) => one.id === stream)?.branch ?? program.target
  return {
    state: 'present',
    ref: `refs/heads/${branch}`,
    commit: ofBytes(`commit ${stream} ${at}`, 40),
    tree: ofBytes(`tree ${stream} ${at}`, 40),
    committedAt: at,
  }
}

/** The pressure reader is behind: that is what the options of the decision matrix are for. */
const slowed = (one: Evidence): Evidence =>
  one.subject === 'stream:psi' && one.metric === 'git.lines.code' && typeof one.value === 'number'
    ? { ...one, value: Math.round(one.value * 0.85) }
    : one

/** The amounts of that day, what is measured beside them, and where each branch stood. */
function widened(program: Program, snapshot: Snapshot, day: number, days: number): Snapshot {
  const at = snapshot.evidence[0]?.observedAt ?? MONTH_CLOCK
  const subjects = Object.fromEntries(program.streams.map(({ id }) => [`stream:${id}`, headOf(program, id, at)]))
  const more = program.streams.flatMap(({ id }) =>
    beside(id, day / days).map(([metric, unit, value]): Evidence => ({
      subject: `stream:${id}`,
      metric,
      status: 'observed',
      unit,
      value,
      provenance: 'measured',
      observedAt: at,
      source: 'made up',
    })),
  )
  const evidence = [...snapshot.evidence.map(slowed), ...more].map((one): Evidence => {
    const head = subjects[one.subject]
    return head?.state === 'present'
      ? { ...one, commit: head.commit, tree: head.tree, sha256: ofBytes(`${one.subject}${one.metric}${at}`, 64) }
      : one
  })
  return { subjects: { ...subjects, program: headOf(program, program.target, at) }, evidence }
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Everything but the decisions, oldest first. */
function storyOf(program: Program): readonly NewEvent[] {
  const events: NewEvent[] = []
  const add = (at: string, actor: string, body: EventBody): void =>
    void events.push({ id: `month-${events.length + 1}`, at, actor, ...body })
  const leadOf = (stream: string): string => program.streams.find(({ id }) => id === stream)?.lead ?? 'phase-lead'
  const days = phaseHistory(program, LAST_DAY).filter((one) => one.type === 'evidence')
  for (const [index, event] of days.entries()) {
    if (event.type !== 'evidence') continue
    const snapshot = widened(program, event.body.snapshot, index + 1, days.length)
    add(event.at, 'muster', { type: 'evidence', body: { digest: hash(JSON.stringify(snapshot)), snapshot } })
  }
  for (const { id, stream, opened, deadline, severity, title, impact, workaround, resolved, told } of STOPS) {
    const owner = leadOf(stream)
    const body = { blocker: id, stream, title, severity, impact, owner, deadline, ...(workaround !== undefined && { workaround }) }
    add(opened, owner, { type: 'blocker-opened', body })
    for (const [stage, at] of told ?? [])
      add(at, 'muster', { type: 'fired', body: { timer: `blocker:${id}/${stage}@${at}`, kind: 'blocker', due: at } })
    if (resolved)
      add(resolved.at, owner, { type: 'blocker-resolved', body: { blocker: id, outcome: resolved.outcome, note: resolved.note } })
  }
  for (const [stream, said] of Object.entries(SAID))
    for (const [index, one] of said.entries()) {
      const week = CONFIDENCE[stream]?.[index] ?? 0.8
      add(CHECKED_IN[index] ?? '', leadOf(stream), { type: 'check-in', body: { stream, ...one, confidence: { week, program: week } } })
    }
  for (const [index, { checkpoint: id, opened, isHeld }] of LOOKS.entries()) {
    const checkpoint = program.checkpoints.find((one) => one.id === id)
    if (!checkpoint) continue
    if (isHeld) add(opened, 'muster', { type: 'checkpoint-opened', body: { checkpoint: id, startsAt: checkpoint.at } })
    // What a person vouches for: all of it at midweek, at the end of the sprint what psi and otel have done.
    for (const { id: criterion, subjects, condition } of checkpoint.criteria)
      for (const { roles } of signOffRules(condition))
        for (const subject of subjects) {
          const stream = subject === 'program' ? undefined : subject.slice('stream:'.length)
          if (index > 0 && stream !== 'psi' && stream !== 'otel') continue
          const role = roles[0] ?? 'lead'
          const actor = role === 'lead' && stream !== undefined ? leadOf(stream) : (holder(program, role) ?? 'architect')
          add(opened, actor, {
            type: 'sign-off',
            body: { checkpoint: id, criterion, ...(stream !== undefined && { stream }), role, approve: true, reason: 'Seen, and it works' },
          })
        }
  }
  for (const { lead } of program.streams)
    add('2026-02-25T15:20:00Z', lead, {
      type: 'sign-off',
      body: { checkpoint: 'week2-midweek', role: 'lead', approve: true, reason: 'On track for Friday' },
    })
  add('2026-02-25T15:25:00Z', 'architect', {
    type: 'sign-off',
    body: { checkpoint: 'week2-midweek', role: 'architect', approve: true, reason: 'The seams between the streams hold' },
  })
  add('2026-02-26T15:20:00Z', 'muster', {
    type: 'escalation-raised',
    body: {
      escalation: 'blocker-erofs-1',
      rule: 'blocker',
      subject: 'stream:erofs',
      scenario: 'A blocker is unresolved for more than two hours',
      owner: 'velocity-lead',
      escalateTo: 'phase-lead',
      because: 'fscache-crash has been open for 2 h',
    },
  })
  return events.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

const holder = (program: Program, role: string): string | undefined => program.people.find((one) => one.roles.includes(role))?.id

/** Files of each branch: two streams change the same lines of the daemon, one of them those of the build too. */
const BRANCHES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'feature/psi-memory': { 'src/psi/reader.rs': 'pub fn read() {}\n', 'src/daemon/state.rs': 'pressure: Pressure,\n' },
  'feature/erofs-fscache': { 'src/erofs/mount.rs': 'pub fn mount() {}\n', 'Cargo.toml': '[workspace]\nmembers = ["erofs"]\n' },
  'feature/otel-ebpf': {
    'src/otel/probe.rs': 'pub fn attach() {}\n',
    'src/daemon/state.rs': 'events: Events,\n',
    'Cargo.toml': '[workspace]\nmembers = ["otel"]\n',
  },
  'feature/seccomp-generation': { 'src/seccomp/generate.rs': 'pub fn generate() {}\n' },
}

async function writeRepository(folder: string): Promise<void> {
  const git = (...args: string[]): void =>
    void execFileSync('git', args, {
      cwd: folder,
      stdio: 'ignore',
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'Phase lead',
        GIT_AUTHOR_EMAIL: 'phase-lead@example.org',
        GIT_COMMITTER_NAME: 'Phase lead',
        GIT_COMMITTER_EMAIL: 'phase-lead@example.org',
        GIT_AUTHOR_DATE: '2026-02-26T12:00:00Z',
        GIT_COMMITTER_DATE: '2026-02-26T12:00:00Z',
      },
    })
  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    git('add', '-A')
  }
  git('init', '-q', '-b', 'develop')
  await write({ 'Cargo.toml': '[workspace]\nmembers = []\n', 'src/daemon/state.rs': 'idle: bool,\n', '.gitignore': '.muster/\n' })
  git('commit', '-q', '-m', 'Begin')
  for (const [branch, files] of Object.entries(BRANCHES)) {
    git('checkout', '-q', '-b', branch, 'develop')
    await write(files)
    git('commit', '-q', '-m', `Work of ${branch}`)
  }
  git('checkout', '-q', 'develop')
}

/** Writes the repository, the program file and the ledger. */
export async function writeMonth(folder: string): Promise<void> {
  const file = join(import.meta.dirname, 'muster.yaml')
  const { program } = loadProgram('muster.yaml', await readFile(file), KINDS)
  if (!program) throw new Error(`${file} does not load`)
  await mkdir(join(folder, '.muster'), { recursive: true })
  await writeRepository(folder)
  await copyFile(file, join(folder, 'muster.yaml'))
  const store = await openSqlite(join(folder, '.muster', 'ledger.sqlite'))
  const known: LedgerEvent[] = []
  const append = async (events: readonly NewEvent[]): Promise<void> => {
    if (events.length > 0) known.push(...(await store.append(program.id, events)))
  }
  try {
    const looks = LOOKS.flatMap(({ checkpoint, looks: times, isHeld }) =>
      times.map((at) => ({ checkpoint, at, isHeld: isHeld && at === times.at(-1) })),
    ).toSorted((a, b) => (a.at < b.at ? -1 : 1))
    let story = storyOf(program)
    for (const [index, { checkpoint: id, at, isHeld }] of looks.entries()) {
      await append(story.filter((one) => one.at <= at))
      story = story.filter((one) => one.at > at)
      const checkpoint = program.checkpoints.find((one) => one.id === id)
      const newest = known.findLast((one) => one.type === 'evidence')
      if (!checkpoint || newest?.type !== 'evidence') continue
      const state = foldEvents(known)
      const { snapshot } = newest.body
      const checked = judgeCheck({ program, checkpoint, snapshot, ledger: state, at })
      const last = known.findLast((one) => one.type === 'program')
      let ids = 0
      await append(
        recordEvents({
          ...checked,
          program,
          snapshot,
          clock: at,
          at,
          version: VERSION,
          state,
          ledgerBefore: known.length + 1,
          ...(last?.type === 'program' && { recordedProgram: last.body.digest }),
          actor: 'muster',
          ids: () => `look-${index + 1}-${(ids += 1)}`,
          hash: sha256,
        }),
      )
      const decided = known.at(-1)
      if (isHeld && decided?.type === 'decision')
        await append([
          {
            id: `held-${id}`,
            at,
            actor: 'muster',
            type: 'checkpoint-held',
            body: { checkpoint: id, due: checkpoint.at, decision: decided.id, verdict: decided.body.verdict },
          },
        ])
    }
    await append(story)
  } finally {
    await store.close()
  }
}

if (import.meta.main) {
  const [, , folder] = process.argv
  if (folder === undefined) {
    console.error('usage: node -C source examples/phase-e/month.ts FOLDER')
    process.exitCode = 2
  } else await writeMonth(resolve(folder))
}
