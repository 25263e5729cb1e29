import { StoreError } from '#store/store.ts'

/** Where a PostgreSQL store lies. */
export interface Address {
  /** With its password: for the driver alone, never to be printed. */
  readonly url: string
  /** Host, port and database. */
  readonly shown: string
  /** The message without what is secret in the address. */
  readonly scrub: (message: string) => string
}

/** @throws StoreError `inaccessible` when the text is no such URL; the text itself is in no message. */
export function parseAddress(url: string): Address {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !['postgres:', 'postgresql:'].includes(parsed.protocol) || parsed.pathname.length < 2)
    throw new StoreError(
      'inaccessible',
      'The address of the store is no PostgreSQL URL.',
      'Write it as postgres://user:password@host:5432/database, with characters such as @ and / in the password as %40 and %2F.',
    )
  const secrets = [parsed.password, parsed.searchParams.get('password') ?? ''].flatMap((secret) => [secret, decoded(secret)])
  return {
    url,
    shown: `postgres://${parsed.host}${parsed.pathname}`,
    scrub: (message) => secrets.reduce((text, secret) => (secret === '' ? text : text.replaceAll(secret, '***')), message),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
