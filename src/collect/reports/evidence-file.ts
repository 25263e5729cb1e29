import { realpath } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import type { Fact } from '#core/evidence/collector.ts'
import type { EvidenceStatus } from '#core/evidence/evidence.ts'
import { readHead } from './files.ts'
import type { AnyReport } from '#collect/report-registry.ts'
import { loadReport, REPORT_KINDS } from '#collect/report-registry.ts'
import { insteadOf } from './other-formats.ts'
import { readFiles } from './run.ts'
import type { Format, Head } from './report.ts'
import { headOf } from '#collect/scan/text.ts'

/** What Muster makes of a file. */
export interface EvidenceFile {
  /** As it was asked for. */
  readonly path: string
  /** Name of the format; absent where it was not told. */
  readonly format?: string
  /** Kind of the report: the word after `collect:`. */
  readonly kind?: string
  /** `observed` where there is a fact to rely on. */
  readonly status: EvidenceStatus
  /** Why not, with line and column where they are known; or a remark. */
  readonly reason?: string
  readonly facts: readonly Fact[]
  /** Of the bytes of the file. */
  readonly sha256?: string
}

export interface EvidenceFileOptions {
  /** Name of a format, or kind of a report; told from the beginning of the file unless given. */
  readonly as?: string
  /** Instant, ISO 8601. */
  readonly at: string
  readonly signal: AbortSignal
  readonly seed: number
}

/** Every format that a file can be read as, in the order they are tried. */
export async function evidenceFormats(): Promise<readonly { readonly kind: string; readonly name: string; readonly title: string }[]> {
  return (await allFormats()).map(({ report, format: { name, title } }) => ({ kind: report.kind.kind, name, title }))
}

/** Reads one file as a source without further options would. Does not throw for what it finds. */
export async function readEvidenceFile(path: string, { as, at, signal, seed }: EvidenceFileOptions): Promise<EvidenceFile> {
  const absolute = resolve(path)
  const real = await realpath(absolute).catch(() => absolute)
  const head = await readHead(real)
  if (typeof head === 'string') return refused(path, `${path}: ${head}`)
  const found = choose(await allFormats(), headOf(path.replaceAll('\\', '/'), head), as)
  if (typeof found === 'string') return refused(path, `${path}:1:1: ${found}`)
  const { report, format } = found
  const { kind } = report.kind
  const told = { kind, format: format.name }
  const options = report.kind.options.safeParse({ files: '*' })
  if (!options.success) {
    const wanted = options.error.issues.map(({ path: key, message }) => `${key.join('.')}: ${message}`).join('; ')
    return { ...refused(path, `${path}: a source of kind ${kind} needs more than files: ${wanted}`), ...told }
  }
  const [name, root] = [basename(absolute), dirname(absolute)]
  const job = { kind, options: options.data, place: { root }, files: [{ path: name, target: name, real, root }], as: format.name }
  const result = await readFiles(report, job, signal)
  if (!result.ok) {
    const reason = result.reason.startsWith(name) ? `${path}${result.reason.slice(name.length)}` : `${path}: ${result.reason}`
    return { ...refused(path, reason), ...told, ...(result.sha256 !== undefined && { sha256: result.sha256 }) }
  }
  const { sha256 = '', modifiedMs = 0 } = result.files[0] ?? {}
  const observedAt = new Date(Math.min(Date.parse(at), Math.trunc(modifiedMs))).toISOString()
  const about = { common: { source: path, sha256, provenance: 'measured', observedAt }, remarks: [], seed } as const
  const facts = report.facts(result.summary, options.data, about)
  const { status = 'missing', reason } = facts.find((one) => one.status === 'observed') ?? facts[0] ?? {}
  return { path, ...told, status, ...(reason !== undefined && { reason }), facts, sha256 }
}

const refused = (path: string, reason: string): EvidenceFile => ({ path, status: 'errored', reason, facts: [] })

interface Candidate {
  readonly report: AnyReport
  readonly format: Format<unknown, unknown>
}

async function allFormats(): Promise<readonly Candidate[]> {
  const reports = await Promise.all(REPORT_KINDS.map(loadReport))
  return reports.flatMap((report) => (report ? report.formats.map((format) => ({ report, format })) : []))
}

/** The candidate, or why there is none. */
function choose(all: readonly Candidate[], head: Head, as: string | undefined) {
  const named = as === undefined ? all : all.filter(({ report, format }) => format.name === as || report.kind.kind === as)
  if (named.length === 0) return `there is no format ${as}; there are ${[...new Set(all.map(({ format }) => format.name))].join(', ')}`
  const [only] = named
  // What a person says it is needs not look like it: its parser says what is wrong, and where.
  if (as !== undefined && named.length === 1 && only) return only
  if (head.text === '') return 'the file is empty'
  return (
    named.find(({ format }) => format.recognises(head)) ??
    insteadOf(head.text) ??
    'it begins like no format that is known; name one with --as'
  )
}
