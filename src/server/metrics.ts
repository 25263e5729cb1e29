import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { DELIVERY_STATES } from '#core/notify/outbox.ts'
import { SEVERITIES, TROUBLES } from '#core/ledger/events.ts'
import { STATUSES } from '#core/evaluate/model.ts'
import { lastGranted } from '#core/evaluate/waivers.ts'
import { JOB_STATES } from '#core/api/documents.ts'
import { epoch } from '#core/schedule/time.ts'
import type { LiveProgram } from '#server/live-program.ts'
import { deliveriesOf } from '#server/routes/programs.ts'
import type { Jobs } from '#server/jobs.ts'

export interface Metrics {
  readonly registry: Registry
  /** Counted where a request is answered. @param refusal Code of the problem it is answered with. */
  readonly answered: (method: string, status: number, refusal?: string) => void
  /** Seconds that one source of evidence took for one subject. */
  readonly collected: (program: string, source: string, seconds: number) => void
}

/** What Prometheus scrapes: how every program stands, and how the server does. Read from the ledger at each scrape, so that a restart loses nothing of it. */
export function createMetrics(
  lives: ReadonlyMap<string, LiveProgram>,
  jobs: (live: LiveProgram) => Jobs,
  readers: (live: LiveProgram) => number,
  now: () => string,
): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const each = (
    name: string,
    help: string,
    labelNames: readonly string[],
    read: (live: LiveProgram, gauge: Gauge) => void | Promise<void>,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: ['program', ...labelNames],
      registers,
      async collect() {
        this.reset()
        for (const live of lives.values()) await read(live, this)
      },
    })

  each('muster_verdict', 'Newest verdict of each checkpoint: 1 for the verdict that stands', ['checkpoint', 'verdict'], (live, gauge) => {
    for (const { checkpoint, verdict } of live.newestDecisions()) gauge.set({ program: live.id, checkpoint, verdict }, 1)
  })
  each('muster_criteria', 'Criteria of the newest decision of each checkpoint by status', ['checkpoint', 'status'], async (live, gauge) => {
    for (const { checkpoint, criteria } of await live.newestReports())
      for (const status of STATUSES)
        gauge.set({ program: live.id, checkpoint: checkpoint.id, status }, criteria.filter((one) => one.status === status).length)
  })
  each(
    'muster_stream_health',
    'Health of each stream as judged last: 1 for the one that stands',
    ['stream', 'health'],
    async (live, gauge) => {
      for (const { id, health } of (await live.newestReports()).at(-1)?.streams ?? [])
        gauge.set({ program: live.id, stream: id, health }, 1)
    },
  )
  each('muster_blockers_open', 'Open blockers by severity', ['severity'], ({ id, record }, gauge) => {
    const open = record.state.blockers.filter((one) => one.resolvedAt === undefined)
    for (const severity of SEVERITIES) gauge.set({ program: id, severity }, open.filter((one) => one.severity === severity).length)
  })
  each('muster_escalations_open', 'Escalations that have not been cleared', [], ({ id, record }, gauge) => {
    gauge.set({ program: id }, record.escalations.filter((one) => one.clearedAt === undefined).length)
  })
  each('muster_waivers', 'Waivers that were not renewed: in force, or lapsed', ['state'], ({ id, record }, gauge) => {
    const granted = lastGranted(record.state.waivers)
    const lapsed = granted.filter(({ expires }) => expires !== undefined && epoch(expires) <= epoch(now()))
    gauge.set({ program: id, state: 'in-force' }, granted.length - lapsed.length)
    gauge.set({ program: id, state: 'lapsed' }, lapsed.length)
  })
  each('muster_outbox_messages', 'Messages of the outbox by state', ['state'], async (live, gauge) => {
    const counts = await deliveriesOf(live)
    for (const state of DELIVERY_STATES) gauge.set({ program: live.id, state }, counts[state])
  })
  each(
    'muster_troubles',
    'Times that Muster could not do its job, as the ledger has them; missed: it did not run when something was due',
    ['trouble'],
    ({ id, record }, gauge) => {
      for (const trouble of TROUBLES) gauge.set({ program: id, trouble }, record.troubles.get(trouble) ?? 0)
    },
  )
  each(
    'muster_program_file_broken',
    '1 while the program file cannot be used and the program as it was before is in force',
    [],
    ({ id, trouble }, gauge) => {
      gauge.set({ program: id }, trouble === undefined ? 0 : 1)
    },
  )
  each('muster_ledger_records', 'Records of the ledger', [], ({ id, seq }, gauge) => gauge.set({ program: id }, seq))
  each('muster_listeners', 'Readers who follow a program live', [], (live, gauge) => gauge.set({ program: live.id }, readers(live)))
  each('muster_jobs', 'Checks and looks that were asked for by state', ['state'], (live, gauge) => {
    for (const state of JOB_STATES)
      gauge.set(
        { program: live.id, state },
        jobs(live)
          .list()
          .filter((one) => one.state === state).length,
      )
  })

  const requests = new Counter({
    name: 'muster_http_requests_total',
    help: 'Requests by method and status',
    labelNames: ['method', 'status'],
    registers,
  })
  const refusals = new Counter({
    name: 'muster_http_refusals_total',
    help: 'Requests that were refused, by the code of the problem',
    labelNames: ['code'],
    registers,
  })
  const collectors = new Histogram({
    name: 'muster_collector_seconds',
    help: 'How long a source of evidence took for one subject',
    labelNames: ['program', 'source'],
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 1800],
    registers,
  })
  return {
    registry,
    answered(method, status, refusal) {
      requests.inc({ method, status })
      if (refusal !== undefined) refusals.inc({ code: refusal })
    },
    collected: (program, source, seconds) => collectors.observe({ program, source }, seconds),
  }
}
