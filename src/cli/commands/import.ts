import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { askAnchor } from '#cli/import/anchor.ts'
import { summaryOf, summaryText, type ImportSummary } from '#cli/import/summary.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { FILE_NAME, problemsText } from '#cli/program-file.ts'
import { ownStateFolder } from '#cli/wire.ts'
import { KINDS } from '#collect/registry.ts'
import type { Fact } from '#core/plan/model.ts'
import { mergePrograms } from '#core/plan/merge.ts'
import { readDocuments, type PlanDocument, type ReadOptions, type ReadPlan } from '#core/plan/read/read.ts'
import { writeProgram } from '#core/plan/write.ts'
import { loadProgram } from '#core/program/load.ts'
import { isDate, isZone } from '#core/schedule/time.ts'
import { json, terminal } from '#render/encode.ts'

/** Longest document that is read, in bytes. */
const MOST_BYTES = 64_000_000

/** `muster import`: plans in Markdown become a program file. Exit 1 when edits by hand and the plan conflict. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('import')
    .description(
      'Read plans written in Markdown and write a commented program file, with a list of everything that was not understood. Importing a changed plan again keeps what was edited by hand.',
    )
    .argument('<plans...>', 'Markdown files, read as one plan')
    .option('-o, --output <file>', `program file to write; - for standard output (default: ${FILE_NAME})`)
    .option(CONFIG_OPTION[0], 'the same as --output')
    .option('--anchor <date>', 'day 1 of the plan, YYYY-MM-DD, for times such as "Week 2" or "Day 3"')
    .option('--year <year>', 'year of dates that have none (default: that of the other dates, else this one)')
    .option('--zone <zone>', 'IANA time zone of a plan that names none (default: that of this machine)')
    .option('--force', 'overwrite a file that is there, edits by hand too')
    .option('--dry-run', 'write nothing')
    .addOption(formatOption('form of the summary'))
    .action(async (plans, options) => {
      const output = options.output ?? options.config ?? FILE_NAME
      const path = resolve(io.cwd, output)
      const documents = await Promise.all(plans.map(async (plan) => readDocument(io, plan)))
      const { read, anchor, notices } = await readAll(
        io,
        documents.map((one) => one.document),
        { ...checked(options) },
      )
      const zone = options.zone ?? machineZone(io)
      const written = writeProgram(read.plan, { kinds: KINDS, day: anchor, zone, documents: documents.map((one) => one.document.file) })
      const said = [...documents.flatMap((one) => one.notices), ...notices, ...read.plan.notices, ...written.notices]
      if (output === '-') {
        io.stdout.write(written.text)
        const { program } = loadProgram(FILE_NAME, new TextEncoder().encode(written.text), KINDS)
        io.stderr.write(summaryText(summaryOf(read, said, program), '-'))
        return
      }
      const result = await put(
        io,
        path,
        written.text,
        documents.map((one) => one.document),
        { force: options.force === true, dryRun: options.dryRun === true },
      )
      const { program, problems } = loadProgram(shown(io, path), new TextEncoder().encode(result.text), KINDS)
      const summary: ImportSummary = {
        ...summaryOf(read, said, program),
        ...(result.changes && { changes: result.changes }),
        ...(result.conflicts && { conflicts: result.conflicts }),
      }
      io.stdout.write(
        options.format === 'json'
          ? json({ schemaVersion: 1, file: shown(io, path), written: result.written, ...summary })
          : summaryText(summary, shown(io, path), result.written),
      )
      if (!program) io.stderr.write(`${problemsText(problems)}\n`)
      exit(result.conflicts && result.conflicts.length > 0 ? 1 : 0)
    }) as unknown as PlainCommand
}

function checked({
  anchor,
  year,
  zone,
}: {
  anchor?: string | undefined
  year?: string | undefined
  zone?: string | undefined
}): ReadOptions {
  if (anchor !== undefined && !isDate(anchor)) throw new CommandError(`--anchor: "${anchor}" is not a date\n  write YYYY-MM-DD`)
  if (year !== undefined && !/^\d{4}$/.test(year)) throw new CommandError(`--year: "${year}" is not a year\n  write four digits`)
  if (zone !== undefined && !isZone(zone))
    throw new CommandError(`--zone: "${zone}" is not a time zone (unknown-zone)\n  write an IANA name such as Europe/Berlin or UTC`)
  return { ...(anchor !== undefined && { anchor }), ...(year !== undefined && { year: Number(year) }), ...(zone !== undefined && { zone }) }
}

/** Reads the plan; where it counts from a day that nobody gave, asks for it, and without a terminal takes the next Monday. */
async function readAll(
  io: Io,
  documents: readonly PlanDocument[],
  options: ReadOptions,
): Promise<{ readonly read: ReadPlan; readonly anchor: string; readonly notices: readonly Fact<string>[] }> {
  const first = readDocuments(documents, options)
  const year = options.year ?? Number(io.now().slice(0, 4))
  const [undated] = first.needsAnchor
  const anchor = options.anchor ?? (await askAnchor(io, undated))
  if (first.needsYear.length === 0 && (!undated || options.anchor !== undefined)) return { read: first, anchor, notices: [] }
  const notices =
    undated && options.anchor === undefined
      ? [{ ...undated, value: `"${undated.value}" counts from a day that the plan does not name; ${anchor} was taken (--anchor)` }]
      : []
  return { read: readDocuments(documents, { ...options, year, anchor }), anchor, notices }
}

