import type { FoundFile } from './files.ts'
import { readFile } from './files.ts'
import { insteadOf } from './other-formats.ts'
import type { AnyReport } from '#collect/report-registry.ts'
import type { Format, Place } from './report.ts'
import type { ByteParser } from '#collect/scan/text.ts'
import { headOf } from '#collect/scan/text.ts'

/** Everything that reading takes, as plain data: it may be done in another process. */
export interface ReportJob {
  /** Of the report, as `loadReport` takes it. */
  readonly kind: string
  readonly options: unknown
  readonly place: Place
  readonly files: readonly JobFile[]
  /** The same files of the target branch. */
  readonly base?: readonly JobFile[]
  /** Name of the format; told from the beginning of each file unless given. */
  readonly as?: string
}

export interface JobFile extends FoundFile {
  /** It counts only if this run of a command made it. */
  readonly madeBy?: {
    /** Instant, ISO 8601. */
    readonly startedAt?: string
    /** Object id that its path has in the tree that the command was given. */
    readonly committed?: string
  }
}

export type JobResult =
  | {
      readonly ok: true
      /** What `Report.summarise` made of the files; undefined where none of them counts. */
      readonly summary: unknown
      readonly files: readonly FileRecord[]
      /** Of those of `ReportJob.base` that count. */
      readonly base: readonly FileRecord[]
      /** Paths of the files that do not count, because no command made them. */
      readonly left: readonly string[]
    }
  | JobFailure

export interface JobFailure {
  readonly ok: false
  /** Path of the file at fault; absent where it is none of them. */
  readonly path?: string
  /** Begins with path, line and column, as far as they are known. */
  readonly reason: string
  readonly sha256?: string
  /** Name of the format, where it was told. */
  readonly format?: string
}

export interface FileRecord {
  readonly path: string
  readonly format: string
  readonly sha256: string
  readonly modifiedMs: number
  /** Object ids of what the file says it is about. */
  readonly commits: readonly string[]
  readonly trees: readonly string[]
}

export interface JobWatch {
  readonly signal: AbortSignal
  /** Told as a file is begun and after each piece of it: its index, those of the base last, and the bytes of it read so far. */
  readonly progress?: (file: number, bytes: number) => void
}

/** Reads and summarises. Does not throw for what it finds in the files. */
export async function runJob(report: AnyReport, job: ReportJob, watch: JobWatch): Promise<JobResult> {
  const [files, base, left]: [Read[], Read[], string[]] = [[], [], []]
  for (const [index, file] of [...job.files, ...(job.base ?? [])].entries()) {
    const progress = (bytes: number): void => watch.progress?.(index, bytes)
    const read = await readOne(report, job, file, { signal: watch.signal, progress })
    if (read === undefined) left.push(file.path)
    else if ('ok' in read) return read
    else (index < job.files.length ? files : base).push(read)
  }
  if (watch.signal.aborted) return { ok: false, reason: 'the time limit was over before the files were counted' }
  watch.progress?.(job.files.length + (job.base?.length ?? 0), 0)
  return {
    ok: true,
    summary: files.length === 0 ? undefined : report.summarise(files, job.options, job.place, base.length === 0 ? undefined : base),
    files: files.map(recordOf),
    base: base.map(recordOf),
    left,
  }
}

interface Read extends FileRecord {
  readonly value: unknown
}

function recordOf(read: Read): FileRecord {
  const { value: _, ...record } = read
  return record
}

interface ReadWatch {
  readonly signal: AbortSignal
  readonly progress: (bytes: number) => void
}

/** Undefined: it does not count. */
async function readOne(report: AnyReport, job: ReportJob, file: JobFile, watch: ReadWatch): Promise<Read | JobFailure | undefined> {
  let format: Format<unknown, unknown> | undefined
  let parser: ByteParser<unknown> | undefined
  let other: string | undefined
  let bytesRead = 0
  const failed = (reason: string, place = '', sha256?: string): JobFailure => ({
    ok: false,
    path: file.path,
    reason: `${file.path}${place}: ${reason}`,
    ...(sha256 !== undefined && { sha256 }),
    ...(format && { format: format.name }),
  })
  function write(bytes: Uint8Array): void {
    if (bytesRead === 0) {
      format = formatOf(report.formats, file.path, bytes, job.as)
      parser = format?.open(job.options)
      if (!format) other = insteadOf(headOf(file.path, bytes).text)
    }
    parser?.write(bytes)
    bytesRead += bytes.length
    watch.progress(bytesRead)
  }
  watch.progress(0)
  try {
    const read = await readFile(file, { write }, { oid: file.madeBy?.committed, signal: watch.signal })
    if (!read.ok) return failed(read.reason)
    const { sha256, modifiedMs } = read
    if (file.madeBy && !isMadeBy(file.madeBy, read)) return undefined
    if (bytesRead === 0) return failed('the file is empty', ':1:1', sha256)
    if (!format || !parser)
      return failed(other ?? `this is none of ${report.formats.map(({ title }) => title).join(', ')}`, ':1:1', sha256)
    const outcome = parser.end()
    if (!outcome.ok) return failed(outcome.reason, `:${outcome.line}:${outcome.column}`, sha256)
    const { value } = outcome
    const { commits = [], trees = [] } = format.declares?.(value) ?? {}
    return { path: file.path, format: format.name, sha256, modifiedMs, commits: [...commits], trees: [...trees], value }
  } catch (error) {
    return failed(`reading it failed: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The only format of a kind says itself, with the place, what is wrong with a file that is none of it. */
function formatOf<F extends Format<unknown, unknown>>(formats: readonly F[], path: string, bytes: Uint8Array, as?: string): F | undefined {
  const [only] = formats
  if (as !== undefined) return formats.find(({ name }) => name === as)
  if (formats.length === 1) return only
  const head = headOf(path, bytes)
  return formats.find((one) => one.recognises(head))
}

/** File systems take their times from a clock that lags a little behind. */
const CLOCK_LAG_MS = 50

function isMadeBy(
  { startedAt, committed }: NonNullable<JobFile['madeBy']>,
  { oid, modifiedMs }: { readonly oid?: string; readonly modifiedMs: number },
): boolean {
  if (committed !== undefined && committed === oid) return false
  if (startedAt === undefined) return true
  const started = Date.parse(startedAt) - CLOCK_LAG_MS
  // Some file systems keep whole seconds only.
  const isCoarse = modifiedMs % 1_000 === 0
  return modifiedMs >= (isCoarse ? Math.floor(started / 1_000) * 1_000 : started)
}
