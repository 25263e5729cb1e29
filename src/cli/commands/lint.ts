import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { Command, Option } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CONFIG_OPTION } from '#cli/common-options.ts'
import { CommandError, wantsColor, type Io } from '#cli/io.ts'
import { readState } from '#cli/ledger-state.ts'
import { findProgramFile } from '#cli/program-file.ts'
import { VERSION } from '#cli/version.ts'
import { hasLedger, openEdges, openLedger, stateFolder } from '#cli/wire.ts'
import { KINDS } from '#collect/registry.ts'
import { lint } from '#core/lint/lint.ts'
import { lintProgram } from '#core/lint/program.ts'
import type { Known } from '#core/lint/rule.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'
import { decodeText } from '#core/program/source-text.ts'
import { isDate, isZone } from '#core/schedule/time.ts'
import { bySeverityThenPlace, type Problem } from '#core/problems.ts'
import { json, terminal } from '#render/encode.ts'
import { findingsGithub } from '#render/findings/github.ts'
import { findingsSarif } from '#render/findings/sarif.ts'
import { findingsText } from '#render/findings/text.ts'

/** `muster lint`: the contradictions of a plan. Exit 0 when none is an error, 1 when one is, 2 for usage. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('lint')
    .description(
      'Find what contradicts itself in a program file or in plans written in Markdown. Several Markdown files are read as one plan.',
    )
    .argument('[files...]', 'program files and Markdown files (default: the program file)')
    .option(...CONFIG_OPTION)
    .addOption(new Option('--format <format>', 'form of the findings').choices(['text', 'json', 'sarif', 'github']).default('text'))
    .option('--anchor <date>', 'Markdown: day 1 of the plan, YYYY-MM-DD, for relative times')
    .option('--year <year>', 'Markdown: year of dates that have none')
    .option('--zone <zone>', 'Markdown: IANA time zone of the plan')
    .action(async (files, options) => {
      const paths = files.length > 0 ? files.map((file) => resolve(io.cwd, file)) : [findProgramFile(io, options.config)]
      const documents = paths.filter((path) => /\.(?:md|markdown|mdown|txt)$/i.test(path))
      const findings = [
        ...(await lintDocuments(io, documents, reading(options))),
        ...(await lintPrograms(
          io,
          paths.filter((path) => !documents.includes(path)),
        )),
      ].toSorted(bySeverityThenPlace)
      io.stdout.write(output(io, options.format, findings))
      exit(findings.some((one) => one.severity === 'error') ? 1 : 0)
    }) as unknown as PlainCommand
}

function output(io: Io, format: 'text' | 'json' | 'sarif' | 'github', findings: readonly Problem[]): string {
  switch (format) {
    case 'json':
      return json({ schemaVersion: 1, findings })
    case 'sarif':
      return findingsSarif(findings, VERSION)
    case 'github':
      return findingsGithub(findings)
    case 'text':
      return findingsText(findings, wantsColor(io, io.stdout))
  }
}

interface Reading {
  readonly anchor?: string
  readonly year?: number
  readonly zone?: string
}

function reading({ anchor, year, zone }: { anchor?: string | undefined; year?: string | undefined; zone?: string | undefined }): Reading {
  if (anchor !== undefined && !isDate(anchor)) throw new CommandError(`--anchor: "${anchor}" is not a date\n  write YYYY-MM-DD`)
  if (year !== undefined && !/^\d{4}$/.test(year)) throw new CommandError(`--year: "${year}" is not a year\n  write four digits`)
  if (zone !== undefined && !isZone(zone))
    throw new CommandError(`--zone: "${zone}" is not a time zone\n  write an IANA name such as Europe/Berlin or UTC`)
  return { ...(anchor !== undefined && { anchor }), ...(year !== undefined && { year: Number(year) }), ...(zone !== undefined && { zone }) }
}

async function lintDocuments(io: Io, paths: readonly string[], options: Reading): Promise<readonly Problem[]> {
  if (paths.length === 0) return []
  const { readPlan } = await import('#core/plan/read/index.ts')
  const files = await Promise.all(
    paths.map(async (path) => {
      const decoded = decodeText(await bytesOf(io, path))
      if ('reason' in decoded) throw new CommandError(`${shown(io, path)}: ${decoded.reason} (file-unreadable)`)
      return { file: shown(io, path), text: decoded.text }
    }),
  )
  return lint(readPlan(files, options))
}

/** One after the other: each may open a mirror. */
async function lintPrograms(io: Io, paths: readonly string[]): Promise<readonly Problem[]> {
  const { lintTemplates } = await import('#render/notice/lint.ts')
  const findings: Problem[] = []
  for (const path of paths) {
    const loaded = loadProgram(shown(io, path), await bytesOf(io, path), KINDS)
    findings.push(...lintProgram(loaded, loaded.program ? await known(io, loaded.program, dirname(path)) : {}), ...lintTemplates(loaded))
  }
  return findings
}

const shown = (io: Io, path: string): string => relative(io.cwd, path) || path

async function bytesOf(io: Io, path: string): Promise<Uint8Array> {
  if (!existsSync(path) || !(await stat(path)).isFile())
    throw new CommandError(`${shown(io, path)}: there is no such file (file-not-found)\n  name a program file or a Markdown file`)
  return readFile(path)
}

/** The branches and the waivers, where there are a mirror and a ledger; the linter makes neither. */
async function known(io: Io, program: Program, folder: string): Promise<Known> {
  const branches = existsSync(stateFolder(io, folder)) ? await branchesOf(io, program, folder) : undefined
  const waivers = hasLedger(io, folder) ? await waiversOf(io, program, folder) : undefined
  return { ...(branches && { branches }), ...(waivers && { waivers }) }
}

/** The text is judged whether or not its repository can be reached, so what fails here is only said. */
async function branchesOf(io: Io, program: Program, folder: string): Promise<readonly string[] | undefined> {
  try {
    const edges = await openEdges(io, program, folder)
    try {
      await edges.mirror.refresh(io.signal)
      return (await edges.mirror.branches()).map((one) => one.name)
    } finally {
      await edges.close()
    }
  } catch (error) {
    return unread(io, 'the branches', error)
  }
}

async function waiversOf(io: Io, program: Program, folder: string): Promise<Known['waivers']> {
  try {
    const store = await openLedger(io, folder, 'read')
    try {
      return (await readState(store, program.id)).state.waivers
    } finally {
      await store.close()
    }
  } catch (error) {
    return unread(io, 'the ledger', error)
  }
}

function unread(io: Io, what: string, error: unknown): undefined {
  if (io.signal.aborted || !(error instanceof Error)) throw error
  io.stderr.write(`${terminal(`muster: ${what} could not be read, so nothing is said of it: ${error.message.split('\n')[0] ?? ''}`)}\n`)
  return undefined
}
