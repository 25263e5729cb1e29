import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Command, Option } from '@commander-js/extra-typings'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { printAccepted } from '#cli/evidence/accept.ts'
import { acceptAll, type Accepted } from '#cli/evidence/accepting.ts'
import { readCi, type CiIdentity } from '#cli/evidence/ci.ts'
import { readAs, type Reading } from '#cli/evidence/reading.ts'
import { messageOf, requestIdToken } from '#cli/evidence/id-token.ts'
import { readToken, type Signer } from '#cli/evidence/signing.ts'
import { CommandError, EXIT, type Io } from '#cli/io.ts'
import { unknown } from '#cli/options.ts'
import { loadProgramFile } from '#cli/program-file.ts'
import { loadReport, REPORT_KINDS } from '#collect/report-registry.ts'
import { boundAudience } from '#core/evidence/ci-identity.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import { redact } from '#core/evidence/redact.ts'
import {
  isFor,
  readingDigest,
  sealReport,
  statementText,
  vouchFor,
  type Envelope,
  type ReportedFact,
  type Unsigned,
} from '#core/evidence/reported.ts'
import { ACCESS_PREFIX } from '#core/people/access.ts'
import type { Program, Source, Stream } from '#core/program/model.ts'
import { requestOf } from '#engine/gather.ts'
import { json } from '#render/encode.ts'
import { sha256 } from '#store/sha256.ts'

/** `muster evidence push`: what CI found, signed, bound to what the CI service says it ran for. */
export const pushCommand = (io: Io, exit: (code: number) => void) =>
  new Command('push')
    .description(
      'Send evidence from CI: read reports as a source would, bind them to the commit and branch that the CI service names, and sign them with MUSTER_TOKEN, or without one have the CI service vouch for them by its identity token (`ci:` in the program file).',
    )
    .usage('<files...> --source <id> [options]')
    .argument('<files...>', 'report files')
    .option(...CONFIG_OPTION)
    .requiredOption('--source <id>', 'source of the program that they are reports of')
    .option('--stream <id>', 'stream, where the branch is that of several')
    .option('--as <format>', 'read them as this format instead of telling it from each file')
    .option('--to <file>', 'write the signed evidence to a file, for `muster evidence accept`, instead of recording it here')
    .addOption(new Option('--server <url>', 'send it to the server of `muster serve` there, instead of recording it here').conflicts('to'))
    .addOption(formatOption('form of what is printed'))
    .action(async (files, options) => {
      const program = await loadProgramFile(io, options.config)
      const source = chooseSource(program.program, options.source)
      const signer = await chooseSigner(io, program.program)
      const ci = await identify(io)
      const stream = chooseStream(program.program, ci.run.branch, options.stream, source)
      const reading = await readSource(io, program, source, stream, files, options.as)
      const unsigned = reportOf({ program: program.program, source, stream, reading, ci, host: io.host })
      const envelope = signer ? sealReport(unsigned, signer) : await vouch(io, program.program, unsigned)
      if (options.to !== undefined) {
        await write(io, options.to, envelope)
        if (options.format === 'json') io.stdout.write(json({ schemaVersion: 1, files: [{ path: options.to, outcome: 'written' }] }))
        else
          io.stdout.write(
            `${plainText(options.to)}: ${reading.facts.length} facts about ${stream.id} at ${ci.commit.slice(0, 12)}, ${signer ? 'signed' : 'vouched for by the CI service'}\n`,
          )
        return exit(0)
      }
      const results =
        options.server === undefined
          ? await acceptAll(io, program, [{ name: reading.path, value: envelope }])
          : [await sendTo(options.server, program.program.id, reading.path, envelope)]
      printAccepted(io, results, options.format)
      exit(results.some((one) => one.outcome === 'refused') ? 3 : 0)
    })

