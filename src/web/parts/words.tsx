import { people, short } from '#render/words.ts'

/** A sentence in which what stands between backquotes is a command or a name, as everywhere in Muster's messages. */
export const Words = ({ text }: { readonly text: string }) => (
  <>
    {text
      .split('`')
      .map((part, index, all) =>
        index % 2 === 1 && index < all.length - 1 ? <code key={index}>{part}</code> : index % 2 === 1 ? `\`${part}` : part,
      )}
  </>
)

/** More names than this are a number, and unfold. */
const MOST_NAMES = 8

export const Names = ({ names }: { readonly names: readonly string[] }) =>
  names.length <= MOST_NAMES ? (
    <>{people(names)}</>
  ) : (
    <details class="names">
      <summary>{names.length} people</summary>
      {people(names)}
    </details>
  )

/** The seal of a record: its beginning on the screen, all of it on paper, where nothing can be pointed at. */
export const Seal = ({ hash }: { readonly hash: string }) => (
  <code title={hash}>
    {short(hash, SEEN)}
    <span class="on-paper">{hash.slice(SEEN)}</span>
  </code>
)

const SEEN = 12
