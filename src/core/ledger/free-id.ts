/** The next short id that is not taken: `b-1`, `b-2`, ... by count. */
export function freeId(prefix: string, taken: readonly string[]): string {
  const known = new Set(taken)
  for (let number = taken.length + 1; ; number += 1) {
    const id = `${prefix}-${number}`
    if (!known.has(id)) return id
  }
}
