import type { Fact } from '#core/evidence/collector.ts'
import { matcher } from '#core/evidence/glob.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import type { Json } from '#collect/scan/json.ts'
import { JsonError } from '#collect/scan/json.ts'
import { jsonFile } from '#collect/scan/json-file.ts'
import type { About, ReadFile, Report } from '#collect/reports/report.ts'
import type { ByteParser } from '#collect/scan/text.ts'
import type { SizeOptions } from './kind.ts'
import { kind } from './kind.ts'
import { follow } from './pointer.ts'

/** What one file holds: its bytes, or the numbers that the pointers of both sides lead to. */
export interface Sized {
  readonly current: Amount
  readonly baseline: Amount
}

export type Amount = { readonly amount: number } | { readonly missing: string }

/** The options as the files are looked for: `files` has the patterns of both sides, and `own` those of the source. */
export type Asked = SizeOptions & { readonly own?: readonly string[] }

interface Side {
  readonly files: number
  readonly total: Amount
}

export interface SizeSummary {
  readonly current: Side
  readonly baseline?: Side
  /** Paths that are on both sides, where each must be on one. */
  readonly shared: readonly string[]
}

export const report: Report<Asked, Sized, SizeSummary> = {
  kind,
  formats: [
    {
      name: 'size',
      title: 'any file',
      recognises: () => false,
      open: ({ value, baseline }) => (value === undefined ? counting() : numbers(value, baseline?.value ?? value)),
    },
  ],
  summarise(files, { files: patterns, own = [patterns].flat(), baseline }, _place, base) {
    const isCurrent = matcher(own)
    const isBaseline = baseline?.files === undefined ? isCurrent : matcher([baseline.files].flat())
    const of = (list: readonly ReadFile<Sized>[], side: keyof Sized): Side => ({ files: list.length, total: sum(list, side) })
    const current = files.filter(({ path }) => isCurrent(path))
    const compared = base ?? (baseline && files.filter(({ path }) => isBaseline(path)))
    return {
      current: of(current, 'current'),
      ...(compared && { baseline: of(compared, base ? 'current' : 'baseline') }),
      shared: baseline?.files === undefined ? [] : current.filter(({ path }) => isBaseline(path)).map(({ path }) => path),
    }
  },
  facts: factsOf,
}

/** What stands in a checkout for a large file: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const LFS_POINTER = 'version https://git-lfs.github.com/spec/v1\n'

const counting = (): ByteParser<Sized> => {
  let bytes = 0
  let head = ''
  return {
    write(piece) {
      bytes += piece.length
      if (head.length < LFS_POINTER.length) head += String.fromCharCode(...piece.subarray(0, LFS_POINTER.length - head.length))
    },
    end: () =>
      head === LFS_POINTER
        ? { ok: false, line: 1, column: 1, reason: 'this is a pointer of Git LFS, not the file that it stands for' }
        : { ok: true, value: { current: { amount: bytes }, baseline: { amount: bytes } } },
  }
}

const numbers = (current: string, baseline: string): ByteParser<Sized> =>
  jsonFile((json, place) => ({ current: numberAt(json, current, place), baseline: numberAt(json, baseline, place) }))

function numberAt(json: Json, pointer: string, place: (at: number) => string): Amount {
  const end = follow(json, pointer)
  if ('lacks' in end)
    return { missing: `${place(end.reached.at)}: nothing is called ${JSON.stringify(end.lacks.slice(0, 100))} here (${pointer})` }
  const { found } = end
  if (found.kind !== 'number') throw new JsonError(`${pointer} is no number`, found.at)
  if (found.value < 0) throw new JsonError(`${pointer} is negative`, found.at)
  return { amount: found.value }
}

function sum(files: readonly ReadFile<Sized>[], side: keyof Sized): Amount {
  if (files.length === 0) return { missing: 'no file matches' }
  let total = 0
  for (const { path, value } of files) {
    const one = value[side]
    if ('missing' in one) return { missing: `${path}:${one.missing}` }
    total += one.amount
  }
  return { amount: total }
}

function factsOf({ current, baseline, shared }: SizeSummary, options: SizeOptions, { common, remarks }: About): readonly Fact[] {
  const told = (status: Fact['status'], name: string, reason: readonly string[], more: Partial<Fact> = {}): Fact => {
    const all = [...reason, ...remarks].map(plainText).join('; ')
    return { ...common, name, status, ...(all !== '' && { reason: all }), ...more }
  }
  const unit = { unit: options.unit ?? 'count' } as const
  if (shared.length > 0) {
    const reason = [`${shared.length === 1 ? '' : `${shared.length} files, such as `}${shared[0] ?? ''} would be on both sides`]
    return Object.keys(kind.metrics).map((name) => told('errored', name, reason, name === 'value' ? unit : {}))
  }
  const isValue = options.value !== undefined
  const { total } = current
  const own = (name: 'bytes' | 'value', isAsked: boolean, otherwise: string, more: Partial<Fact>): Fact =>
    !isAsked
      ? told('missing', name, [otherwise], more)
      : 'missing' in total
        ? told('missing', name, [total.missing], more)
        : told('observed', name, [], { value: total.amount, ...more })
  const change = changeOf(total, baseline?.total, options.base !== undefined)
  return [
    own('bytes', !isValue, 'the source reads a number: ask for its value', {}),
    own('value', isValue, 'the source has no value to read', unit),
    current.files > 0 ? told('observed', 'files', [], { value: current.files }) : told('missing', 'files', ['no file matches']),
    typeof change === 'number' ? told('observed', 'change', [], { value: change }) : told(change.status, 'change', [change.reason]),
    // Subtracted from 0, because minus zero is written as 0 and is another value.
    typeof change === 'number'
      ? told('observed', 'reduction', [], { value: 0 - change })
      : told(change.status, 'reduction', [change.reason]),
  ]
}

function changeOf(
  current: Amount,
  baseline: Amount | undefined,
  hasBase: boolean,
): number | { readonly status: 'missing' | 'inconclusive'; readonly reason: string } {
  if ('missing' in current) return { status: 'missing', reason: current.missing }
  if (!baseline) return { status: 'missing', reason: hasBase ? 'the target branch has no such file' : 'the source has no baseline' }
  if ('missing' in baseline) return { status: 'missing', reason: `baseline: ${baseline.missing}` }
  const change = current.amount / baseline.amount - 1
  return baseline.amount > 0 && Number.isFinite(change)
    ? change
    : { status: 'inconclusive', reason: `the baseline is ${baseline.amount}, so there is no relative change` }
}
