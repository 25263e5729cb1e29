import { spawnSync } from 'node:child_process'
import { randomUUIDv7 } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { rolldown } from 'rolldown'
import { median, report } from './measure.ts'
import { findPostgres, startPostgres } from '../test/contract/postgres-server.ts'
import type { NewEvent } from '#core/ledger/events.ts'
import { folding } from '#core/ledger/state.ts'
import { MIGRATIONS } from '#store/migrations/index.ts'
import { openPostgres } from '#store/postgres.ts'
import { openSqlite } from '#store/sqlite.ts'
import type { Store } from '#store/store.ts'

/**
 * What the store costs over its engine: the same rows into the same tables by the engine's own
 * insert, each durable by itself, in turn with ours. Wall time, because waiting for the disk is
 * most of it; a round is short, so that both meet the same disk.
 */
const ROUNDS = 15
const WARM = 4000
const BODY = {
  stream: 'parser',
  done: ['reads nested lists', 'tests for what is malformed'],
  next: ['numbers'],
  risks: [],
  claims: { 'tests.passed': 12, 'git.lines.code': 412 },
}
const BODY_TEXT = JSON.stringify(BODY)
const AT = '2026-02-25T16:00:00Z'
const HASH = 'a'.repeat(64)
const event = (): NewEvent => ({ id: randomUUIDv7(), at: AT, actor: 'lead-a', type: 'check-in', body: BODY })

/** Events a second. */
async function rate(count: number, work: () => Promise<unknown> | void): Promise<number> {
  const began = performance.now()
  await work()
  return (count / (performance.now() - began)) * 1000
}

async function sequentially(count: number, append: () => unknown): Promise<void> {
  for (let i = 0; i < count; i += 1) await append()
}

async function inFlight(width: number, count: number, append: (lane: number) => Promise<unknown>): Promise<void> {
  let left = count
  await Promise.all(
    Array.from({ length: width }, async (_, lane) => {
      while (left-- > 0) await append(lane)
    }),
  )
}

/** Medians over the rounds of each contestant's rate against the first one's of the same round. */
async function compare(
  contestants: readonly (() => Promise<number>)[],
  most = ROUNDS,
): Promise<{ readonly ratios: readonly number[]; readonly base: number }> {
  const rounds: number[][] = []
  for (let round = -4; round < most; round += 1) {
    const rates: number[] = []
    for (const contestant of contestants) rates.push(await contestant())
    if (round >= 0) rounds.push(rates)
  }
  const base = median(rounds.map(([first]) => first ?? NaN))
  return { base, ratios: contestants.map((_, index) => median(rounds.map((rates) => (rates[index] ?? NaN) / (rates[0] ?? NaN)))) }
}

const INSERT = 'INSERT INTO ledger (program, seq, id, type, at, actor, previous, hash, schema, body) VALUES'

