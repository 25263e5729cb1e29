import { StoreError } from '#store/store.ts'

/** What a refusal was: the test fails when there is none, or when it is no `StoreError`. */
export async function refusal(work: Promise<unknown>): Promise<StoreError> {
  const outcome: unknown = await work.then(
    () => 'it was not refused',
    (error: unknown) => error,
  )
  if (outcome instanceof StoreError) return outcome
  throw new Error('expected a StoreError', { cause: outcome })
}
