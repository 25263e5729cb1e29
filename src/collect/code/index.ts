import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { z } from 'zod'
import { type CollectContext, type Collector, type Fact, type Repository, RepositoryError } from '#core/evidence/collector.ts'
import { matcher } from '#core/evidence/glob.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import { languageByPath } from '#collect/source-code/language-of.ts'
import type { Language } from '#collect/source-code/languages.ts'
import type { LineCounts } from '#collect/scan/line-scan.ts'
import type { BlobCounts, Told } from './count.ts'
import { countBlob } from './count.ts'
import { IdLines } from './ids.ts'
import { KeptCounts } from './kept.ts'
import { kind, options as optionsSchema } from './kind.ts'

type Options = z.output<typeof optionsSchema>

/** Counts the lines of every file of the commit, from the repository's objects. Runs and checks out nothing. */
export const collector: Collector = {
  async collect({ options, state }, context) {
    if (state.state === 'unavailable') return sameForAll('errored', state.reason)
    if (state.state !== 'present') return sameForAll('missing', state.reason)
    try {
      return factsOf(await countTree(state.tree, optionsSchema.parse(options), context), state.tree)
    } catch (error) {
      if (error instanceof RepositoryError || error instanceof RangeError) return sameForAll('errored', error.message)
      throw error
    }
  },
}

const SOURCE = 'code'

const sameForAll = (status: 'missing' | 'errored', reason: string): readonly Fact[] =>
  Object.keys(kind.metrics).map((name) => ({ name, status, source: SOURCE, reason }))

interface OfLanguage extends LineCounts {
  readonly files: number
}

interface TreeCount {
  readonly languages: ReadonlyMap<Language, OfLanguage>
  /** Files that match and do not count, with the reason. */
  readonly leftOut: Readonly<Record<'role' | 'unknown' | 'binary' | 'large', number>>
}

async function countTree(tree: string, options: Options, { repository, cacheFolder, signal }: CollectContext): Promise<TreeCount> {
  const isChosen = chooser(options)
  const kept = await keptOf(repository, cacheFolder, tree)
  const languages = new Map<Language, { files: number; code: number; comment: number; blank: number }>()
  const leftOut = { role: 0, unknown: 0, binary: 0, large: 0 }

  function add({ language, code, comment, blank }: BlobCounts): void {
    if (language === undefined) leftOut.unknown += 1
    else if (language === 'binary') leftOut.binary += 1
    else if (!options.languages.includes(language.role)) leftOut.role += 1
    else {
      let sum = languages.get(language)
      if (sum === undefined) languages.set(language, (sum = { files: 0, code: 0, comment: 0, blank: 0 }))
      sum.files += 1
      sum.code += code
      sum.comment += comment
      sum.blank += blank
    }
  }

  const oids = new IdLines()
  const tolds: Told[] = []
  const records: number[] = []
  await repository.files(tree, (path, oid) => {
    if (!isChosen(path)) return
    const told = languageByPath(path)
    if (told === undefined) leftOut.unknown += 1
    else if (typeof told !== 'string' && !options.languages.includes(told.role)) leftOut.role += 1
    else {
      oids.add(oid)
      const record = kept.record(oids, tolds.length, told)
      const known = kept.counts(record)
      if (known === undefined) {
        tolds.push(told)
        records.push(record)
      } else {
        oids.removeLast()
        add(known)
      }
    }
  })
  let lost: string | undefined
  const { lines, indices } = oids.sortedNearby()
  await repository.scan(
    lines,
    (position, content, size) => {
      const index = indices[position] as number
      if (size < 0) {
        lost ??= oids.at(index)
        return
      }
      if (content === undefined) {
        leftOut.large += 1
        return
      }
      const counts = countBlob(tolds[index] as Told, content)
      kept.count(records[index] as number, counts)
      add(counts)
    },
    signal,
  )
  await kept.save()
  if (lost !== undefined) {
    const path = await pathOf(repository, tree, lost)
    throw new RepositoryError(`${plainText(path)} (${lost}) is not in the repository: fetch it whole`)
  }
  return { languages, leftOut }
}

/** The first path of an object in a tree. */
async function pathOf(repository: Repository, tree: string, object: string): Promise<string> {
  let found = ''
  await repository.files(tree, (path, oid) => {
    if (found === '' && oid === object) found = path
  })
  return found
}

function chooser({ paths, exclude }: Options): (path: string) => boolean {
  if (paths === undefined && exclude.length === 0) return () => true
  const isIncluded = paths === undefined ? () => true : matcher(paths)
  const isExcluded = matcher(exclude)
  return (path) => isIncluded(path) && !isExcluded(path)
}

/** One for all sources and streams of a check, which run side by side. */
const opened = new WeakMap<Repository, Promise<KeptCounts>>()

function keptOf(repository: Repository, cacheFolder: string, tree: string): Promise<KeptCounts> {
  const known = opened.get(repository)
  if (known) return known
  const kept = KeptCounts.open(join(cacheFolder, 'code', `counts-${tree.length}`), tree.length === 64 ? 64 : 40)
  opened.set(repository, kept)
  return kept
}

const MAX_DETAILS = 20

function factsOf({ languages, leftOut }: TreeCount, tree: string): readonly Fact[] {
  const sum = (key: keyof OfLanguage): number => [...languages.values()].reduce((total, one) => total + one[key], 0)
  const reasons = [
    ...(leftOut.role > 0 ? [`${leftOut.role} of a language that does not count`] : []),
    ...(leftOut.unknown > 0 ? [`${leftOut.unknown} of no known language`] : []),
    ...(leftOut.binary > 0 ? [`${leftOut.binary} that are binary`] : []),
    ...(leftOut.large > 0 ? [`${leftOut.large} of more than 32 MiB`] : []),
  ]
  const without = reasons.length === 0 ? '' : `without files: ${reasons.join(', ')}`
  const common = { source: SOURCE, sha256: createHash('sha256').update(tree).digest('hex') }
  if (languages.size === 0) {
    const reason = ['no file of the commit counts', without].filter(Boolean).join('; ')
    return sameForAll('missing', reason).map((fact) => ({ ...fact, ...common }))
  }
  const details = (key: keyof OfLanguage): readonly string[] =>
    [...languages]
      .filter(([, one]) => one[key] > 0)
      .sort(([a, one], [b, other]) => other[key] - one[key] || (a.name < b.name ? -1 : 1))
      .slice(0, MAX_DETAILS)
      .map(([{ name }, one]) => `${name}: ${one[key]} in ${one.files} files`)
  return (['code', 'comment', 'blank', 'files'] as const).map((name) => ({
    ...common,
    name,
    status: 'observed',
    value: sum(name),
    ...(without !== '' && { reason: without }),
    details: name === 'files' ? details('files').map((line) => line.replace(/ in .*/, '')) : details(name),
  }))
}
