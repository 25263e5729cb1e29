import { epoch } from '#core/schedule/time.ts'

const KIND = 'push'
/** By then a look of its own has come, or nobody was there. */
const KEPT_SECONDS = 3600

interface Heard {
  spend(program: string, kind: string, id: string, seconds: number): Promise<boolean>
  spent(program: string, kind: string): Promise<readonly string[]>
}

/** Leaves word for whoever runs the program that a forge told of a push at this instant. */
export const notePush = (ledger: Pick<Heard, 'spend'>, program: string, at: string): Promise<boolean> =>
  ledger.spend(program, KIND, at, KEPT_SECONDS)

/** When the last one was told of. */
export async function lastPush(ledger: Pick<Heard, 'spent'>, program: string): Promise<string | undefined> {
  const instants = await ledger.spent(program, KIND)
  return instants.toSorted((a, b) => epoch(a) - epoch(b)).at(-1)
}
