import type { Artifacts, CollectContext, CommandResult, Repository } from '#core/evidence/collector.ts'
import type { Subject, SubjectState } from '#core/evidence/evidence.ts'
import { findFiles } from './files.ts'
import type { JobFile } from './job.ts'
import type { ReportOptions } from './options.ts'

/** Whose reports are looked for. */
export interface Owner {
  readonly subject: Subject
  readonly state: SubjectState
}

/** The files of a source for one subject, and what made them: a command that was run here, CI, or who knows. */
export type Located = ({ readonly ok: true; readonly files: readonly JobFile[] } & Origin) | ({ readonly ok: false } & Absence)

export interface Absence {
  readonly status: 'missing' | 'errored'
  readonly reason: string
}

export const patternsOf = ({ files }: ReportOptions): readonly string[] => (typeof files === 'string' ? [files] : files)

/** Finds report files in the program's folder, or in the checkout that a command was run in. */
export async function locate(owner: Owner, options: ReportOptions, context: CollectContext): Promise<Located> {
  const { state } = owner
  if (state.state !== 'present') return absent(state.state === 'unavailable' ? 'errored' : 'missing', state.reason)
  const place = await placeOf(owner.subject, options, context)
  if ('status' in place) return { ok: false, ...place }
  const { root, run } = place
  const found = await findFiles(root, patternsOf(options), context.signal)
  if (!found.ok) return absent(found.status, run && found.status === 'missing' ? `${found.reason}${endOf(run, options)}` : found.reason)
  if (!run) return { ok: true, ...place, files: found.files }

  const committed = await committedBlobs(context.repository, state.tree)
  if (typeof committed === 'string') return absent('errored', committed)
  const madeBy = (target: string): NonNullable<JobFile['madeBy']> => {
    const oid = committed.get(target)
    return { ...(run.startedAt !== undefined && { startedAt: run.startedAt }), ...(oid !== undefined && { committed: oid }) }
  }
  return { ok: true, root, run, files: found.files.map((file) => ({ ...file, madeBy: madeBy(file.target) })) }
}

/** Where a command should have made the reports, how it ended says more than that they are not there. */
const endOf = ({ exitCode }: EndedRun, { from }: ReportOptions): string =>
  exitCode === 0
    ? `, though the command of ${from} ended well`
    : `: the command of ${from} ended with exit code ${exitCode}, see \`muster evidence show ${from}.passed\``

const absent = (status: Absence['status'], reason: string): Located => ({ ok: false, status, reason })

type EndedRun = Extract<CommandResult, { outcome: 'ended' }>

interface Origin {
  readonly root: string
  readonly run?: EndedRun
  readonly artifacts?: Extract<Artifacts, { ok: true }>
}

async function placeOf(subject: Subject, { from }: ReportOptions, context: CollectContext): Promise<Origin | Absence> {
  if (from === undefined) return { root: context.programFolder }
  const artifacts = await context.artifacts(from, subject)
  if (artifacts?.ok) return { root: artifacts.root, artifacts }
  if (artifacts) return { status: artifacts.status, reason: `source ${from}: ${artifacts.reason}` }
  const result = await context.runner.resultOf(from, subject)
  if (!result) return { status: 'missing', reason: `source ${from} ran no command for ${subject}` }
  switch (result.outcome) {
    case 'untrusted':
      return { status: 'missing', reason: `source ${from} did not run: ${result.reason}` }
    case 'failed-to-start':
    case 'failed-setup':
    case 'cancelled':
      return { status: 'errored', reason: `source ${from} did not run: ${result.reason}` }
    case 'ended':
      if (result.exitCode !== null) return { root: result.checkout, run: result }
      return {
        status: 'errored',
        reason: `source ${from} was stopped, so its reports may not be whole: ${result.reason ?? result.signal ?? 'no exit code'}`,
      }
  }
}

async function committedBlobs(repository: Repository, tree: string): Promise<ReadonlyMap<string, string> | string> {
  try {
    return new Map((await repository.list(tree)).map((entry) => [entry.path, entry.oid]))
  } catch (error) {
    return `the files of tree ${tree.slice(0, 12)} cannot be listed: ${error instanceof Error ? error.message : String(error)}`
  }
}
