import { anchorsOf } from './anchors.ts'
import type { Reader } from './reader.ts'

/** What a link leads to. */
export type Resolved =
  | { readonly leads: 'there' }
  /** To another place, which nobody asked. */
  | { readonly leads: 'outside' }
  | { readonly leads: 'nowhere'; readonly reason: string }
  /** The file it leads to cannot be read, so that nobody knows. */
  | { readonly leads: 'unknown'; readonly reason: string }

const THERE: Resolved = { leads: 'there' }
const nowhere = (reason: string): Resolved => ({ leads: 'nowhere', reason })

const SCHEME = /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|\/\/)/
const LINES = /^L(\d{1,9})(?:C\d+)?(?:-L(\d{1,9})(?:C\d+)?)?$/

export const isMarkdown = (path: string): boolean => /\.(?:md|markdown|mdx)$/i.test(path)

/**
 * Follows links of files within one tree, as GitHub does: relative to the file, from the root with a
 * leading slash, case-sensitive, to files, folders, headings and lines. Asks no network.
 */
export function linkResolver(reader: Reader): (from: string, target: string) => Promise<Resolved> {
  const anchorsIn = remembered(reader, anchorsOf)
  const linesIn = remembered(reader, (text) => text.replace(/\n$/, '').split('\n').length)

  async function toHeading(path: string, anchor: string): Promise<Resolved> {
    const found = await anchorsIn(path)
    if ('leads' in found) return found
    if (found.has(anchor) || found.has(anchor.replace(/^user-content-/, ''))) return THERE
    const lower = anchor.toLowerCase()
    return nowhere(found.has(lower) ? `${path} has "#${lower}"` : `${path} has no heading of that name`)
  }

  async function toLines(path: string, anchor: string): Promise<Resolved> {
    const [, first, last] = LINES.exec(anchor) ?? []
    if (first === undefined) return nowhere(`${path} is no Markdown, so only lines of it can be named: #L1`)
    const lines = await linesIn(path)
    if (typeof lines !== 'number') return lines
    return Math.max(Number(first), Number(last ?? 0)) <= lines ? THERE : nowhere(`${path} has ${lines} lines`)
  }

  return async (from, target) => {
    if (SCHEME.test(target)) return { leads: 'outside' }
    if (target.trim() === '') return nowhere('it is empty')
    const hash = target.indexOf('#')
    const written = (hash < 0 ? target : target.slice(0, hash)).replace(/\?.*$/s, '')
    const [place, anchor] = [decoded(written), decoded(hash < 0 ? '' : target.slice(hash + 1))]
    if (place === undefined || anchor === undefined) return nowhere('a "%" in it is no percent-encoding')
    const path = place === '' ? from : joined(from, place)
    if (path === undefined) return nowhere('it leads out of the repository')
    const kind = await reader.kindOf(path)
    if (kind === undefined) {
      const near = reader.inOtherCase(path)
      return nowhere(near === undefined ? 'there is no such file' : `the file is called ${near}`)
    }
    if (kind === 'file' && place.endsWith('/')) return nowhere(`${path} is no folder`)
    if (anchor === '' || (anchor === 'top' && kind === 'file')) return THERE
    if (kind === 'file') return isMarkdown(path) ? toHeading(path, anchor) : toLines(path, anchor)
    const readme = reader.inOtherCase(path === '' ? 'readme.md' : `${path}/readme.md`)
    return readme === undefined ? nowhere(`${path}/ has no readme.md with such a heading`) : toHeading(readme, anchor)
  }
}

/** What is made of the text of a file, read once however many links lead there. */
function remembered<T>(reader: Reader, make: (text: string) => T): (path: string) => Promise<T | Resolved> {
  const known = new Map<string, Promise<T | Resolved>>()
  return (path) => {
    const found =
      known.get(path) ??
      reader.read(path).then((content): T | Resolved => {
        if (content.status === 'text') return make(content.text)
        return content.status === 'absent' ? nowhere('there is no such file') : { leads: 'unknown', reason: content.reason }
      })
    known.set(path, found)
    return found
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** The path from the root; empty for the root itself; undefined above it. */
function joined(from: string, place: string): string | undefined {
  const parts = place.startsWith('/') ? [] : from.split('/').slice(0, -1)
  for (const part of place.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}
