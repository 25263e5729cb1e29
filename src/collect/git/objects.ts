import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { RepositoryError } from '#core/evidence/collector.ts'
import { startError } from './process.ts'

interface StoredObject {
  readonly type: string
  readonly content: Uint8Array
}

/** Holds one `git cat-file --batch`, started with the first question. */
export interface ObjectReader {
  /** Undefined where the object is not there. */
  read(oids: readonly string[]): Promise<readonly (StoredObject | undefined)[]>
  close(): Promise<void>
}

const LARGEST = 256 * 1024 * 1024

interface Question {
  readonly oid: string
  readonly resolve: (answer: StoredObject | undefined) => void
  readonly reject: (error: Error) => void
}

export const objectReader = (environment: Record<string, string>, folder: string): ObjectReader => {
  let running: Session | undefined
  return {
    async read(oids) {
      for (const oid of oids) if (!isObjectId(oid)) throw new RepositoryError('Objects are named by their full ids.')
      if (running === undefined || running.ended) running = new Session(environment, folder)
      const session = running
      return Promise.all(oids.map((oid) => session.ask(oid)))
    },
    async close() {
      await running?.close()
      running = undefined
    },
  }
}

export const isObjectId = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)

/** One process; answers come in the order of the questions. */
class Session {
  ended = false
  readonly #child: ChildProcessWithoutNullStreams
  readonly #questions: Question[] = []
  readonly #closed: Promise<void>
  #next = 0
  #unread: Buffer[] = []
  #unreadBytes = 0
  #head: { readonly type: string; readonly size: number } | undefined
  /** Bytes still to come, with the line break after them, of an object too large to keep. */
  #tooLarge = 0

  constructor(environment: Record<string, string>, folder: string) {
    this.#child = spawn('git', ['cat-file', '--batch'], { cwd: folder, env: environment, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stdout.on('data', (piece: Buffer) => this.#take(piece))
    this.#child.stderr.resume()
    // A process that died is told by `close`; writing to it is no second error.
    this.#child.stdin.on('error', () => undefined)
    this.#closed = new Promise((resolve) => {
      this.#child.on('error', (error) => this.#end(startError(error, folder), resolve))
      this.#child.on('close', () =>
        this.#end(new RepositoryError('git stopped while reading an object: the repository may be damaged.'), resolve),
      )
    })
  }

  ask(oid: string): Promise<StoredObject | undefined> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(new RepositoryError('git stopped while reading an object: the repository may be damaged.'))
      this.#questions.push({ oid, resolve, reject })
      this.#child.stdin.write(`${oid}\n`)
    })
  }

  close(): Promise<void> {
    this.#child.stdin.end()
    return this.#closed
  }

  #end(error: Error, done: () => void): void {
    this.ended = true
    for (const question of this.#questions.slice(this.#next)) question.reject(error)
    this.#questions.length = 0
    this.#next = 0
    done()
  }

  #take(piece: Buffer): void {
    this.#unread.push(piece)
    this.#unreadBytes += piece.length
    for (;;) {
      if (this.#tooLarge > 0 && !this.#skip()) return
      if (this.#head === undefined && !this.#takeHead()) return
      if (this.#head !== undefined && !this.#takeContent(this.#head)) return
    }
  }

  /** Joining at every piece would make a large object cost its square. */
  #joined(): Buffer {
    if (this.#unread.length > 1) this.#unread = [Buffer.concat(this.#unread)]
    return this.#unread[0] ?? Buffer.alloc(0)
  }

  #drop(bytes: number): void {
    const rest = this.#joined().subarray(bytes)
    this.#unread = rest.length === 0 ? [] : [rest]
    this.#unreadBytes = rest.length
  }

  #takeHead(): boolean {
    const bytes = this.#joined()
    const end = bytes.indexOf(0x0a)
    if (end === -1) return false
    const [, type = '', size] = bytes.subarray(0, end).toString('latin1').split(' ')
    this.#drop(end + 1)
    if (size === undefined) this.#answer(undefined)
    else if (Number(size) > LARGEST) this.#tooLarge = Number(size) + 1
    else this.#head = { type, size: Number(size) }
    return true
  }

  #takeContent(head: { readonly type: string; readonly size: number }): boolean {
    if (this.#unreadBytes < head.size + 1) return false
    const content = Buffer.from(this.#joined().subarray(0, head.size))
    this.#drop(head.size + 1)
    this.#head = undefined
    this.#answer({ type: head.type, content })
    return true
  }

  #skip(): boolean {
    const here = Math.min(this.#unreadBytes, this.#tooLarge)
    this.#drop(here)
    this.#tooLarge -= here
    if (this.#tooLarge > 0) return false
    this.#answer(
      new RepositoryError(`Object ${this.#questions[this.#next]?.oid ?? ''} is larger than 256 MiB, which is more than Muster reads.`),
    )
    return true
  }

  #answer(answer: StoredObject | Error | undefined): void {
    const question = this.#questions[this.#next++]
    if (answer instanceof Error) question?.reject(answer)
    else question?.resolve(answer)
    if (this.#next < 1024 && this.#next < this.#questions.length) return
    this.#questions.splice(0, this.#next)
    this.#next = 0
  }
}
