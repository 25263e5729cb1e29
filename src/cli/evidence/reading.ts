import { realpath } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { JobFile } from '#collect/reports/job.ts'
import type { AnyReport } from '#collect/report-registry.ts'
import { folderTree } from '#collect/reports/folder-tree.ts'
import { readFiles } from '#collect/reports/run.ts'
import type { Fact } from '#core/evidence/collector.ts'
import type { EvidenceStatus, Unit } from '#core/evidence/evidence.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import { SEED } from '#engine/gather.ts'

/** What Muster makes of report files. */
export interface Reading {
  /** As they were named. */
  readonly path: string
  readonly format?: string
  /** `observed` where at least one fact is; else why there is none. */
  readonly status: EvidenceStatus
  readonly reason?: string
  readonly sha256?: string
  readonly facts: readonly (Fact & { readonly unit: Unit })[]
  /** When the oldest of the files was written: instant in UTC. */
  readonly modifiedAt?: string
  /** Object ids that the files themselves give as their commit. */
  readonly commits: readonly string[]
}

/** Reports of one kind, to be read as one. */
export interface ToRead {
  readonly report: AnyReport
  readonly options: unknown
  /** Folder of the checkout that the reports are about. */
  readonly checkout: string
  /** Name of the format, where it is not to be told from the files. */
  readonly as?: string
}

const refusal = (path: string, status: 'missing' | 'errored', reason: string): Reading => ({ path, status, reason, facts: [], commits: [] })

/** Reads files as a source of that kind and those options would. */
export async function readAs(
  { report, options, checkout, as }: ToRead,
  cwd: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Reading> {
  const shown = paths.map(plainText).join(', ')
  const files: JobFile[] = []
  for (const path of paths) {
    const real = await realpath(resolve(cwd, path)).catch(() => undefined)
    if (real === undefined) return refusal(shown, 'missing', `${plainText(path)}: there is no such file`)
    files.push({ path, target: path, real, root: dirname(real) })
  }
  const place = { root: cwd, ...(files.length > 1 && report.needs?.(options).tree && { checkout: await pathsIn(checkout, signal) }) }
  const result = await readFiles(report, { kind: report.kind.kind, options, place, files, ...(as !== undefined && { as }) }, signal)
  if (!result.ok) {
    const { sha256, format, reason } = result
    return { ...refusal(shown, 'errored', reason), ...(format !== undefined && { format }), ...(sha256 !== undefined && { sha256 }) }
  }
  const digests = result.files.map((one) => one.sha256)
  const common = { source: shown, provenance: 'reported' as const }
  const { complete } = report
  const tree = complete && (await folderTree(checkout, complete.patterns, signal))
  const summary = complete && tree ? await complete.add(result.summary, options, tree) : result.summary
  const facts = report.facts(summary, options, { common, remarks: [], seed: SEED }).map((fact) => ({
    ...fact,
    unit: fact.unit ?? report.kind.metrics[fact.name]?.unit ?? 'count',
  }))
  const best = facts.find((one) => one.status === 'observed') ?? facts[0]
  return {
    path: shown,
    format: [...new Set(result.files.map((one) => one.format))].join(', '),
    status: best?.status ?? 'missing',
    ...(best?.status !== 'observed' && { reason: best?.reason ?? 'nothing is in it' }),
    ...(digests.length === 1 && digests[0] !== undefined && { sha256: digests[0] }),
    facts,
    modifiedAt: new Date(Math.min(...result.files.map((one) => Math.trunc(one.modifiedMs)))).toISOString(),
    commits: result.files.flatMap((one) => one.commits),
  }
}

async function pathsIn(checkout: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const paths = new Set<string>()
  await (await folderTree(checkout, ['**'], signal))?.files((path) => paths.add(path))
  return paths
}
