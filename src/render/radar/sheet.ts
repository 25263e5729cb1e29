import { terminal } from '#render/encode.ts'
import type { View } from '#render/radar/view.ts'
import type { Paint } from '#render/text/paint.ts'

/** What the blocks of the text are laid out with. */
export interface Sheet {
  readonly view: View
  readonly width: number
  readonly paint: Paint
}

/** A titled block; nothing where there is nothing to say. */
export const titled = ({ paint }: Sheet, title: string, block: readonly string[]): readonly string[] =>
  block.length === 0 ? [] : [paint('heading', title), ...block]

/** A tab is two spaces here: its escape would not read as an indentation. */
export const codeLine = (text: string): string => terminal(text.replaceAll('\t', '  '))
