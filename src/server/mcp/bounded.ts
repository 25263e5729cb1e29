import { shortened, terminal } from '#render/encode.ts'

/**
 * What an agent is given has a size: a context is small, and what it holds is paid for. Hidden
 * characters are shown as their escapes in all of it, since a model reads what a person does not see.
 */
const MOST_CHARACTERS = 12_000
const MOST_LINE = 500
const MOST_TEXT = 2000

/** Entries of a list that are kept, tried one after the other until all of it is small enough. */
const MOST_ENTRIES = [50, 20, 10, 5, 2, 1]

/** Lines as one text; what does not fit is counted. */
export function boundedText(lines: readonly string[]): string {
  const kept: string[] = []
  let left = MOST_CHARACTERS
  for (const line of lines.map((one) => shortened(terminal(one), MOST_LINE))) {
    left -= line.length + 1
    if (left < 0) break
    kept.push(line)
  }
  const more = lines.length - kept.length
  return [...kept, ...(more > 0 ? [`(${more} more lines; ask for one stream, or one criterion)`] : [])].join('\n')
}

/** The same for data: long lists are cut, and `leftOut` says how many entries are missing from which. */
export function boundedData(data: object): Readonly<Record<string, unknown>> {
  let cut = cutTo(data, 0)
  for (const most of MOST_ENTRIES) {
    cut = cutTo(data, most)
    if (JSON.stringify(cut).length <= MOST_CHARACTERS) break
  }
  return cut
}

function cutTo(data: object, most: number): Readonly<Record<string, unknown>> {
  const leftOut: Record<string, number> = {}
  const cut = (value: unknown, path: string): unknown => {
    if (typeof value === 'string') return shortened(terminal(value), MOST_TEXT)
    if (Array.isArray(value)) {
      if (value.length > most) leftOut[path] = (leftOut[path] ?? 0) + value.length - most
      return value.slice(0, most).map((one) => cut(one, path))
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) =>
        inner === undefined ? [] : [[key, cut(inner, path === '' ? key : `${path}.${key}`)]],
      ),
    )
  }
  const kept = cut(data, '') as Readonly<Record<string, unknown>>
  return Object.keys(leftOut).length > 0 ? { ...kept, leftOut } : kept
}
