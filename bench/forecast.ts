import { forecast } from '#core/forecast/forecast.ts'
import { axisOf, modelOf } from '#core/forecast/model.ts'
import { outlook } from '#core/forecast/outlook.ts'
import { remembering } from '#core/forecast/history.ts'
import { AS_IT_IS } from '#core/forecast/scenario.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import { DEFAULT_POLICY } from '#core/program/metrics.ts'
import type { Checkpoint, Program } from '#core/program/model.ts'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { compareCpu, report } from './measure.ts'

const RUNS = 100_000
const STREAMS = ['psi', 'erofs', 'otel', 'seccomp'] as const
const NOW = '2026-03-02T18:00:00Z'
const SEED = 1

/** Four streams that owe code and tests, twenty measured work days, five ended blockers and an open one. */
function generate(): { readonly program: Program; readonly events: readonly LedgerEvent[] } {
  const amounts = [
    { id: 'code', title: 'Code', kind: 'code', measure: 'git.lines', full: { low: 400, high: 400, unit: 'lines' } },
    { id: 'tests', title: 'Tests', kind: 'tests', measure: 'tests.passed', full: { low: 20, high: 20, unit: 'tests' } },
  ] as const
  const checkpoint: Checkpoint = {
    id: 'merge',
    name: 'Merge',
    at: '2026-03-16T15:00:00Z',
    durationSeconds: 1800,
    agenda: [],
    attendees: [],
    criteria: STREAMS.flatMap((stream) =>
      amounts.map(({ id, kind, measure, full }) => ({
        id: `target.${id}`,
        title: id,
        tier: 'critical' as const,
        subjects: [`stream:${stream}` as const],
        condition: { metric: measure, comparison: { op: 'atLeast' as const, value: full.low }, provenance: 'measured' as const },
        target: { stream, deliverable: id, kind },
      })),
    ),
    decision: '',
    merge: true,
    go: { actions: [] },
    noGo: { actions: [] },
    signOff: [],
  }
  const program: Program = {
    schemaVersion: 1,
    id: 'bench',
    name: 'bench',
    repository: '.',
    target: 'main',
    calendar: {
      zone: 'UTC',
      workDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
      hours: { start: '09:00', end: '17:00' },
      holidays: [],
    },
    people: [],
    streams: STREAMS.map((id, index) => ({
      id,
      name: id,
      lead: 'p',
      support: [],
      reviewers: [],
      branch: id,
      paths: [],
      exclusive: [],
      deliverables: amounts,
      integrationPoints: [],
      dependsOn: index === 3 ? [{ stream: 'psi', reaches: 0.9 }] : [],
    })),
    sources: [],
    metrics: {
      'git.lines': { unit: 'lines', better: 'higher', title: '', source: 'git', boundToTree: true },
      'tests.passed': { unit: 'tests', better: 'higher', title: '', source: 'tests', boundToTree: true },
    },
    checkpoints: [checkpoint],
    syncs: [],
    schedule: { openSeconds: 3600, remindSeconds: [] },
    channels: [],
    notify: { routes: {} },
    policy: DEFAULT_POLICY,
    escalation: [],
    templates: [],
    merge: { perDay: 2, time: '09:00', exceptions: [] },
  }
  const events: LedgerEvent[] = []
  const add = (at: string, body: Pick<LedgerEvent, 'type' | 'body'>): void => {
    events.push({
      id: `e${events.length}`,
      at,
      actor: 'muster',
      seq: events.length + 1,
      previous: '',
      schema: '',
      hash: '',
      ...body,
    } as LedgerEvent)
  }
  let random = 1
  const below = (limit: number): number => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((random / 2_147_483_648) * limit)
  }
  const sums = STREAMS.map(() => [0, 0])
  for (let day = 0, date = Date.UTC(2026, 1, 3, 16); day < 20; date += 86_400_000) {
    const weekday = new Date(date).getUTCDay()
    if (weekday === 0 || weekday === 6) continue
    day += 1
    const at = new Date(date).toISOString()
    const evidence = STREAMS.flatMap((stream, index) => {
      const own = sums[index] ?? []
      own[0] = (own[0] ?? 0) + below(45)
      own[1] = (own[1] ?? 0) + below(4) * 0.55
      return (['git.lines', 'tests.passed'] as const).map((metric, which) => ({
        subject: `stream:${stream}` as const,
        metric,
        status: 'observed' as const,
        unit: which === 0 ? ('lines' as const) : ('tests' as const),
        value: own[which] ?? 0,
        provenance: 'measured' as const,
        observedAt: at,
        source: 'bench',
      }))
    })
    add(at, { type: 'evidence', body: { digest: '', snapshot: { subjects: {}, evidence } } })
  }
  const blocker = (id: string, from: string, to: string | undefined): void => {
    add(from, {
      type: 'blocker-opened',
      body: { blocker: id, stream: 'otel', title: id, severity: 'critical', impact: '', owner: 'p', deadline: NOW },
    })
    if (to !== undefined) add(to, { type: 'blocker-resolved', body: { blocker: id, outcome: 'resolved', note: '' } })
  }
  for (let index = 0; index < 5; index += 1) blocker(`b${index}`, `2026-02-0${index + 3}T10:00:00Z`, `2026-02-1${index}T12:00:00Z`)
  blocker('open', '2026-03-02T10:00:00Z', undefined)
  return { program, events }
}

