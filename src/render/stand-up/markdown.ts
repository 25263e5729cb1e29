import type { StandUp } from '#core/stand-up/stand-up.ts'
import { document, md, titled } from '#render/markdown/write.ts'
import { paragraphsOf } from '#render/stand-up/words.ts'

/** To be put into a chat, an issue or a page. */
export const standUpMarkdown = (digest: StandUp): string =>
  document(
    paragraphsOf(digest).flatMap(({ title, lines }, index) =>
      index === 0
        ? titled(title, 1, ...lines.map((line) => [md`${line}`]))
        : titled(
            title,
            2,
            lines.map((line) => md`- ${line}`),
          ),
    ),
  )
