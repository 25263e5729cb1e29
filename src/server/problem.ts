import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ProblemDocument } from '#core/api/documents.ts'
import type { Refusal, RefusalCode } from '#core/people/refusal.ts'

export function problem(
  context: Context,
  status: ContentfulStatusCode,
  code: string,
  title: string,
  more: Pick<Partial<ProblemDocument>, 'detail' | 'remedy' | 'signIn' | 'mistakes'> = {},
): Response {
  context.set('refusal', code)
  const body: ProblemDocument = { type: `urn:muster:problem:${code}`, status, code, title, detail: '', ...more }
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
}

const STATUS: Readonly<Record<RefusalCode, ContentfulStatusCode>> = {
  'not-allowed': 403,
  'who-acts': 400,
  ambiguous: 400,
  'unknown-id': 404,
  'invalid-input': 422,
  settled: 409,
  'needs-tree': 409,
}

const TITLE: Readonly<Record<RefusalCode, string>> = {
  'not-allowed': 'Your role does not allow it',
  'who-acts': 'Say who acts',
  ambiguous: 'It is not clear which one is meant',
  'unknown-id': 'There is no such thing',
  'invalid-input': 'What was sent cannot go on record',
  settled: 'It is so already',
  'needs-tree': 'It is signed for a tree',
}

/** A refusal of the core, in HTTP's terms. */
export const refused = (context: Context, { code, message, remedy, mistakes }: Refusal): Response =>
  problem(context, STATUS[code], code, TITLE[code], {
    detail: message,
    ...(remedy !== undefined && { remedy }),
    ...(mistakes && { mistakes: mistakes.map(({ path, message }) => ({ path, message })) }),
  })
