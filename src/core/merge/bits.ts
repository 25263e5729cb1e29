/** Sets of small numbers, 32 to a word. */
export type Bits = Int32Array

export const noBits = (size: number): Bits => new Int32Array((size + 31) >>> 5)

export const has = (bits: Bits, one: number): boolean => ((bits[one >>> 5] as number) & (1 << (one & 31))) !== 0

export const add = (bits: Bits, one: number): void => {
  bits[one >>> 5] = (bits[one >>> 5] as number) | (1 << (one & 31))
}

export const remove = (bits: Bits, one: number): void => {
  bits[one >>> 5] = (bits[one >>> 5] as number) & ~(1 << (one & 31))
}

export const addAll = (bits: Bits, others: Bits): void => {
  for (let word = 0; word < bits.length; word += 1) bits[word] = (bits[word] as number) | (others[word] as number)
}

export const meets = (bits: Bits, others: Bits): boolean => {
  for (let word = 0; word < bits.length; word += 1) if (((bits[word] as number) & (others[word] as number)) !== 0) return true
  return false
}

/** Place in its word of the lowest bit that is set. */
export const lowest = (word: number): number => 31 - Math.clz32(word & -word)

/** Ascending; only those that `within` holds too, where it is given. */
export function listOf(bits: Bits, within?: Bits): number[] {
  const found: number[] = []
  for (let word = 0; word < bits.length; word += 1) {
    const kept = (bits[word] as number) & (within ? (within[word] as number) : -1)
    for (let left = kept; left !== 0; left &= left - 1) found.push((word << 5) + lowest(left))
  }
  return found
}
