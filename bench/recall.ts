import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judgeCheck } from '#core/check.ts'
import type { EventBody, LedgerEvent, NewEvent } from '#core/ledger/events.ts'
import { recordEvents } from '#core/ledger/record.ts'
import { EMPTY_STATE } from '#core/ledger/state.ts'
import { recall } from '#engine/recall.ts'
import { sha256 } from '#store/sha256.ts'
import { openSqlite } from '#store/sqlite.ts'
import type { ReadOptions, Store } from '#store/store.ts'
import { generate } from './evaluate.ts'
import { compareCpu, report } from './measure.ts'

const [STREAMS, CRITERIA] = [20, 20]
const CHECKS = 2000
const AT = '2026-02-25T15:00:00Z'

/** A ledger of that many checks: before each somebody says something, and two timers fire. */
async function ledgerOf(file: string, checks: number): Promise<Store> {
  const store = await openSqlite(file)
  const { program, checkpoint, snapshot } = generate(STREAMS, CRITERIA)
  const checked = judgeCheck({ program, checkpoint, snapshot, ledger: EMPTY_STATE, at: AT })
  let number = 0
  const id = (): string => `e${(number += 1)}`
  const event = (body: EventBody): NewEvent => ({ id: id(), at: AT, actor: 'muster', ...body })
  const about = { program, snapshot, clock: AT, at: AT, version: 'bench', state: EMPTY_STATE, ledgerBefore: 1, actor: 'muster' }
  const [plan, evidence, decision] = recordEvents({ ...checked, ...about, ids: id, hash: sha256 })
  if (!plan || evidence?.type !== 'evidence' || decision?.type !== 'decision') throw new TypeError('a check records three events')
  await store.append('p', [plan])
  for (let check = 0; check < checks; check += 1) {
    const fired = (part: number) => event({ type: 'fired', body: { timer: `watch@${check}.${part}`, kind: 'watch', due: AT } })
    const said = event({ type: 'check-in', body: { stream: 's0', done: [], next: [], risks: [], claims: {} } })
    const inputs = { ...decision.body.inputs, ledgerBefore: check * 5 + 5 }
    const recorded = [evidence, { ...decision, body: { ...decision.body, inputs } }].map(({ type, body }) =>
      event({ type, body } as EventBody),
    )
    await store.append('p', [fired(1), said, fired(2), ...recorded])
  }
  return store
}

/** What the report of a past decision costs in a long ledger. */
export async function bench(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  const store = await ledgerOf(join(folder, 'muster.db'), CHECKS)
  try {
    const [middle] = await all(store, { types: ['decision'], after: (CHECKS / 2) * 5, limit: 1 })
    if (middle?.type !== 'decision') throw new TypeError('the ledger holds it')
    const [, ours] = await compareCpu(
      [
        { name: 'read up to it', run: () => all(store, { limit: middle.seq }) },
        {
          name: 'recalled and judged',
          async run() {
            const input = await recall(store, 'p', middle)
            if (!input) throw new TypeError('the ledger holds it')
            return judgeCheck(input)
          },
        },
      ],
      9,
    )
    console.log(`     the report of a decision amid ${CHECKS} checks: ${ours?.milliseconds.toFixed(0)} ms CPU`)
    return report(`report of a decision amid ${CHECKS} checks, against reading the record up to it`, ours?.ratio ?? NaN, 0.1, 'at most')
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

async function all(store: Store, options: ReadOptions): Promise<readonly LedgerEvent[]> {
  const events: LedgerEvent[] = []
  for await (const event of store.read('p', options)) events.push(event)
  return events
}
