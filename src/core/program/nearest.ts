/** The candidate at most two edits (and under half its length) away from a word, else the only one that begins with it; for "did you mean". */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates]
  let best: string | undefined
  let least = Math.min(3, Math.floor(word.length / 2) + 1)
  for (const candidate of all) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase(), least)
    if (edits < least) [best, least] = [candidate, edits]
  }
  return best ?? onlyBegunBy(word, all)
}

function onlyBegunBy(word: string, candidates: readonly string[]): string | undefined {
  const [only, second] = candidates.filter((one) => word.length > 1 && one.toLowerCase().startsWith(word.toLowerCase()))
  return second === undefined ? only : undefined
}

/** Levenshtein distance, given up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? limit
}

const MOST_LISTED = 10

/** `there are: a, b, c`; of many those that have most in common with a word, and how many more. */
export function listed(word: string, ids: readonly string[]): string {
  if (ids.length === 0) return 'there is none'
  if (ids.length <= MOST_LISTED) return `there are: ${ids.join(', ')}`
  const wanted = new Set(word.toLowerCase().split(PARTS))
  const common = (id: string): number =>
    id
      .toLowerCase()
      .split(PARTS)
      .filter((part) => wanted.has(part)).length
  const first = ids.toSorted((a, b) => common(b) - common(a)).slice(0, MOST_LISTED)
  return `there are: ${first.join(', ')} and ${ids.length - MOST_LISTED} more`
}

const PARTS = /[^a-z0-9]+/
