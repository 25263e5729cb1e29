import { createHash } from 'node:crypto'
import { RepositoryError, type CollectContext, type Collector, type CollectRequest, type Fact } from '#core/evidence/collector.ts'
import { matcher } from '#core/evidence/glob.ts'
import { languageByPath } from '#collect/source-code/language-of.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import { headingKey, headingsOf } from './headings.ts'
import { options as optionsSchema, type DocsOptions } from './kind.ts'
import { linksOf } from './links.ts'
import { openReader, type Reader } from './reader.ts'
import { isMarkdown, linkResolver, type Resolved } from './resolve-link.ts'
import { LANGUAGES, scannerFor } from './languages.ts'
import { visible } from './visible.ts'

export { kind } from './kind.ts'

export const collector: Collector = { collect }

/** One share: `done` of `all`, and what is missing in words. */
type Share =
  | { readonly ok: true; readonly done: number; readonly all: number; readonly gaps: readonly string[]; readonly remark?: string }
  | { readonly ok: false; readonly reason: string }

async function collect(request: CollectRequest, { repository, signal }: CollectContext): Promise<readonly Fact[]> {
  const options = optionsSchema.parse(request.options)
  const { state } = request
  const parts = partsOf(options)
  const none = (status: 'missing' | 'errored', reason: string): readonly Fact[] =>
    [...parts.map(({ name, source }) => ({ name, source })), { name: 'complete', source: 'git' }].map((fact) => ({
      ...fact,
      status,
      reason,
    }))
  if (state.state !== 'present') return none(state.state === 'unavailable' ? 'errored' : 'missing', state.reason)
  try {
    const reader = await openReader(repository, state.tree, signal)
    const facts: Fact[] = []
    for (const { name, source, measure } of parts) facts.push(await factOf(name, source, measure, reader))
    return [...facts, complete(facts)]
  } catch (error) {
    if (error instanceof RepositoryError || signal.aborted)
      return none('errored', signal.aborted ? 'the time limit ended it' : (error as Error).message)
    throw error
  }
}

interface Part {
  readonly name: string
  /** What is read, for people. */
  readonly source: string
  readonly measure: (reader: Reader) => Promise<Share>
}

function partsOf({ files, headings, symbols, links, except }: DocsOptions): readonly Part[] {
  return [
    ...(files ? [{ name: 'files', source: some(files), measure: (reader: Reader) => shareOfFiles(files, reader) }] : []),
    ...(headings
      ? [{ name: 'headings', source: some(Object.keys(headings)), measure: (reader: Reader) => shareOfHeadings(headings, reader) }]
      : []),
    ...(symbols
      ? [{ name: 'symbols', source: some(symbols), measure: (reader: Reader) => shareOfSymbols(symbols, except ?? [], reader) }]
      : []),
    ...(links ? [{ name: 'links', source: some(links), measure: (reader: Reader) => shareOfLinks(links, except ?? [], reader) }] : []),
  ]
}

const some = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')

const MAX_DETAILS = 20

async function factOf(name: string, source: string, measure: Part['measure'], reader: Reader): Promise<Fact> {
  const hash = createHash('sha256')
  const share = await measure({ ...reader, read: async (path) => reader.read(path, (bytes) => hash.update(bytes)) })
  if (!share.ok) return { name, status: 'errored', source, reason: plainText(share.reason) }
  const { done, all, gaps, remark = '' } = share
  const sha256 = hash.digest('hex')
  if (all === 0)
    return {
      name,
      status: 'inconclusive',
      source,
      sha256,
      reason: `there is nothing to count in ${source}${remark}, and 0 of 0 proves nothing`,
    }
  const details = gaps.length > MAX_DETAILS ? [...gaps.slice(0, MAX_DETAILS - 1), `and ${gaps.length - MAX_DETAILS + 1} more`] : gaps
  return {
    name,
    status: 'observed',
    value: done / all,
    source,
    sha256,
    reason: `${done} of ${all}${remark}`,
    ...(details.length > 0 && { details: details.map(plainText) }),
  }
}

/** As trustworthy as the least of its parts. */
function complete(facts: readonly Fact[]): Fact {
  const source = facts.map(({ name }) => name).join(', ')
  for (const status of ['errored', 'inconclusive'] as const) {
    const bad = facts.find((fact) => fact.status === status)
    if (bad) return { name: 'complete', status, source, reason: `${bad.name}: ${bad.reason}` }
  }
  const values = facts.map(({ value }) => Number(value))
  return { name: 'complete', status: 'observed', value: values.reduce((sum, value) => sum + value, 0) / values.length, source }
}

