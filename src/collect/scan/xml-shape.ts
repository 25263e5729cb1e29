import { areSame } from './words.ts'

/**
 * What stands in a start tag besides the values of its attributes. The tags of a report are nearly
 * all alike, so one that was found sound is not taken apart again where the same bytes come back.
 */
export class Shape {
  /** Attributes; -1 where none was seen yet. */
  count = -1
  /** Number of the element. */
  element = -1
  nameLength = 0
  /** Numbers of the attributes. */
  readonly numbers = new Int16Array(MAX_ATTRIBUTES)
  readonly nameLengths = new Int32Array(MAX_ATTRIBUTES)
  /** From `<` up to the first value, from the end of each value up to the next. */
  readonly bytes = new Uint8Array(MAX_BYTES)
  readonly #view = new DataView(this.bytes.buffer)
  /** Where each of those pieces ends in `bytes`. */
  readonly ends = new Int32Array(MAX_ATTRIBUTES)

  /** The index where the value of an attribute begins, if what stands before it here is the same; else -1. */
  after(index: number, view: DataView, at: number, end: number): number {
    const from = index === 0 ? 0 : (this.ends[index - 1] as number)
    const length = (this.ends[index] as number) - from
    return at + length <= end && areSame(view, at, this.#view, from, length) ? at + length : -1
  }
}

export const MAX_ATTRIBUTES = 16
const MAX_BYTES = 256

const SHAPES = 8

/** The shapes met last, each at a place that two bytes of the tag's name choose. */
export class Shapes {
  readonly #shapes = Array.from({ length: SHAPES }, () => new Shape())

  at(bytes: Uint8Array, at: number): Shape {
    return this.#shapes[((bytes[at + 1] as number) + (bytes[at + 5] as number)) & (SHAPES - 1)] as Shape
  }

  /** Fields are for each attribute begin and end of its name, begin and end of its value. */
  learn(
    bytes: Uint8Array,
    at: number,
    tag: Pick<Shape, 'element' | 'nameLength' | 'count' | 'numbers'> & { readonly fields: Int32Array },
  ): void {
    const { fields, numbers, count } = tag
    const shape = this.at(bytes, at)
    shape.count = -1
    if (count > MAX_ATTRIBUTES) return
    let from = at
    let to = 0
    for (let index = 0; index < count; index += 1) {
      const stops = fields[4 * index + 2] as number
      if (to + stops - from > MAX_BYTES) return
      for (; from < stops; from += 1) {
        shape.bytes[to] = bytes[from] as number
        to += 1
      }
      shape.ends[index] = to
      shape.numbers[index] = numbers[index] as number
      shape.nameLengths[index] = (fields[4 * index + 1] as number) - (fields[4 * index] as number)
      from = fields[4 * index + 3] as number
    }
    shape.element = tag.element
    shape.nameLength = tag.nameLength
    shape.count = count
  }
}
