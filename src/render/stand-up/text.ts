import type { StandUp } from '#core/stand-up/stand-up.ts'
import { paragraphsOf } from '#render/stand-up/words.ts'
import { painter } from '#render/text/paint.ts'
import { hang } from '#render/text/wrap.ts'

/** For a terminal. */
export function standUpText(digest: StandUp, { width, color }: { readonly width: number; readonly color: boolean }): string {
  const paint = painter(color)
  return paragraphsOf(digest)
    .map(({ title, lines }) =>
      [...hang('', title, width).map((line) => paint('heading', line)), ...lines.flatMap((line) => hang('  ', line, width)), ''].join('\n'),
    )
    .join('\n')
}