async function shareOfFiles(paths: readonly string[], reader: Reader): Promise<Share> {
  const gaps: string[] = []
  for (const path of paths) {
    const content = await reader.read(path)
    if (content.status === 'absent') gaps.push(`${path}: not there`)
    else if (content.status === 'text' && visible(content.text).trim() === '') gaps.push(`${path}: empty`)
  }
  return { ok: true, done: paths.length - gaps.length, all: paths.length, gaps }
}

async function shareOfHeadings(wanted: Readonly<Record<string, readonly string[]>>, reader: Reader): Promise<Share> {
  const gaps: string[] = []
  let all = 0
  for (const [path, titles] of Object.entries(wanted)) {
    all += titles.length
    const content = await reader.read(path)
    if (content.status === 'absent') gaps.push(...titles.map((title) => `${path} ${title}: the file is not there`))
    else if (content.status === 'unreadable') return { ok: false, reason: content.reason }
    else gaps.push(...gapsIn(path, titles, content.text))
  }
  return { ok: true, done: all - gaps.length, all, gaps }
}

/** Where a heading stands several times, text under one of them is enough. */
function gapsIn(path: string, titles: readonly string[], text: string): readonly string[] {
  const byKey = Map.groupBy(headingsOf(text), (heading) => headingKey(heading.text))
  return titles.flatMap((title) => {
    const [first, ...rest] = byKey.get(headingKey(title)) ?? []
    if (!first) return [`${path} ${title}: no such heading`]
    return first.filled || rest.some(({ filled }) => filled) ? [] : [`${path}:${first.line} ${title}: nothing under it`]
  })
}

async function shareOfSymbols(globs: readonly string[], except: readonly string[], reader: Reader): Promise<Share> {
  const [wanted, left] = [matcher(globs), matcher(except)]
  const paths = reader.paths.filter((path) => wanted(path) && !left(path) && mayExport(path))
  const unknown = paths.find((path) => !scannerFor(path))
  if (unknown !== undefined)
    return { ok: false, reason: `${unknown} is no ${LANGUAGES}; let the globs name the endings, or list it under except` }
  const gaps: string[] = []
  let all = 0
  for (const path of paths) {
    const content = await reader.read(path)
    if (content.status === 'unreadable') return { ok: false, reason: content.reason }
    const symbols = content.status === 'text' ? (scannerFor(path)?.(content.text) ?? []) : []
    all += symbols.length
    gaps.push(...symbols.filter(({ documented }) => !documented).map(({ name, line }) => `${path}:${line} ${name}`))
  }
  return { ok: true, done: all - gaps.length, all, gaps }
}

/** Data, prose and marks such as py.typed export nothing, and what Go's tests export is for the test runner. */
function mayExport(path: string): boolean {
  const language = languageByPath(path)
  const isCode = language === 'm' || (typeof language === 'object' && language.role === 'programming')
  return isCode && !path.endsWith('_test.go')
}

async function shareOfLinks(globs: readonly string[], except: readonly string[], reader: Reader): Promise<Share> {
  const [wanted, left] = [matcher(globs), matcher(except)]
  const paths = reader.paths.filter((path) => wanted(path) && !left(path))
  const other = paths.find((path) => !isMarkdown(path))
  if (other !== undefined) return { ok: false, reason: `${other} is no Markdown; let the globs name the endings, or list it under except` }
  const resolve = linkResolver(reader)
  const gaps: string[] = []
  let [all, outside] = [0, 0]
  for (const path of paths) {
    const content = await reader.read(path)
    if (content.status === 'unreadable') return { ok: false, reason: content.reason }
    for (const { target, shown, line } of content.status === 'text' ? linksOf(content.text).links : []) {
      const resolved = target === undefined ? UNDEFINED : await resolve(path, target)
      if (resolved.leads === 'unknown') return { ok: false, reason: `${path}:${line} ${shown}: ${resolved.reason}` }
      if (resolved.leads === 'outside') outside += 1
      else all += 1
      if (resolved.leads === 'nowhere') gaps.push(`${path}:${line} ${shown}: ${resolved.reason}`)
    }
  }
  const remark = outside === 0 ? '' : `, beside ${outside} to other places, which nobody asked`
  return { ok: true, done: all - gaps.length, all, gaps, remark }
}

const UNDEFINED: Resolved = { leads: 'nowhere', reason: 'no such name is defined in the file' }
