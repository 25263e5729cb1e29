import type { PullFilter, PullRequest } from './model.ts'
import { onForge, type Asked, type Outcome } from './open.ts'

export interface OpenPulls {
  /** Address of the project. */
  readonly web: string
  /** By number. */
  readonly pulls: readonly PullRequest[]
}

/** Open pull requests with that label and in that milestone; upper and lower case do not matter. */
export const openPulls = (asked: Asked, filter: PullFilter): Promise<Outcome<OpenPulls>> =>
  onForge(asked, async ({ forge, client, place }) => {
    const open = await forge.open(client.open(), filter)
    const pulls = open.filter((pull) => isWanted(pull, filter)).toSorted((a, b) => a.number - b.number)
    return { web: `${place.web}/${place.project}`, pulls }
  })

function isWanted({ state, labels, milestone }: PullRequest, wanted: PullFilter): boolean {
  const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
  const { label } = wanted
  return (
    state === 'open' &&
    (label === undefined || labels.some((one) => isSame(one, label))) &&
    (wanted.milestone === undefined || (milestone !== undefined && isSame(milestone, wanted.milestone)))
  )
}
