/**
 * A short name for what something says: equal for equal data, the same on every machine. FNV-1a
 * over UTF-16 code units, twice with different seeds; it tells versions of one thing apart, and
 * protects against nobody.
 */
export function fingerprint(data: unknown): string {
  const text = JSON.stringify(data)
  return `${fnv(text, 0x81_1c_9d_c5)}${fnv(text, 0x01_23_45_67)}`
}

function fnv(text: string, seed: number): string {
  let hash = seed
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
