/** UTF-8 in bytes, as RFC 3629 has it: nothing overlong, no surrogates, nothing above U+10FFFF. */

/** The character that begins at `at`, which is no ASCII; -1 where the bytes are none. Its length is `lengthOf` it. */
export function characterAt(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] as number
  if (first < 0xc2 || first > 0xf4) return -1
  const second = at + 1 < end ? (bytes[at + 1] as number) : 0
  if ((second & 0xc0) !== 0x80) return -1
  if (first < 0xe0) return ((first & 0x1f) << 6) | (second & 0x3f)
  const third = at + 2 < end ? (bytes[at + 2] as number) : 0
  if ((third & 0xc0) !== 0x80) return -1
  if (first < 0xf0) {
    const code = ((first & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f)
    return code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? -1 : code
  }
  const fourth = at + 3 < end ? (bytes[at + 3] as number) : 0
  if ((fourth & 0xc0) !== 0x80) return -1
  const code = ((first & 0x07) << 18) | ((second & 0x3f) << 12) | ((third & 0x3f) << 6) | (fourth & 0x3f)
  return code < 0x10000 || code > 0x10ffff ? -1 : code
}

/** Bytes that a character takes. */
export const lengthOf = (code: number): number => (code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4)

/** Bytes that a character takes which begins with this one, if any does. */
export const lengthAfter = (first: number): number => (first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4)

/** How many bytes at the end are the beginning of a character that is not whole. */
export function unfinished(bytes: Uint8Array, end: number): number {
  for (let back = 1; back <= 3 && back <= end; back += 1) {
    const byte = bytes[end - back] as number
    if (byte < 0x80) return 0
    if (byte < 0xc0) continue
    return lengthAfter(byte) > back ? back : 0
  }
  return 0
}

/** Characters in a range: bytes that do not go on with one. */
export function charactersIn(bytes: Uint8Array, start: number, end: number): number {
  let count = 0
  for (let at = start; at < end; at += 1) if (((bytes[at] as number) & 0xc0) !== 0x80) count += 1
  return count
}
