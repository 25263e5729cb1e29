/**
 * What stands in a start tag besides the values of its attributes. The tags of a report are nearly
 * all alike, so one that was found sound is not taken apart again where the same bytes come back.
 */
export class Shape {
  /** Attributes; -1 where none was seen yet. */
  count = -1
  nameLength = 0
  /** Numbers of the attributes. */
  readonly numbers = new Int16Array(MAX_ATTRIBUTES)
  readonly nameLengths = new Int32Array(MAX_ATTRIBUTES)
  /** From `<` up to the first value, from the end of each value up to the next. */
  readonly bytes = new Uint8Array(MAX_BYTES)
  /** Where each of those pieces ends in `bytes`. */
  readonly ends = new Int32Array(MAX_ATTRIBUTES)
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

  /** @param fields For each attribute: begin and end of its name, begin and end of its value. */
  learn(bytes: Uint8Array, at: number, nameLength: number, fields: Int32Array, numbers: Int16Array, count: number): void {
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
    shape.nameLength = nameLength
    shape.count = count
  }
}