const EVENTS = 100_000

/** Events of evidence, each as text, ten minutes apart: by them two years pass. */
function recorded(): readonly string[] {
  const start = Date.UTC(2024, 0, 1)
  const instant = (minutes: number): string => new Date(start + minutes * 60_000).toISOString()
  return Array.from({ length: EVENTS }, (_, index) => {
    const evidence = STREAMS.flatMap((stream) =>
      (['git.lines', 'tests.passed'] as const).map((metric) => ({
        subject: `stream:${stream}`,
        metric,
        status: 'observed',
        unit: metric === 'git.lines' ? 'lines' : 'tests',
        value: index % 1000,
        provenance: 'measured',
        observedAt: instant(index * 10),
        source: 'bench',
      })),
    )
    return JSON.stringify({
      id: `e${index}`,
      at: instant(index * 10 + 1),
      type: 'evidence',
      body: { digest: '', snapshot: { subjects: {}, evidence } },
    })
  })
}

/** What folding costs above parsing. */
async function folding(program: Program): Promise<boolean> {
  const texts = recorded()
  const calendar = { ...program.calendar, zone: 'Europe/Berlin' }
  const [, folded] = await compareCpu(
    [
      { name: 'parsed', run: () => texts.reduce((sum, text) => sum + (JSON.parse(text) as LedgerEvent).at.length, 0) },
      {
        name: 'parsed and folded',
        run() {
          const memory = remembering(calendar, NOW)
          for (const text of texts) memory.take(JSON.parse(text) as LedgerEvent)
          return memory.history()
        },
      },
    ],
    5,
    1,
  )
  return report(`${EVENTS} events parsed and folded, against parsed`, folded?.ratio ?? NaN, 4, 'at most')
}

