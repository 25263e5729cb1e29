import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Address } from '#store/postgres/address.ts'
import { isLostConnection, isPassing, isStarting, storeError } from '#store/postgres/errors.ts'
import { StoreError } from '#store/store.ts'

export type Client = pg.ClientBase

/** The server's clock in milliseconds: the same all through a transaction. */
export const CLOCK = '(floor(extract(epoch FROM now()) * 1000)::bigint)'

/** A way to the database. */
export interface Pool {
  readonly address: Address
  /**
   * Does work on one connection, and again on another one while the server restarts, fails over or
   * lets others go first: the work must come out the same when it is done twice.
   * @throws StoreError
   */
  run<T>(work: (client: Client) => Promise<T>): Promise<T>
  /** Does work once in a transaction: what reads from elsewhere cannot begin again. */
  transaction<T>(work: (client: Client) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface PoolOptions {
  readonly readOnly: boolean
  readonly patienceMilliseconds: number
}

const MOST_CONNECTIONS = 10
const MOST_STATEMENT_MILLISECONDS = 60_000
/** A server that says that it is starting will be there: after a crash it reads its log first. */
const STARTING_MILLISECONDS = 60_000

/**
 * A few connections, made on use. The driver's own pool sets a timer for every use, which costs an
 * append a tenth of its time.
 */
export function openPool(address: Address, { readOnly, patienceMilliseconds }: PoolOptions): Pool {
  const idle: pg.Client[] = []
  const queue: (() => void)[] = []
  let inUse = 0
  let closed = false

  const isFull = (): boolean => inUse >= MOST_CONNECTIONS

  async function connected(): Promise<pg.Client> {
    while (isFull()) await new Promise<void>((resolve) => queue.push(resolve))
    inUse += 1
    const waiting = idle.pop()
    if (waiting) return waiting
    try {
      return await connect()
    } catch (error) {
      giveBack()
      throw error
    }
  }

  function ready(): pg.Client | undefined {
    const client = idle.pop()
    if (client) inUse += 1
    return client
  }

  function giveBack(): void {
    inUse -= 1
    queue.shift()?.()
  }

  async function connect(): Promise<pg.Client> {
    const socket = new Socket()
    const client = new pg.Client({
      stream: () => socket,
      connectionString: address.url,
      application_name: 'muster',
      connectionTimeoutMillis: patienceMilliseconds,
      keepAlive: true,
    })
    // A server that no longer answers; one that does ends the statement itself before that. The driver's
    // own limit sets a timer for every statement.
    socket.setTimeout(MOST_STATEMENT_MILLISECONDS + 10_000, () => {
      if (!idle.includes(client)) socket.destroy(new Error('timeout expired'))
    })
    // Without a listener, a connection that breaks while nobody waits for it would end the process.
    client.on('error', () => {
      const index = idle.indexOf(client)
      if (index >= 0) idle.splice(index, 1)
    })
    try {
      await client.connect()
      await client.query(sessionSettings(readOnly, patienceMilliseconds))
      return client
    } catch (error) {
      // Given up: why it failed is the news, not how it ends.
      void client.end().catch(() => {})
      throw error
    }
  }

  async function once<T>(work: (client: Client) => Promise<T>): Promise<T> {
    if (closed) throw new StoreError('closed', `The store ${address.shown} is closed.`, 'Open it again.')
    const client = ready() ?? (await connected())
    try {
      const result = await work(client)
      release(client, closed)
      return result
    } catch (error) {
      release(client, closed || isLostConnection(error))
      throw error
    }
  }

  function release(client: pg.Client, isOver: boolean): void {
    // Its work has said what came of it; how it ends is no news.
    if (isOver) void client.end().catch(() => {})
    else idle.push(client)
    giveBack()
  }

  async function again<T>(work: (client: Client) => Promise<T>, failed: unknown): Promise<T> {
    const began = performance.now()
    let error = failed
    for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
      const patience = isStarting(error) ? Math.max(patienceMilliseconds, STARTING_MILLISECONDS) : patienceMilliseconds
      if (!isPassing(error) || performance.now() - began >= patience) throw storeError(error, address)
      await sleep(pause * (0.5 + Math.random()))
      try {
        return await once(work)
      } catch (next) {
        error = next
      }
    }
  }

  const run = <T>(work: (client: Client) => Promise<T>): Promise<T> => once(work).catch((error: unknown) => again(work, error))

  return {
    address,
    run,
    async transaction(work) {
      try {
        return await once((client) => inTransaction(client, () => work(client)))
      } catch (error) {
        throw storeError(error, address)
      }
    },
    async close() {
      closed = true
      await Promise.all(idle.splice(0).map((client) => client.end()))
    },
  }
}

/** Commits what the work gives back, or rolls back what it throws. */
export async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN')
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    // A connection that is gone rolls back by itself.
    if (!isLostConnection(error)) await client.query('ROLLBACK')
    throw error
  }
}

/**
 * A process that hangs within a transaction must not keep the others from appending for ever, and a
 * server that acknowledges before its disk does is told to wait. Everything is found by an index: a
 * plan that was kept from when the tables were small must not scan them once they are large.
 */
const sessionSettings = (readOnly: boolean, patience: number): string => `SELECT
  set_config('lock_timeout', '${patience}', false),
  set_config('statement_timeout', '${MOST_STATEMENT_MILLISECONDS}', false),
  set_config('idle_in_transaction_session_timeout', '${MOST_STATEMENT_MILLISECONDS}', false),
  set_config('enable_seqscan', 'off', false),
  set_config('enable_sort', 'off', false),
  set_config('plan_cache_mode', 'force_generic_plan', false),
  set_config('default_transaction_isolation', 'read committed', false),
  set_config('default_transaction_read_only', '${readOnly ? 'on' : 'off'}', false),
  set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)`
