import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { problem } from '#server/problem.ts'
import { html } from '#render/encode.ts'

/** Why somebody is not let in. */
export interface NotIn {
  readonly status: ContentfulStatusCode
  readonly code: string
  readonly title: string
  readonly detail?: string
  readonly remedy: string
  /** Whether it helps to go to the issuer again. */
  readonly again?: boolean
}

/** The same for a person, as a page, and for a program, as JSON. */
export function notIn(context: Context, { status, code, title, detail = '', remedy, again = false }: NotIn): Response {
  if (!(context.req.header('accept') ?? '').includes('text/html')) return problem(context, status, code, title, { detail, remedy })
  const lines = [detail, remedy].filter((one) => one !== '').map((one) => `<p>${html(one)}</p>`)
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${html(title)}</title>
<link rel="stylesheet" href="${PAGE_STYLE_PATH}">
<main>
<h1>${html(title)}</h1>
${lines.join('\n')}
${again ? '<p><a href="/sign-in">Sign in again</a></p>\n' : ''}<p class="code">${html(code)}</p>
</main>
</html>
`
  context.set('refusal', code)
  return context.body(page, status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
}

export const PAGE_STYLE_PATH = '/sign-in/page.css'

/** The colours of the dashboard. */
export const PAGE_STYLE = `:root { color-scheme: light dark; --page: #fcfcfb; --ink: #1c1e21; --soft: #5b6168; --accent: #2456a6; }
@media (prefers-color-scheme: dark) { :root { --page: #15171a; --ink: #e6e8ea; --soft: #a3aab2; --accent: #8ab4f8; } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; background: var(--page); color: var(--ink); }
main { max-width: 36rem; margin: 20vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 1.4rem; line-height: 1.3; }
a { color: var(--accent); }
.code { font-family: ui-monospace, monospace; font-size: 0.85rem; color: var(--soft); }
`
