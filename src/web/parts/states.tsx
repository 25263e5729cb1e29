import { Words } from './words.tsx'
import type { Problem } from '../api.ts'

/** Shown only when it takes long enough to be noticed (style sheet): nothing flickers. */
export const Loading = ({ what }: { readonly what: string }) => (
  <p class="loading" role="status">
    Loading {what} …
  </p>
)

export const Failed = ({ problem, children }: { readonly problem: Problem; readonly children?: preact.ComponentChildren }) => (
  <section class="empty" role="alert">
    <h1>{problem.title}</h1>
    {problem.detail !== '' && (
      <p>
        <Words text={problem.detail} />
      </p>
    )}
    {problem.remedy !== undefined && (
      <p class="soft">
        <Words text={problem.remedy} />
      </p>
    )}
    {children}
    <p class="soft">
      <code>{problem.code}</code>
    </p>
  </section>
)

/** Says that there is nothing yet, and what brings something. @param page It is all that the page holds. */
export const Empty = ({
  title,
  page = false,
  children,
}: {
  readonly title: string
  readonly page?: boolean
  readonly children?: preact.ComponentChildren
}) => (
  <section class="empty">
    {page ? <h1>{title}</h1> : <h2>{title}</h2>}
    {children}
  </section>
)
