import { existsSync } from 'node:fs'
import { fail, failed, ok, warning, type Finding } from '#cli/doctor/finding.ts'
import { CommandError, type Io } from '#cli/io.ts'
import { readProgramFile, type ProgramFile } from '#cli/program-file.ts'
import { ledgerFile, openEdges, openLedger, type Edges } from '#cli/wire.ts'
import { commandRequest } from '#collect/command/index.ts'
import { inspect } from '#collect/command/trust.ts'
import { KINDS } from '#collect/registry.ts'
import { verifyStream } from '#core/ledger/chain.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Program } from '#core/program/model.ts'
import { commandRequests } from '#engine/gather.ts'
import { sha256 } from '#store/sha256.ts'

export interface Looked {
  readonly findings: readonly Finding[]
  readonly file?: ProgramFile
  readonly program?: Program
}

export async function programFinding(io: Io, option: string | undefined): Promise<Looked> {
  let file: ProgramFile
  try {
    file = await readProgramFile(io, option)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const [message = '', ...remedy] = error.message.split('\n  ')
    return { findings: [fail('program', message, remedy.join(' ') || 'name a file that can be read')] }
  }
  const { program, problems } = loadProgram(file.shown, file.bytes, KINDS)
  if (!program)
    return {
      file,
      findings: [fail('program', `${file.shown} has ${many(problems.length, 'mistake')}`, '`muster config check` says which')],
    }
  const counts = [
    many(program.streams.length, 'stream'),
    many(program.checkpoints.length, 'checkpoint'),
    many(program.sources.length, 'source'),
  ]
  return { file, program, findings: [ok('program', `${file.shown}: ${counts.join(', ')}`)] }
}

const many = (count: number, one: string, several = `${one}s`): string => `${count} ${count === 1 ? one : several}`

/** The repository, the branches in it, and whether its commands may run. */
export async function repositoryFindings(io: Io, program: Program, folder: string): Promise<readonly Finding[]> {
  let edges: Edges
  try {
    edges = await openEdges(io, program, folder)
  } catch (error) {
    return [failed('repository', error, 'correct repository: in the program file')]
  }
  try {
    await edges.mirror.refresh(io.signal)
    const branches = await edges.mirror.branches()
    return [
      branches.length === 0
        ? fail('repository', `${program.repository} has no branches yet`, 'commit something, or correct repository: in the program file')
        : ok('repository', `${program.repository}: ${many(branches.length, 'branch', 'branches')}`),
      ...(await branchFindings(edges, program)),
      await trustFinding(edges, program),
    ]
  } catch (error) {
    return [failed('repository', error, 'correct repository: in the program file')]
  } finally {
    await edges.close()
  }
}

async function branchFindings(edges: Edges, program: Program): Promise<readonly Finding[]> {
  const target = await edges.mirror.resolve(program.target)
  const [absent, parted]: [Finding[], Finding[]] = [[], []]
  for (const stream of program.streams) {
    const state = await edges.mirror.resolve(stream.branch)
    if (state.state === 'absent')
      absent.push(warning(`branch ${stream.id}`, state.reason, `make the branch, or correct streams.${stream.id}.branch`))
    const remote = await edges.mirror.partedFrom(stream.branch)
    if (remote !== undefined)
      parted.push(
        warning(
          `branch ${stream.id}`,
          `${stream.branch} and ${remote.slice('refs/remotes/'.length)} have parted; ${stream.branch} counts`,
          'pull or push, so that they are one again',
        ),
      )
  }
  const present = program.streams.length - absent.length
  return [
    target.state === 'absent' ? fail('target', target.reason, 'correct target: in the program file') : ok('target', program.target),
    ...(present === 0 ? [] : [ok('branches', `${present} of ${program.streams.length} streams have their branch`)]),
    ...absent,
    ...parted,
  ]
}

async function trustFinding(edges: Edges, program: Program): Promise<Finding> {
  const trusted = new Map<string, boolean>()
  try {
    for (const request of await commandRequests(program, edges.ports)) {
      const command = commandRequest(request)
      if (!command) continue
      const { digest } = await inspect(edges.mirror, command)
      trusted.set(digest, await edges.trust.isTrusted(digest))
    }
  } catch (error) {
    return failed('commands', error, 'run `muster trust`')
  }
  const open = [...trusted.values()].filter((one) => !one).length
  if (trusted.size === 0) return ok('commands', 'a check of this program runs no commands')
  if (open === 0) return ok('commands', `${trusted.size} trusted`)
  return warning(
    'commands',
    `${open} of ${trusted.size} are not trusted, so what they measure is missing`,
    'look at them and trust them: `muster trust`',
  )
}

/** The ledger, and the time of its newest record. */
export async function ledgerFinding(
  io: Io,
  program: Program,
  folder: string,
): Promise<{ readonly finding: Finding; readonly newest?: string }> {
  const file = ledgerFile(io, folder)
  try {
    const store = await openLedger(io, folder, 'read')
    try {
      let newest: string | undefined
      let count = 0
      const watched = async function* () {
        for await (const event of store.read(program.id)) {
          count += 1
          if (newest === undefined || event.at > newest) newest = event.at
          yield event
        }
      }
      const verified = await verifyStream(watched(), sha256, { program: program.id })
      if (!verified.ok) return { finding: fail('ledger', verified.reason, verified.remedy) }
      const text =
        count === 0
          ? existsSync(file)
            ? `no record of ${program.id} yet`
            : 'none yet; the first check makes it'
          : `${many(count, 'record')} of ${program.id}, the chain holds`
      return { finding: ok('ledger', text), ...(newest !== undefined && { newest }) }
    } finally {
      await store.close()
    }
  } catch (error) {
    return { finding: failed('ledger', error, `look at ${file}`) }
  }
}
