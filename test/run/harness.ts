import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { verifyStream } from '#core/ledger/chain.ts'
import type { LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { openSqlite } from '#store/sqlite.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')

export const PROGRAM = 'demo'

/** Nothing in it is due but what the blockers bring: an opening and a deadline each. */
const FILE = `program: ${PROGRAM}
name: Demo
calendar: { zone: UTC }
people:
  boss: { name: Boss, roles: [phase-lead] }
  lead: { name: Lead }
sources:
  git: { collect: git }
streams:
  a: { name: A, lead: lead, branch: feature/a }
checkpoints:
  end:
    name: End
    at: 2099-01-07 16:00
    criteria:
      there: { title: The branch is there, metric: git.exists, equals: true }
channels:
  log: { send: file, to: log.jsonl }
`

/** A folder with a program, in which `muster run` is started, killed and looked at. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'muster-run-'))
  readonly #environment: Readonly<Record<string, string>>
  readonly #open: () => Promise<Store>
  #opened = 0

  constructor(url?: string, more: { readonly channels?: string; readonly environment?: Readonly<Record<string, string>> } = {}) {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 }))
    writeFileSync(join(this.folder, 'muster.yaml'), `${FILE}${more.channels ?? ''}`)
    this.#environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.folder,
      ...(url !== undefined && { MUSTER_STORE: url }),
      ...more.environment,
    }
    this.#open =
      url === undefined
        ? () => openSqlite(join(this.folder, '.muster', 'ledger.sqlite'))
        : async () => (await import('#store/postgres.ts')).openPostgres(url)
  }

  /** A process of `muster run`. */
  start(): ChildProcess & { readonly said: () => string } {
    const child = spawn(process.execPath, ['-C', 'source', MAIN, 'run'], {
      cwd: this.folder,
      env: this.#environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    return Object.assign(child, { said: () => said })
  }

  async withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await this.#open()
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }

  /** Opens blockers whose deadlines come one after another from now on. */
  openBlockers(count: number, spreadMilliseconds: number): Promise<void> {
    return this.withStore(async (store) => {
      const now = Date.now()
      const events = Array.from({ length: count }, (_, index): NewEvent => {
        const blocker = `b-${(this.#opened += 1)}`
        const deadline = new Date(now + 1000 + (index * spreadMilliseconds) / count).toISOString()
        return {
          id: blocker,
          at: new Date(now).toISOString(),
          actor: 'lead',
          type: 'blocker-opened',
          body: { blocker, stream: 'a', title: 'In the way', severity: 'low', impact: 'It waits', owner: 'lead', deadline },
        }
      })
      await store.append(PROGRAM, events)
    })
  }

  /** Keys of the lines in the file of the channel, in their order. */
  arrived(): string[] {
    const file = join(this.folder, 'log.jsonl')
    if (!existsSync(file)) return []
    const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1)
    return whole.flatMap((line) => {
      try {
        return [(JSON.parse(line) as { readonly key: string }).key]
      } catch {
        // The line that a kill cut off: its message comes again, whole.
        return []
      }
    })
  }

  /** What was promised and does not hold: nothing lost, nothing doubled. */
  wrongs(): Promise<string[]> {
    return this.withStore(async (store) => {
      const events: LedgerEvent[] = []
      for await (const event of store.read(PROGRAM)) events.push(event)
      const messages = await store.messages(PROGRAM)
      const arrived = this.arrived()
      const counts = Map.groupBy(arrived, (key) => key)
      const delivered = events.flatMap((one) => (one.type === 'delivery' && one.body.state === 'delivered' ? [one.body.message] : []))
      const fired = new Map(events.flatMap((one) => (one.type === 'fired' ? [[one.body.timer, one] as const] : [])))
      const expected = Array.from({ length: this.#opened }, (_, index) => `b-${index + 1}`)
      const sound = await verifyStream(store.read(PROGRAM), sha256)
      return [
        ...(sound.ok ? [] : [sound.reason]),
        ...[...counts].filter(([, all]) => all.length > 1).map(([key, all]) => `${key} arrived ${all.length} times`),
        ...messages.filter((one) => one.state !== 'delivered').map((one) => `${one.key} is ${one.state}: ${one.reason ?? ''}`),
        ...messages.filter((one) => !counts.has(one.key)).map((one) => `${one.key} has not arrived`),
        ...(delivered.length === new Set(delivered).size ? [] : ['a delivery is on record twice']),
        ...expected.flatMap((id) =>
          ['opened', 'deadline'].flatMap((stage) => {
            const timers = [...fired.keys()].filter((key) => key.startsWith(`blocker:${id}/${stage}@`))
            return timers.length === 1 ? [] : [`${id}/${stage} fired ${timers.length} times`]
          }),
        ),
        ...[...fired.values()].filter((one) => Date.parse(one.at) < Date.parse(one.body.due)).map((one) => `${one.body.timer} fired early`),
      ]
    })
  }

  /** Until everything is done and nothing waits. */
  async isQuiet(): Promise<boolean> {
    return this.withStore(async (store) => {
      const waiting = await store.messages(PROGRAM, { states: ['pending', 'sending'], limit: 1 })
      if (waiting.length > 0) return false
      let fired = 0
      for await (const event of store.read(PROGRAM, { types: ['fired'] }))
        if (event.type === 'fired' && event.body.kind === 'blocker') fired += 1
      return fired >= 2 * this.#opened
    })
  }
}

/** Chance from a seed: mulberry32. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => void child.once('exit', () => resolve()))
