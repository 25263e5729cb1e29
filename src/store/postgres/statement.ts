import type pg from 'pg'
import type { Client } from '#store/postgres/pool.ts'

/** A statement that gives no rows, and its values as the server reads them. */
export interface Statement {
  readonly name: string
  readonly text: string
  readonly values: readonly string[]
}

const prepared = new WeakMap<Client, Set<string>>()

/**
 * Runs a statement and says how many rows it wrote, once that is durable. From its second time on a
 * connection it goes without what the driver's own query adds, which asks each time what columns come
 * back: that is a twentieth of what an append takes.
 */
export async function execute(client: Client, { name, text, values }: Statement): Promise<number> {
  const names = prepared.get(client)
  if (names?.has(name)) return new Execution(client, name, values).written
  const { rowCount } = await client.query({ name, text, values: [...values] })
  if (names) names.add(name)
  else prepared.set(client, new Set([name]))
  return rowCount ?? 0
}

/** What the driver asks of a query (https://node-postgres.com/apis/client). */
class Execution implements pg.Submittable {
  readonly written: Promise<number>
  readonly #name: string
  readonly #values: readonly string[]
  #settle: { readonly resolve: (rows: number) => void; readonly reject: (error: Error) => void } | undefined
  #rows = 0

  constructor(client: Client, name: string, values: readonly string[]) {
    this.#name = name
    this.#values = values
    this.written = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    client.query(this)
  }

  submit(connection: pg.Connection): void {
    connection.stream.cork()
    connection.bind({ statement: this.#name, values: [...this.#values] }, true)
    connection.execute(null, true)
    connection.sync()
    connection.stream.uncork()
  }

  /** As "INSERT 0 1". The transaction is not committed yet. */
  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#rows = Number(text.slice(text.lastIndexOf(' ') + 1))
  }

  handleError(error: Error): void {
    this.#settle?.reject(error)
  }

  handleReadyForQuery(): void {
    this.#settle?.resolve(this.#rows)
  }
}