/** The signature in the envelope is what the server looks at: no account is needed. */
async function sendTo(url: string, program: string, name: string, envelope: Envelope): Promise<Accepted> {
  const { createClient, MusterError } = await import('#client/index.ts')
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CommandError(`--server: "${url}" is no address such as https://muster.example`)
  try {
    const { outcome, record } = await createClient({ url }).write('pushEvidence', { program }, envelope)
    return { name, outcome, seq: record }
  } catch (error) {
    if (error instanceof MusterError && error.problem.code === 'evidence-refused')
      return { name, outcome: 'refused', reason: error.problem.detail }
    throw new CommandError(
      `${url} does not take it: ${messageOf(error)}${error instanceof MusterError ? '' : '\n  see that `muster serve` runs there'}`,
      EXIT.couldNotRun,
    )
  }
}

function chooseSource(program: Program, id: string): Source {
  const able = program.sources.filter((one) => REPORT_KINDS.includes(one.collect))
  const found = able.find((one) => one.id === id)
  if (found) return found
  const other = program.sources.find((one) => one.id === id)
  if (other)
    throw new CommandError(
      `${id} collects ${other.collect}, which reads no report files\n  those that do collect ${REPORT_KINDS.join(', ')}`,
    )
  throw new CommandError(
    unknown(
      'source',
      id,
      able.map((one) => one.id),
    ),
  )
}

/** Undefined where the identity of the job is to vouch. */
async function chooseSigner(io: Io, { ci }: Program): Promise<Signer | undefined> {
  const secret = io.env['MUSTER_TOKEN'] || (await secretIn(io, io.env['MUSTER_TOKEN_FILE'] ?? ''))
  const signer = readToken(secret)
  if (signer) return signer
  if (secret === '' && ci) return undefined
  throw new CommandError(
    secret === ''
      ? 'MUSTER_TOKEN holds no token, and the program file has no ci: whose identity would do\n  `muster evidence token --stream ID` makes one; give it to CI as a secret'
      : secret.startsWith(ACCESS_PREFIX)
        ? 'MUSTER_TOKEN holds a token of the API, which signs nothing\n  `muster evidence token --stream ID` makes one that signs evidence'
        : 'what MUSTER_TOKEN holds is no token of Muster\n  it begins with muster_; copy it whole',
  )
}

async function secretIn(io: Io, file: string): Promise<string> {
  if (file === '') return ''
  return readFile(resolve(io.cwd, file), 'utf8').catch((error: Error) => {
    throw new CommandError(`MUSTER_TOKEN_FILE: ${plainText(error.message)}`)
  })
}

async function identify(io: Io): Promise<Extract<CiIdentity, { ok: true }>> {
  const path = io.env['GITHUB_EVENT_PATH']
  const event = path ? await readFile(path, 'utf8').catch(() => undefined) : undefined
  const ci = readCi(io.env, event)
  if (!ci.ok) throw new CommandError(`${ci.reason}\n  the commit and the stream come from the CI service alone`)
  return ci
}

/** The stream is that of the branch; an option may choose among several and never names another. */
function chooseStream(program: Program, branch: string, option: string | undefined, source: Source): Stream {
  const ofBranch = program.streams.filter((one) => one.branch === branch)
  const ids = ofBranch.map((one) => one.id)
  const found = option === undefined && ofBranch.length === 1 ? ofBranch[0] : ofBranch.find((one) => one.id === option)
  if (!found) {
    if (ofBranch.length === 0)
      throw new CommandError(
        `CI ran for branch ${JSON.stringify(branch)}, and no stream is on it\n  run it on the branch of a stream, or name this one as the branch of one in the program file`,
      )
    throw new CommandError(
      option === undefined
        ? `branch ${branch} is that of ${ids.join(' and ')}; give --stream ID`
        : `CI ran for branch ${branch} of ${ids.join(' and ')}; --stream ${option} contradicts it`,
    )
  }
  if (!isFor(source, found.id))
    throw new CommandError(
      `source ${source.id} is not for stream ${found.id}\n  name the stream under sources.${source.id}.for, or push for another source`,
    )
  return found
}

