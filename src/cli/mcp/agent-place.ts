import type { Io } from '#cli/io.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { whoIsNamed } from '#cli/record-act.ts'
import { watchFile, type WatchedFile } from '#cli/running/watched-file.ts'
import { servedProgram } from '#cli/serve/served-program.ts'
import { soundly } from '#cli/soundly.ts'
import { hasLedger, openLedger } from '#cli/wire.ts'
import { branchIn } from '#collect/git/linked-worktree.ts'
import { findPerson } from '#core/people/who.ts'
import type { Program } from '#core/program/model.ts'
import { Bearers } from '#server/auth/bearer.ts'
import { Jobs } from '#server/jobs.ts'
import { LiveProgram } from '#server/live-program.ts'
import { ledBy } from '#server/mcp/meant.ts'
import type { Caller } from '#server/mcp/protocol.ts'
import type { Store } from '#store/store.ts'

export interface AgentOptions {
  readonly config?: string | undefined
  readonly as?: string | undefined
  readonly stream?: string | undefined
}

export interface AgentPlace {
  readonly caller: Caller
  close(): Promise<void>
}

interface Opened {
  readonly file: WatchedFile
  readonly live: LiveProgram
  readonly jobs: Jobs
  readonly bearers: Bearers
  readonly ledger: Store
}

/**
 * The program around an agent, as its file and its ledger have it at each call. It is opened when
 * the first tool is called, and again while that fails: what is wrong is told to the agent, which
 * may be the one to put it right.
 */
export function openAgentPlace(io: Io, options: AgentOptions): AgentPlace {
  let opening: Promise<Opened> | undefined
  const opened = (): Promise<Opened> => {
    opening ??= open(io, options).catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }
  const name = whoIsNamed(io, options.as)
  return {
    caller: async () => {
      const { file, ledger, live, jobs, bearers } = await opened()
      await file.look()
      await soundly(ledger, live.id, () => live.refresh())
      const person = name === undefined ? undefined : findPerson(live.program, name)
      if (person && 'ok' in person) return person
      return {
        live,
        jobs,
        server: { ports: { now: io.now }, bearers },
        newId: io.newId,
        caller: `stdio:${io.cwd}:${person?.id ?? ''}`,
        who: { kind: 'person', person: person?.id },
        nameYourself: 'Whoever configures this agent says it: `muster mcp --as PERSON`, or MUSTER_AS.',
        stream: options.stream ?? streamHere(live.program, io.cwd, person?.id),
      }
    },
    async close() {
      const place = await opening?.catch(() => undefined)
      if (!place) return
      await place.jobs.idle()
      await place.ledger.close()
    },
  }
}

async function open(io: Io, { config }: AgentOptions): Promise<Opened> {
  const file = watchFile(io, await loadProgramFile(io, config))
  const ledger = await ledgerWhenNeeded(io, file.folder)
  const live = new LiveProgram(servedProgram(io, { file, ledger, running: new Set(), loop: {}, collected: () => {} }))
  return { file, ledger, live, jobs: new Jobs(live), bearers: new Bearers(new Map([[live.id, live]]), io.now) }
}

/** Whose stream it is: that of the branch that is checked out, else the only one that the person leads. */
function streamHere(program: Program, folder: string, person: string | undefined): string | undefined {
  const branch = branchIn(folder)
  const here = program.streams.filter((one) => one.branch === branch)
  if (here.length === 1) return here[0]?.id
  return ledBy(program, person)
}

/** To look at a program must not leave a ledger behind: there is one from the first record on, of whomever. */
async function ledgerWhenNeeded(io: Io, folder: string): Promise<Store> {
  if (hasLedger(io, folder)) return openLedger(io, folder, 'write')
  const reader = await openLedger(io, folder, 'read')
  let writer: Promise<Store> | undefined
  const current = async (isWrite: boolean): Promise<Store> => {
    if (isWrite || hasLedger(io, folder)) writer ??= openLedger(io, folder, 'write')
    return (await writer) ?? reader
  }
  const known = async <T>(work: (store: Store) => Promise<T>): Promise<T> => work(await current(false))
  const written = async <T>(work: (store: Store) => Promise<T>): Promise<T> => work(await current(true))
  return {
    append: (...given) => written((store) => store.append(...given)),
    adopt: (...given) => written((store) => store.adopt(...given)),
    claim: (...given) => written((store) => store.claim(...given)),
    settle: (...given) => written((store) => store.settle(...given)),
    retry: (...given) => written((store) => store.retry(...given)),
    lease: (...given) => written((store) => store.lease(...given)),
    spend: (...given) => written((store) => store.spend(...given)),
    spent: (...given) => written((store) => store.spent(...given)),
    leased: (...given) => known((store) => store.leased(...given)),
    messages: (...given) => known((store) => store.messages(...given)),
    head: (...given) => known((store) => store.head(...given)),
    last: (...given) => known((store) => store.last(...given)),
    find: (...given) => known((store) => store.find(...given)),
    latest: (...given) => known((store) => store.latest(...given)),
    programs: () => known((store) => store.programs()),
    async *read(...given) {
      yield* (await current(false)).read(...given)
    },
    async close() {
      await reader.close()
      await (await writer)?.close()
    },
  }
}
