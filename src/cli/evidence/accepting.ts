import { readIssuerKeys, type KeySet } from '#cli/evidence/id-token.ts'
import { readVerifier } from '#cli/evidence/ledger.ts'
import type { Io } from '#cli/io.ts'
import type { ProgramFile } from '#cli/program-file.ts'
import { openEdges, openLedger } from '#cli/wire.ts'
import { openEnvelope, readingFault, recordId, voucherFault, type Opened, type PublicKey } from '#core/evidence/reported.ts'
import type { NewEvent } from '#core/ledger/events.ts'
import type { Program } from '#core/program/model.ts'
import { terminal } from '#render/encode.ts'
import { sha256 } from '#store/sha256.ts'
import { StoreError, type Store } from '#store/store.ts'

/** An envelope that somebody wants on record, and what to call it. */
export interface Offered {
  readonly name: string
  readonly value: unknown
}

export interface Accepted {
  readonly name: string
  readonly outcome: 'recorded' | 'known' | 'refused'
  /** Number of the record. */
  readonly seq?: number
  readonly reason?: string
}

type Sound = Extract<Opened, { ok: true }>

/**
 * Puts envelopes on record: each by itself, and one that is refused leaves no trace. One that is
 * already there is not written again.
 */
export async function acceptAll(
  io: Io,
  file: ProgramFile & { readonly program: Program },
  offered: readonly Offered[],
): Promise<readonly Accepted[]> {
  const { program, folder } = file
  const opened = offered.map(({ name, value }) => ({ name, opened: openEnvelope(value) }))
  const keys =
    program.ci && opened.some(({ opened: one }) => one.ok && 'idToken' in one.envelope)
      ? await readIssuerKeys(io, program.ci, folder)
      : undefined
  const judged = await withLedger(io, folder, 'read', (store) => judgeAll(io, store, program, opened, keys))
  const fresh = judged.filter((one) => 'sound' in one)
  if (fresh.length === 0) return judged.flatMap((one) => ('sound' in one ? [] : [one]))
  const trees = await treesOf(
    io,
    file,
    fresh.map(({ sound }) => sound.report.commit),
  )
  return withLedger(io, folder, 'write', async (store) => {
    const results: Accepted[] = []
    for (const one of judged) results.push('sound' in one ? await append(io, store, program, one, trees.get(one.sound.report.commit)) : one)
    return results
  })
}

interface ToRecord {
  readonly name: string
  readonly id: string
  readonly sound: Sound
  readonly key?: PublicKey
}
type Judged = Accepted | ToRecord

async function judgeAll(
  io: Io,
  store: Store,
  program: Program,
  offered: readonly { readonly name: string; readonly opened: Opened }[],
  keys: KeySet | undefined,
): Promise<readonly Judged[]> {
  const at = io.now()
  const idTokens = offered.flatMap(({ opened }) =>
    opened.ok && 'idToken' in opened.envelope && keys ? [{ idToken: opened.envelope.idToken, keys }] : [],
  )
  const verifier = await readVerifier(store, program.id, idTokens)
  const judged: Judged[] = []
  for (const { name, opened } of offered) {
    const reason = opened.ok
      ? (voucherFault(opened, program, verifier, at, sha256) ?? readingFault(program, opened.report, sha256))
      : opened.reason
    if (!opened.ok || reason !== undefined) {
      judged.push({ name, outcome: 'refused', reason: reason ?? '' })
      continue
    }
    const id = recordId(opened, program, verifier, at, sha256)
    const checked = 'idToken' in opened.envelope ? verifier.idTokens.get(opened.envelope.idToken) : undefined
    const one = { name, id, sound: opened, ...(checked?.ok === true && { key: checked.key }) }
    judged.push((await known(store, program, one)) ?? one)
  }
  return judged
}

/** What is on record under the same id: the same report, or what its voucher has vouched for before. */
async function known(store: Store, program: Program, { name, id, sound: { report, envelope } }: ToRecord): Promise<Accepted | undefined> {
  const found = await store.find(program.id, id)
  if (!found) return undefined
  const { seq } = found
  const isSame = found.type === 'reported' && found.body.envelope.payload === envelope.payload
  return isSame
    ? { name, outcome: 'known', seq }
    : { name, outcome: 'refused', reason: `its identity token has vouched for another report of ${report.source.id} (record ${seq})` }
}

async function append(io: Io, store: Store, program: Program, one: ToRecord, tree: string | undefined): Promise<Accepted> {
  const { stream, source, commit, facts } = one.sound.report
  const event: NewEvent = {
    id: one.id,
    at: io.now(),
    actor: 'muster',
    type: 'reported',
    body: {
      stream,
      source: source.id,
      commit,
      ...(tree !== undefined && { tree }),
      facts,
      envelope: one.sound.envelope,
      ...(one.key && { key: one.key }),
    },
  }
  try {
    const [sealed] = await store.append(program.id, [event])
    return { name: one.name, outcome: 'recorded', ...(sealed && { seq: sealed.seq }) }
  } catch (error) {
    // Somebody else recorded it a moment ago.
    if (!(error instanceof StoreError) || error.code !== 'id-reused') throw error
    return (await known(store, program, one)) ?? { name: one.name, outcome: 'known' }
  }
}

async function withLedger<T>(io: Io, folder: string, mode: 'read' | 'write', work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openLedger(io, folder, mode)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** The trees of the commits that the repository here holds: CI is not asked for them. */
async function treesOf(io: Io, { program, folder }: { readonly program: Program; readonly folder: string }, commits: readonly string[]) {
  const trees = new Map<string, string>()
  const edges = await openEdges(io, program, folder)
  try {
    await edges.mirror.refresh(io.signal)
    const objects = await edges.mirror.read(commits)
    for (const [index, commit] of commits.entries()) {
      // The first line of a commit object names its tree.
      const tree = /^tree ([0-9a-f]{40,64})\n/.exec(new TextDecoder().decode(objects[index]?.subarray(0, 80)))?.[1]
      if (tree === undefined)
        io.stderr.write(`warning: the repository does not hold commit ${terminal(commit)}; push the branch, or fetch it\n`)
      else trees.set(commit, tree)
    }
  } finally {
    await edges.close()
  }
  return trees
}
