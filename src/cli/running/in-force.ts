import type { Program } from '#core/program/model.ts'
import type { Store } from '#store/store.ts'

/** The program that was run last, from the record: whoever looks once has not seen its file before an edit. */
export async function programInForce(ledger: Store, id: string): Promise<Program | undefined> {
  let program: Program | undefined
  for await (const event of ledger.read(id, { types: ['program'] }))
    if (event.type === 'program' && event.body.inForce) ({ program } = event.body)
  return program
}