async function readDocument(io: Io, plan: string): Promise<{ readonly document: PlanDocument; readonly notices: readonly Fact<string>[] }> {
  const path = resolve(io.cwd, plan)
  const file = shown(io, path)
  if (!existsSync(path) || !(await stat(path)).isFile())
    throw new CommandError(`${file}: there is no such file (file-not-found)\n  name a Markdown file`)
  const bytes = await readFile(path)
  if (bytes.length > MOST_BYTES)
    throw new CommandError(`${file}: the file has ${bytes.length} bytes (file-unreadable)\n  a plan has at most ${MOST_BYTES} bytes`)
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    const text = new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes)
    return { document: { file, text }, notices: [{ file, line: 1, column: 1, value: 'the file is UTF-16' }] }
  }
  if (bytes.includes(0)) throw new CommandError(`${file}: the file holds NUL bytes; it is not text (file-unreadable)`)
  try {
    return { document: { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }, notices: [] }
  } catch {
    const text = new TextDecoder('windows-1252').decode(bytes)
    return {
      document: { file, text },
      notices: [{ file, line: 1, column: 1, value: 'the file is not UTF-8; it was read as Windows-1252' }],
    }
  }
}

interface Put {
  readonly text: string
  readonly written: boolean
  readonly changes?: ImportSummary['changes']
  readonly conflicts?: ImportSummary['conflicts']
}

/** What the last import wrote, so that the next one can tell edits by hand from changes of the plan. */
interface LastImport {
  readonly schemaVersion: 1
  /** sha256 of the documents, one after the other. */
  readonly plan: string
  readonly documents: readonly string[]
  readonly yaml: string
}

async function put(
  io: Io,
  path: string,
  text: string,
  documents: readonly PlanDocument[],
  { force, dryRun }: { readonly force: boolean; readonly dryRun: boolean },
): Promise<Put> {
  const record = join(ownStateFolder(io, dirname(path)), 'import', `${basename(path)}.json`)
  const keep = async (result: string): Promise<void> => {
    if (dryRun) return
    await mkdir(dirname(path), { recursive: true })
    await replace(path, result)
    await mkdir(dirname(record), { recursive: true })
    const last: LastImport = { schemaVersion: 1, plan: digestOf(documents), documents: documents.map((one) => one.file), yaml: text }
    await replace(record, json(last))
  }
  if (!existsSync(path) || force) {
    await keep(text)
    return { text, written: !dryRun }
  }
  const last = await lastImport(record)
  if (!last)
    throw new CommandError(`${shown(io, path)} is already there, and no import wrote it\n  --force overwrites it, --output writes another`)
  const merged = mergePrograms(last.yaml, await readFile(path, 'utf8'), text)
  if (!merged.ok) throw new CommandError(`${shown(io, path)}: ${merged.reason}\n  mend it, or --force to write it anew`)
  const { program, problems } = loadProgram(shown(io, path), new TextEncoder().encode(merged.text), KINDS)
  if (!program)
    throw new CommandError(
      `the changes of the plan and the edits of ${shown(io, path)} together make no program; nothing was written\n${terminalLines(problemsText(problems))}`,
    )
  await keep(merged.text)
  return { text: merged.text, written: !dryRun, changes: merged.changes, conflicts: merged.conflicts }
}

const terminalLines = (text: string): string => text.split('\n').map(terminal).join('\n')

/** Whole or not at all: a reader never meets half a file. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`
  await writeFile(temporary, text)
  await rename(temporary, path)
}

async function lastImport(record: string): Promise<LastImport | undefined> {
  if (!existsSync(record)) return undefined
  try {
    const value: unknown = JSON.parse(await readFile(record, 'utf8'))
    return typeof value === 'object' && value !== null && 'yaml' in value && typeof value.yaml === 'string'
      ? (value as LastImport)
      : undefined
  } catch {
    return undefined
  }
}

function digestOf(documents: readonly PlanDocument[]): string {
  const hash = createHash('sha256')
  for (const one of documents) hash.update(one.text).update('\0')
  return hash.digest('hex')
}

const shown = (io: Io, path: string): string => relative(io.cwd, path) || path

function machineZone(io: Io): string {
  const environment = io.env['TZ']
  if (environment !== undefined && isZone(environment)) return environment
  const machine = Intl.DateTimeFormat().resolvedOptions().timeZone
  return isZone(machine) ? machine : 'UTC'
}