export async function bench(): Promise<boolean> {
  const { program, events } = generate()
  const memory = remembering(program.calendar, NOW)
  for (const one of events) memory.take(one)
  const history = memory.history()
  const model = modelOf(program, history, axisOf(program, history), NOW)
  const due = model.days.of('2026-03-16T15:00:00Z')

  const ours = (): { readonly chance: number; readonly dates: readonly (string | undefined)[] } => {
    const seen = outlook(model, AS_IT_IS, { checkpoints: program.checkpoints, wholes: false }, { seed: SEED, runs: RUNS })
    const [only] = seen.checkpoints
    const chance = only && seen.chance(only.need, only.due)
    return chance?.kind === 'number' ? { chance: chance.probability ?? NaN, dates: [chance.p50, chance.p85] } : { chance: NaN, dates: [] }
  }

  /** The floor: what one writes by hand for exactly these four streams of two series, one mark each, one dependency, one blocker. */
  const paces = STREAMS.map((id) => {
    const series = model.streams.get(id)?.series
    return [series?.get('git.lines'), series?.get('tests.passed')].map((one) => ({
      paces: one?.paces ?? new Float64Array(0),
      value: one?.points.at(-1)?.value ?? 0,
    }))
  })
  const otel = model.streams.get('otel')
  const stops = otel?.stops.ok === true ? (otel.stops.until[0] ?? new Float64Array(0)) : new Float64Array(0)
  const start = model.today + 1
  const byHand = (): { readonly chance: number; readonly dates: readonly (string | undefined)[] } => {
    const last = new Int16Array(RUNS)
    const generator = xoroshiro128plus(SEED)
    const uniform = (): number => (generator.next() >>> 0) / 0x1_0000_0000
    const first = new Int16Array(RUNS)
    for (let stream = 0; stream < 4; stream += 1) {
      const [code, tests] = paces[stream] ?? []
      if (!code || !tests) continue
      const [lines, cases, size] = [code.paces, tests.paces, code.paces.length]
      for (let run = 0; run < RUNS; run += 1) {
        let written = code.value
        let passed = tests.value
        const until = stream === 2 ? (stops[Math.floor(uniform() * stops.length)] ?? 0) : 0
        let isNear = false
        let day = start
        for (; day < model.end; day += 1) {
          if (day + 1 <= until) continue
          const share = day >= until ? 1 : day + 1 - until
          const pick = Math.floor(uniform() * size)
          written += (lines[pick] as number) * share
          passed += (cases[pick] as number) * share
          if (stream === 0 && !isNear && (Math.min(1, written / 400) + Math.min(1, passed / 20)) / 2 >= 0.9) {
            isNear = true
            first[run] = day
          }
          if (written >= 400 && passed >= 20) break
        }
        if (stream === 3 && (first[run] as number) > day) day = first[run] as number
        if (day > (last[run] as number)) last[run] = day
      }
    }
    const counts = new Int32Array(model.end + 1)
    let inTime = 0
    for (const day of last) {
      counts[day] = (counts[day] ?? 0) + 1
      if (day <= due) inTime += 1
    }
    const dateOf = (share: number): string | undefined => {
      let sum = 0
      for (let day = 0; day < model.end; day += 1) if ((sum += counts[day] ?? 0) >= share * RUNS) return model.days.date(day)
      return undefined
    }
    return { chance: inTime / RUNS, dates: [dateOf(0.5), dateOf(0.85)] }
  }

  const [mine, floor] = [ours(), byHand()]
  const isSame = Math.abs(mine.chance - floor.chance) < 0.01 && String(mine.dates) === String(floor.dates)
  const [, simulated] = await compareCpu(
    [
      { name: 'by hand', run: byHand },
      { name: 'ours', run: ours },
    ],
    9,
  )
  const began = process.cpuUsage()
  forecast({ program, history, seed: SEED, runs: RUNS })
  const used = process.cpuUsage(began)
  console.log(
    `     ${RUNS} runs of four streams: ${simulated?.milliseconds.toFixed(0)} ms CPU, with bands, options and past ${((used.user + used.system) / 1000).toFixed(0)} ms; ` +
      `${mine.chance.toFixed(3)} by ${mine.dates.join(', ')}${isSame ? '' : `; BY HAND ${floor.chance.toFixed(3)} by ${floor.dates.join(', ')}`}`,
  )
  return [
    report('forecast against a typed-array loop by hand', simulated?.ratio ?? NaN, 1.6, 'at most'),
    isSame,
    await folding(program),
  ].every(Boolean)
}
