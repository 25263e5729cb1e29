import { verifyStream } from '#core/ledger/chain.ts'
import { sha256 } from '#store/sha256.ts'
import type { Store } from '#store/store.ts'
import { keysOf, toldId } from './work.ts'

/**
 * What is wrong with a program's ledger and outbox after a crash, in words: the chain must hold,
 * everything acknowledged be there, and every event have its messages, no more and no fewer.
 */
export async function wrongs(store: Store, program: string, acknowledged: readonly string[]): Promise<readonly string[]> {
  const head = await store.head(program)
  const verified = await verifyStream(store.read(program), sha256, { program, heads: head ? [head] : [] })
  if (!verified.ok) return [verified.reason]
  const ids = new Set<string>()
  for await (const { id } of store.read(program)) ids.add(id)
  const messages = new Map((await store.messages(program)).map((message) => [message.key, message]))
  const expected = new Set([...ids].flatMap(keysOf))
  return [
    ...acknowledged.filter((id) => !ids.has(id)).map((id) => `${id} was acknowledged and is not there`),
    ...[...expected].filter((key) => !messages.has(key)).map((key) => `the message ${key} is not there, but its event is`),
    ...[...messages.keys()].filter((key) => !expected.has(key)).map((key) => `the message ${key} is there, but its event is not`),
    ...[...messages.values()]
      .filter(({ key, state }) => (state === 'delivered') !== ids.has(toldId(key)))
      .map(({ key, state }) => `the message ${key} is ${state}, but the ledger says otherwise`),
  ]
}
