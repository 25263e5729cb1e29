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
