export const FORGES = ['github', 'gitlab'] as const
export type ForgeName = (typeof FORGES)[number]

/** What of a source's options says which forge is called, and as whom. */
export interface ForgeAccess {
  readonly forge?: ForgeName | undefined
  readonly project?: string | undefined
  readonly url?: string | undefined
  /** Name of the environment variable that holds the token. */
  readonly token?: string | undefined
  readonly app?:
    | { readonly id: string | number; readonly installation?: string | number | undefined; readonly key?: string | undefined }
    | undefined
}