async function sqliteAppends(folder: string): Promise<boolean> {
  const raw = new DatabaseSync(join(folder, 'raw.sqlite'))
  raw.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  for (const statement of MIGRATIONS.flatMap((one) => one.statements)) raw.exec(statement)
  const insert = raw.prepare(`${INSERT} (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  let seq = 0
  const store = await openSqlite(join(folder, 'ours.sqlite'))
  const few = 60
  const many = 2000
  const { ratios, base } = await compare([
    () =>
      rate(few, () =>
        sequentially(few, () => insert.run('p', (seq += 1), randomUUIDv7(), 'check-in', AT, 'lead-a', HASH, HASH, '1', BODY_TEXT)),
      ),
    () => rate(few, () => sequentially(few, () => store.append('p', [event()]))),
    () => rate(many, () => inFlight(100, many, () => store.append('p', [event()]))),
  ])
  await store.close()
  raw.close()
  console.log(`     SQLite: ${base.toFixed(0)} raw durable inserts a second`)
  return [
    report('SQLite: append one after the other against raw inserts', ratios[1] ?? NaN, 0.65, 'at least'),
    report('SQLite: append with 100 in flight against raw inserts', ratios[2] ?? NaN, 12, 'at least'),
  ].every(Boolean)
}

const EVENTS = Number(process.env['MUSTER_BENCH_EVENTS'] ?? 1_000_000)
const SLICE = Math.min(20_000, EVENTS / ROUNDS)

/** A ledger of check-ins and blockers as weeks leave it, made by the engine itself: the seals do not matter here. */
function fillLedger(file: string): void {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN')
  for (const statement of MIGRATIONS.flatMap((one) => one.statements)) database.exec(statement)
  database.exec(`
    CREATE TABLE muster_schema (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL);
    ${MIGRATIONS.map(({ version, name }) => `INSERT INTO muster_schema VALUES (${version}, '${name}');`).join('\n')}
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${EVENTS})
    INSERT INTO ledger SELECT 'p', i, printf('%036d', i),
      CASE i % 10 WHEN 0 THEN 'blocker-opened' WHEN 1 THEN 'blocker-acknowledged' ELSE 'check-in' END,
      '${AT}', 'lead-a', '${HASH}', '${HASH}', '1',
      CASE i % 10
        WHEN 0 THEN json_object('blocker', 'b-' || (i % 5000), 'stream', 'parser', 'title', 'the disk is full', 'severity', 'high', 'impact', 'no progress', 'owner', 'lead-a', 'deadline', '${AT}')
        WHEN 1 THEN json_object('blocker', 'b-' || (i % 5000 - 1), 'until', '${AT}')
        ELSE json_set('${BODY_TEXT}', '$.stream', 's-' || (i % 40)) END
      FROM n;
    INSERT INTO heads VALUES ('p', ${EVENTS}, '${HASH}');
    COMMIT`)
  database.close()
}

async function sqliteFold(folder: string): Promise<boolean> {
  const file = join(folder, 'long.sqlite')
  fillLedger(file)
  const raw = new DatabaseSync(file, { readOnly: true })
  const select = raw.prepare('SELECT * FROM ledger WHERE program = ? AND seq > ? AND seq <= ? ORDER BY seq')
  const store = await openSqlite(file, { readOnly: true })
  let from = 0
  const fold = folding()
  const { ratios, base } = await compare([
    () =>
      rate(SLICE, () => {
        from = (from + SLICE) % (EVENTS - SLICE + 1)
        for (const row of select.iterate('p', from, from + SLICE)) JSON.parse(String(row['body']))
      }),
    () =>
      rate(SLICE, async () => {
        for await (const one of store.read('p', { after: from, limit: SLICE })) fold.take(one)
      }),
  ])
  await store.close()
  raw.close()
  const script = await bundled(folder, join(import.meta.dirname, 'ledger-fold.ts'))
  const whole = (how: string): { peak: number; seconds: number; events: number } =>
    JSON.parse(nodeRun([script, file, how])) as { peak: number; seconds: number; events: number }
  const bare = Number(nodeRun(['-p', 'process.resourceUsage().maxRSS']))
  const ours = whole('ours')
  const peak = (ours.peak - bare) / 1024
  console.log(
    `     ${base.toFixed(0)} events a second by raw iterate and JSON.parse; all ${ours.events} folded in ${ours.seconds.toFixed(1)} s, raw ${whole('raw').seconds.toFixed(1)} s`,
  )
  return [
    report('SQLite: fold of a long ledger against raw iterate and JSON.parse', ratios[1] ?? NaN, 0.5, 'at least'),
    figure(`SQLite: peak memory of the fold of ${EVENTS} events above bare Node`, peak, 120, 'MB'),
  ].every(Boolean)
}

/** As `report`, for what is no ratio. */
function figure(what: string, measured: number, goal: number, unit: string): boolean {
  console.log(`${measured <= goal ? 'ok  ' : 'MISS'} ${what}: ${measured.toFixed(1)} ${unit} (goal: at most ${goal} ${unit})`)
  return measured <= goal
}

function nodeRun(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

/** One file of JavaScript, as users run it. */
async function bundled(folder: string, entry: string): Promise<string> {
  const file = join(folder, `${basename(entry, '.ts')}.mjs`)
  const bundle = await rolldown({
    input: entry,
    platform: 'node',
    resolve: { conditionNames: ['source', 'node', 'import', 'default'] },
    logLevel: 'silent',
  })
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  return file
}

/** Prints, at the end of a process, the milliseconds of CPU that all of it took. */
const SAY_CPU =
  'data:text/javascript,process.on("exit",()=>{const{user,system}=process.cpuUsage();process.stdout.write("cpu"+(user+system)/1000)})'

/** Whole processes that open a store and read its head, against a Node that does nothing: CPU time, because there is no disk to wait for. */
async function sqliteOpen(folder: string): Promise<boolean> {
  const file = join(folder, 'ours.sqlite')
  const script = await bundled(folder, join(import.meta.dirname, 'ledger-open.ts'))
  const bare = join(folder, 'bare.mjs')
  writeFileSync(bare, '')
  const cpu = (...args: readonly string[]): number => Number(/cpu([\d.]+)$/.exec(nodeRun(['--import', SAY_CPU, ...args]))?.[1])
  const rounds = Array.from({ length: ROUNDS * 2 + 1 }, () => cpu(script, file) - cpu(bare)).slice(1)
  return figure('SQLite: opening a store over bare Node', median(rounds), 15, 'ms')
}

async function postgresAppends(): Promise<boolean> {
  if (findPostgres() === undefined) {
    console.log('     PostgreSQL: skipped, no server is installed (apt-get install postgresql)')
    return true
  }
  const server = await startPostgres({ max_connections: '50' }, tmpdir())
  const programs = 8
  const clients: pg.Client[] = []
  const stores: Store[] = []
  try {
    const url = await server.database()
    const store = await openPostgres(url)
    stores.push(store)
    await server.query(url, 'CREATE TABLE muster.raw (LIKE muster.ledger INCLUDING ALL)')
    for (let i = 0; i < programs; i += 1) {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      clients.push(client)
      await store.append(`p${i}`, [event()])
    }
    const text = `${INSERT.replace('ledger', 'muster.raw')} ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
    let seq = 0
    const insert = (index: number) =>
      clients[index]?.query({
        name: 'raw',
        text,
        values: [`p${index}`, (seq += 1), randomUUIDv7(), 'check-in', AT, 'lead-a', HASH, HASH, '1', BODY_TEXT],
      }) ?? Promise.reject(new Error('no such client'))
    const few = 40
    const many = 600
    // The engine compiles what runs often: a server that was just started is not what is measured.
    await sequentially(WARM, () => insert(0))
    await sequentially(WARM, () => store.append('p0', [event()]))
    const alone = await compare(
      [
        () => rate(few, () => sequentially(few, () => insert(0))),
        () => rate(few, () => sequentially(few, () => store.append('p0', [event()]))),
      ],
      8 * ROUNDS,
    )
    const flight = await compare([
      () => rate(few, () => sequentially(few, () => insert(0))),
      () => rate(many, () => inFlight(100, many, () => store.append('p0', [event()]))),
    ])
    const together = await compare([
      () => rate(many, () => inFlight(programs, many, insert)),
      () => rate(many, () => inFlight(programs, many, (index) => store.append(`p${index}`, [event()]))),
    ])
    console.log(
      `     PostgreSQL: ${alone.base.toFixed(0)} raw durable inserts a second, ${together.base.toFixed(0)} on ${programs} connections; 100 appends in flight ${(flight.ratios[1] ?? NaN).toFixed(1)}x`,
    )
    return [
      report('PostgreSQL: append one after the other against raw inserts', alone.ratios[1] ?? NaN, 0.8, 'at least'),
      report(
        `PostgreSQL: ${programs} programs at once against raw inserts on ${programs} connections`,
        together.ratios[1] ?? NaN,
        0.6,
        'at least',
      ),
    ].every(Boolean)
  } finally {
    for (const client of clients) await client.end()
    for (const store of stores) await store.close()
    await server.remove()
  }
}

export async function bench(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  try {
    const reached = [await sqliteAppends(folder), await sqliteOpen(folder), await sqliteFold(folder), await postgresAppends()]
    return reached.every(Boolean)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
