import { type Change, type ChangedLines, type Fact, type Repository, RepositoryError } from '#core/evidence/collector.ts'
import { observed, shown } from './fact.ts'
import type { GitOptions } from './kind.ts'
import { countAdded, type FileLines, totalLines } from './measure.ts'

/** Lines that are added and gone, those added also by what stands in them. */
export const lineFacts = async (
  repository: Repository,
  { added, deleted }: ChangedLines,
  touched: readonly Change[],
  chosen: (path: string) => boolean,
  options: GitOptions,
  signal: AbortSignal,
): Promise<readonly Fact[]> => {
  const grown = touched.filter(({ path }) => chosen(path) && (added.get(path)?.length ?? 0) > 0)
  const files: FileLines[] = []
  await repository.scan(
    grown.map(({ newOid }) => newOid),
    (index, content) => {
      const { path, newOid } = grown[index] as Change
      if (content === undefined) throw new RepositoryError(`${shown(path)} (${newOid}) is not in the repository: fetch it whole`)
      files.push(countAdded(path, content, added.get(path) ?? []))
    },
    signal,
  )
  const totals = totalLines(files, options.languages)
  const left = [
    ...(totals.leftOut > 0 ? [`${totals.leftOut} of a language that does not count (${leftOutRoles(options)})`] : []),
    ...(totals.unknown > 0 ? [`${totals.unknown} of no known language`] : []),
  ]
  const remark = left.length === 0 ? {} : { reason: `without files: ${left.join(', ')}` }
  let [come, gone] = [0, 0]
  for (const [path, numbers] of added) if (chosen(path)) come += numbers.length
  for (const [path, lines] of deleted) if (chosen(path)) gone += lines
  return [
    observed('lines.code', totals.code, {
      ...remark,
      details: totals.files.slice(0, 20).map(({ path, code }) => `${shown(path)}: ${code}`),
    }),
    observed('lines.comment', totals.comment, remark),
    observed('lines.blank', totals.blank, remark),
    observed('lines.added', come),
    observed('lines.deleted', gone),
  ]
}

const leftOutRoles = (options: GitOptions): string =>
  (['programming', 'markup', 'data', 'prose'] as const).filter((role) => !options.languages.includes(role)).join(', ')