async function readSource(
  io: Io,
  { program, folder }: { readonly program: Program; readonly folder: string },
  source: Source,
  stream: Stream,
  files: readonly string[],
  as: string | undefined,
): Promise<Reading> {
  const report = await loadReport(source.collect)
  if (!report) throw new CommandError(`there is no reader of ${source.collect} reports`)
  const names = report.formats.map((one) => one.name)
  if (as !== undefined && !names.includes(as)) throw new CommandError(unknown(`format of ${source.collect} reports`, as, names))
  const { options } = requestOf(program, source, streamSubject(stream.id), { state: 'absent', reason: '' })
  const toRead = { report, options: { ...(options as object), files: '**' }, checkout: folder, ...(as !== undefined && { as }) }
  const reading = await readAs(toRead, io.cwd, files, io.signal)
  if (reading.status === 'observed') return reading
  throw new CommandError(`${reading.path}: ${reading.status}: ${reading.reason ?? ''}\n  nothing was sent`, 3)
}

/** The service vouches for what its token names: GitLab's names no merge request. */
async function vouch(io: Io, { ci }: Program, { run: { pullRequest, ...run }, ...report }: Unsigned): Promise<Envelope> {
  if (!ci)
    throw new CommandError('the program file has no ci:\n  say there which jobs are believed, or give this one a token in MUSTER_TOKEN')
  if (run.service !== ci.service)
    throw new CommandError(`this job runs in ${run.service}, and ci: of the program file trusts ${ci.service}`)
  const named = ci.service === 'github-actions' && pullRequest !== undefined ? { ...run, pullRequest } : run
  const statement = statementText({ ...report, run: named, identity: { kind: 'oidc', issuer: ci.issuer } })
  return vouchFor(statement, await requestIdToken(io, boundAudience(ci.audience, sha256(statement))))
}

interface Made {
  readonly program: Program
  readonly source: Source
  readonly stream: Stream
  readonly reading: Reading
  readonly ci: Extract<CiIdentity, { ok: true }>
  readonly host: string
}

function reportOf({ program, source, stream, reading, ci, host }: Made): Unsigned {
  const { commit, run } = ci
  const other = reading.commits.find((one) => one !== commit && one !== run.merge)
  if (other !== undefined)
    throw new CommandError(
      `${reading.path} says it is about ${other.slice(0, 12)}, and CI ran for ${commit.slice(0, 12)}\n  nothing was sent`,
      3,
    )
  return {
    program: program.id,
    stream: stream.id,
    commit,
    source: { id: source.id, collect: source.collect, digest: readingDigest(source, sha256) },
    observedAt: reading.modifiedAt ?? '',
    host,
    run,
    // What was not looked for here, such as the reports of the target branch, is not told.
    facts: reading.facts.filter((one) => one.status !== 'missing').map((one) => factOf(one, reading)),
  }
}

const MOST_TEXT = 1_000
const safe = (text: string): string => redact(plainText(text)).slice(0, MOST_TEXT)

function factOf(fact: Reading['facts'][number], { sha256: digest }: Reading): ReportedFact {
  const { name, status, unit, value, interval, reason, details, source } = fact
  const isObserved = status === 'observed' && value !== undefined
  return {
    name,
    status: isObserved ? status : status === 'observed' ? 'errored' : status,
    unit,
    ...(isObserved && { value }),
    ...(isObserved && interval && { interval }),
    source: safe(source),
    ...(digest !== undefined && { sha256: digest }),
    ...(reason !== undefined && { reason: safe(reason) }),
    ...(details && details.length > 0 && { details: details.slice(0, 20).map(safe) }),
  }
}

async function write(io: Io, file: string, envelope: Envelope): Promise<void> {
  try {
    await writeFile(resolve(io.cwd, file), `${JSON.stringify(envelope, undefined, 2)}\n`)
  } catch (error) {
    throw new CommandError(`--to ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`, EXIT.couldNotRun)
  }
}
