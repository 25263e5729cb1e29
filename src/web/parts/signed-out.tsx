import { Words } from './words.tsx'
import { sessionProblem } from '../session.ts'

/** What to do to be let in: the page goes on by itself as soon as this browser is, in whatever tab. */
export const SignedOut = () => {
  const { value: problem } = sessionProblem
  return (
    <section class="empty" role="alert">
      <h1>{problem?.title ?? 'You are not signed in'}</h1>
      {problem !== undefined && problem.detail !== '' && <p>{problem.detail}</p>}
      {problem?.signIn === undefined ? (
        <p>
          <Words text={problem?.remedy ?? 'Open the link that `muster serve` printed.'} />
        </p>
      ) : (
        <p>
          <a class="button primary" href={`${problem.signIn}?to=${encodeURIComponent(location.pathname)}`}>
            Sign in
          </a>
        </p>
      )}
      <p class="soft">This page goes on by itself once you are signed in.</p>
    </section>
  )
}
