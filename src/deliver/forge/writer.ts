/** What is written at a forge. Every method throws `Refused`. */
export interface ForgeWriter {
  /** Number of the open pull request of a branch into another. */
  pull(branch: string, target: string): Promise<number | undefined>
  /** Ids of the comments that begin with a marker, oldest first. */
  comments(pull: number, marker: string): Promise<readonly string[]>
  /** False where there is no such comment, or it is somebody else's. */
  edit(pull: number, id: string, body: string): Promise<boolean>
  /** Id of the new comment. */
  comment(pull: number, body: string): Promise<string>
  verdict(commit: string, verdict: Verdict): Promise<void>
}

export interface Verdict {
  readonly name: string
  /** `neutral`: it cannot be said; never green. */
  readonly state: 'success' | 'failure' | 'neutral'
  readonly title: string
  readonly summary: string
}
