/** Why the forge does not tell; becomes evidence of that status. */
export class ForgeError extends Error {
  override readonly name = 'ForgeError'
  readonly status: 'missing' | 'errored'

  constructor(message: string, status: 'missing' | 'errored' = 'errored') {
    super(message)
    this.status = status
  }
}
