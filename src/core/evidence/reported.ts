import { z } from 'zod'
import { contradiction, identityOf } from '#core/evidence/ci-identity.ts'
import {
  EVIDENCE_STATUSES,
  streamSubject,
  UNITS,
  type Evidence,
  type EvidenceStatus,
  type SubjectState,
  type Unit,
} from '#core/evidence/evidence.ts'
import { canonical, CanonicalError, digest, type Hash } from '#core/ledger/canonical.ts'
import type { LedgerEvent, Reported, TokenIssued } from '#core/ledger/events.ts'
import type { Program, Source } from '#core/program/model.ts'
import { epoch, isInstant } from '#core/schedule/time.ts'

/**
 * Evidence that a CI service sends: an in-toto Statement v1 about a git commit. Either in a DSSE
 * envelope (github.com/secure-systems-lab/dsse, v1.0.2) signed with a token of Muster, or beside the
 * identity token that the CI service gave the job. Pure: hashing and the check of a signature are
 * arguments.
 */

const PAYLOAD_TYPE = 'application/vnd.in-toto+json'
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
const PREDICATE_TYPE = 'urn:muster:evidence:1'

/** Base64 characters of a payload: a report has a few dozen facts. */
const MOST_PAYLOAD = 2_000_000
/** Characters of an identity token: those of GitHub and GitLab have about 2,000. */
const MOST_ID_TOKEN = 20_000

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
const text = z.string().max(5_000)
const objectId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
const instant = z.string().max(40).refine(isInstant)

const factSchema = z
  .strictObject({
    name: z.string().min(1).max(64),
    status: z.enum(EVIDENCE_STATUSES),
    unit: z.enum(UNITS),
    value: z.union([z.boolean(), z.number()]).optional(),
    interval: z.strictObject({ low: z.number(), high: z.number(), level: z.number() }).optional(),
    source: text,
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    reason: text.optional(),
    details: z.array(text).max(20).optional(),
  })
  .refine(({ status, value }) => (value !== undefined) === (status === 'observed'), 'it has a value exactly when it is observed')

const statementSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([z.strictObject({ name: text, digest: z.strictObject({ gitCommit: objectId }) })]),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.strictObject({
    program: id,
    stream: id,
    source: z.strictObject({ id, collect: id, digest: z.string().regex(/^[0-9a-f]{64}$/) }),
    observedAt: instant,
    host: z.string().max(250).optional(),
    /** Who vouches for it. A kind of its own for each way to tell. */
    identity: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('token'), token: id }),
      z.strictObject({ kind: z.literal('oidc'), issuer: text }),
    ]),
    run: z.strictObject({
      service: id,
      branch: text,
      pullRequest: z.int().positive().optional(),
      /** Commit that the service checks out unless told otherwise, where that is not the subject: a trial merge. */
      merge: objectId.optional(),
      url: text.optional(),
    }),
    facts: z.array(factSchema).min(1).max(1_000),
  }),
})

const enclosed = { payloadType: z.literal(PAYLOAD_TYPE), payload: z.base64().max(MOST_PAYLOAD) }
const signedSchema = z.strictObject({ ...enclosed, signatures: z.tuple([z.strictObject({ keyid: id, sig: z.base64().length(88) })]) })
const vouchedSchema = z.strictObject({
  ...enclosed,
  idToken: z
    .string()
    .max(MOST_ID_TOKEN)
    .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/),
})

type Statement = z.infer<typeof statementSchema>

interface Enclosed {
  readonly payloadType: string
  /** Base64 of the statement, canonical JSON. */
  readonly payload: string
}

/** A DSSE envelope with one signature. */
export interface SignedEnvelope extends Enclosed {
  readonly signatures: readonly [{ readonly keyid: string; readonly sig: string }]
}

/** A statement and who vouches for it: a JSON Web Token that the CI service gave the job. */
export interface VouchedEnvelope extends Enclosed {
  readonly idToken: string
}

export type Envelope = SignedEnvelope | VouchedEnvelope

type Defined<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> }
/** What is reported of one metric. */
export interface ReportedFact {
  /** Of the metric, without that of its source. */
  readonly name: string
  readonly status: EvidenceStatus
  readonly unit: Unit
  readonly value?: boolean | number
  readonly interval?: { readonly low: number; readonly high: number; readonly level: number }
  /** What it was read from. */
  readonly source: string
  readonly sha256?: string
  readonly reason?: string
  readonly details?: readonly string[]
}
export type CiRun = Defined<Statement['predicate']['run']>

/** Who a statement names as the one that vouches for it. */
export type Identity = Statement['predicate']['identity']

/** What a statement says. */
export interface Report {
  readonly program: string
  readonly stream: string
  readonly commit: string
  readonly source: { readonly id: string; readonly collect: string; readonly digest: string }
  readonly observedAt: string
  readonly host?: string
  readonly identity: Identity
  readonly run: CiRun
  readonly facts: readonly ReportedFact[]
}

/** The statement as it is signed and sent: canonical JSON. */
export function statementText({ commit, ...predicate }: Report): string {
  return canonical({
    _type: STATEMENT_TYPE,
    subject: [{ name: 'commit', digest: { gitCommit: commit } }],
    predicateType: PREDICATE_TYPE,
    predicate,
  })
}

/** What is signed: DSSE's pre-authentication encoding of the payload. */
export const signedText = (payload: string): string => `DSSEv1 ${bytesOf(PAYLOAD_TYPE)} ${PAYLOAD_TYPE} ${bytesOf(payload)} ${payload}`

const bytesOf = (value: string): number => new TextEncoder().encode(value).length

/** What a statement says, but for who vouches for it. */
export type Unsigned = Omit<Report, 'identity'>

/** @param signer `sign` gives base64 of the token's signature over a text. */
export function sealReport(
  report: Unsigned,
  { token, sign }: { readonly token: string; readonly sign: (text: string) => string },
): SignedEnvelope {
  const payload = statementText({ ...report, identity: { kind: 'token', token } })
  return { ...enclose(payload), signatures: [{ keyid: token, sig: sign(signedText(payload)) }] }
}

/** @param statement What `statementText` gives. */
export const vouchFor = (statement: string, idToken: string): VouchedEnvelope => ({ ...enclose(statement), idToken })

const enclose = (statement: string): Enclosed => ({ payloadType: PAYLOAD_TYPE, payload: btoa(latin1(statement)) })

/** The UTF-8 bytes of a text, each as one character, as `btoa` takes them. */
function latin1(value: string): string {
  let result = ''
  for (const byte of new TextEncoder().encode(value)) result += String.fromCharCode(byte)
  return result
}

export type Opened = { readonly ok: true; readonly report: Report; readonly envelope: Envelope; readonly payload: string } | Refused
interface Refused {
  readonly ok: false
  readonly reason: string
}

const refused = (reason: string): Refused => ({ ok: false, reason })

/** Reads an envelope. That somebody vouches for it is another question: `voucherFault`. */
export function openEnvelope(value: unknown): Opened {
  const isVouched = typeof value === 'object' && value !== null && 'idToken' in value
  const read = (isVouched ? vouchedSchema : signedSchema).safeParse(value)
  if (!read.success)
    return refused(
      isVouched
        ? `it is no in-toto statement with an identity token: ${whereOf(read.error)}`
        : `it is no DSSE envelope of an in-toto statement with one signature: ${whereOf(read.error)}`,
    )
  const payload = decodePayload(read.data.payload)
  if (payload === undefined) return refused('its payload is not UTF-8 text')
  const parsed = parse(payload)
  const statement = statementSchema.safeParse(parsed)
  if (!statement.success) return refused(`its payload is no statement of evidence: ${whereOf(statement.error)}`)
  // One text for one statement: no key stands twice, nothing is hidden in the spelling.
  if (payload !== canonicalOf(parsed)) return refused('its payload is not canonical JSON')
  const {
    subject: [subject],
    predicate,
  } = statement.data
  const { identity } = predicate
  const envelope: Envelope = read.data
  if ('idToken' in envelope ? identity.kind !== 'oidc' : identity.kind !== 'token')
    return refused('its payload names another kind of voucher than it comes with')
  if ('signatures' in envelope && identity.kind === 'token' && identity.token !== envelope.signatures[0].keyid)
    return refused('its signature names another token than its payload')
  return { ok: true, report: { ...predicate, commit: subject.digest.gitCommit } as Report, envelope, payload }
}

const whereOf = ({ issues: [issue] }: z.ZodError): string =>
  issue === undefined ? 'it cannot be read' : `${issue.path.length === 0 ? 'the whole' : issue.path.join('.')}: ${issue.message}`

function decodePayload(base64: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch {
    return undefined
  }
}

function canonicalOf(value: unknown): string | undefined {
  try {
    return canonical(value)
  } catch (error) {
    if (error instanceof CanonicalError) return undefined
    throw error
  }
}

/** A token as the ledger knows it. */
export interface Token extends TokenIssued {
  readonly issuedAt: string
  readonly issuedBy: string
  readonly revoked?: { readonly at: string; readonly by: string; readonly reason: string }
}

/** The fold of the events about tokens, oldest first. A revoked one never comes back. */
export function foldTokens(events: Iterable<LedgerEvent>): ReadonlyMap<string, Token> {
  const tokens = new Map<string, Token>()
  for (const { type, body, at, actor } of events) {
    if (type === 'token-issued' && !tokens.has(body.token)) tokens.set(body.token, { ...body, issuedAt: at, issuedBy: actor })
    if (type !== 'token-revoked') continue
    const known = tokens.get(body.token)
    if (known && !known.revoked) tokens.set(body.token, { ...known, revoked: { at, by: actor, reason: body.reason } })
  }
  return tokens
}

/** @param publicKey Base64 of the 32 bytes. @param signature Base64. */
export type Verify = (publicKey: string, text: string, signature: string) => boolean

/** What is known of an identity token: its claims where a key of its issuer signed it, else why they do not count. */
export type CheckedIdToken = { readonly ok: true; readonly claims: unknown; readonly key: PublicKey } | Refused
/** A JSON Web Key. */
export type PublicKey = Readonly<Record<string, unknown>>

export interface Verifier {
  readonly tokens: ReadonlyMap<string, Token>
  readonly verify: Verify
  /** Identity tokens whose signature was checked. */
  readonly idTokens: ReadonlyMap<string, CheckedIdToken>
}

type Sound = Extract<Opened, { ok: true }>

/** Why nobody vouches for a report at an instant; undefined when somebody does. */
export const voucherFault = (opened: Sound, program: Program, verifier: Verifier, at: string, hash: Hash): string | undefined =>
  opened.report.identity.kind === 'token' ? signatureFault(opened, verifier, at) : idTokenFault(opened, program, verifier, at, hash)

/** As `voucherFault`, of an envelope that a token of Muster signed. */
export function signatureFault({ report, envelope, payload }: Sound, { tokens, verify }: Verifier, at: string): string | undefined {
  if (report.identity.kind !== 'token' || !('signatures' in envelope)) return 'it has no signature'
  const id = report.identity.token
  const token = tokens.get(id)
  if (!token) return `token ${id} is not known here`
  if (token.revoked) return `token ${id} was revoked at ${token.revoked.at} by ${token.revoked.by}: ${token.revoked.reason}`
  if (epoch(at) >= epoch(token.expires)) return `token ${id} expired at ${token.expires}`
  if (token.stream !== report.stream) return `token ${id} is for stream ${token.stream}, and this is about ${report.stream}`
  if (!verify(token.publicKey, signedText(payload), envelope.signatures[0].sig)) return 'its signature is not that of its content'
  return undefined
}

function idTokenFault(opened: Sound, program: Program, verifier: Verifier, at: string, hash: Hash): string | undefined {
  const { report } = opened
  const found = vouched(opened, program, verifier, at, hash)
  if (!found.ok) return found.reason
  if (report.identity.kind === 'oidc' && report.identity.issuer !== program.ci?.issuer)
    return `it names issuer ${report.identity.issuer}, and its identity token is of another`
  return contradiction(report, found.identity)
}

function vouched({ envelope, payload }: Sound, program: Program, { idTokens }: Verifier, at: string, hash: Hash) {
  const checked = 'idToken' in envelope ? idTokens.get(envelope.idToken) : undefined
  if (!checked) return refused('it has no identity token that was checked')
  return checked.ok ? identityOf(checked.claims, program, { sha256: hash(payload), at }) : checked
}

/**
 * What the record of a report is known by: the same report is recorded once. An identity token that
 * is not bound to its report vouches for one report of each source, that which came first.
 */
export function recordId(opened: Sound, program: Program, verifier: Verifier, at: string, hash: Hash): string {
  const { envelope, payload, report } = opened
  if ('signatures' in envelope) return digest(envelope, hash)
  const found = vouched(opened, program, verifier, at, hash)
  return found.ok && !found.identity.isBound
    ? digest({ issuer: program.ci?.issuer, token: found.identity.tokenId, source: report.source.id }, hash)
    : digest({ payload }, hash)
}

/** Options of a source that say where its files are, and nothing of how they are read. */
const WHERE = new Set(['from', 'files', 'base'])

/** Digest of how a source reads its files: two programs with the same one make the same facts of a file. */
export function readingDigest({ collect, options }: Pick<Source, 'collect' | 'options'>, hash: Hash): string {
  const reading = Object.entries(options as Readonly<Record<string, unknown>>).filter(([key]) => !WHERE.has(key))
  return digest({ collect, options: Object.fromEntries(reading) }, hash)
}

/** Why what CI made of a file is not what the program asks for; undefined when it is. */
export function readingFault(program: Program, { program: id, stream, source }: Report, hash: Hash): string | undefined {
  if (id !== program.id) return `it is about program ${id}, and this is ${program.id}`
  if (!program.streams.some((one) => one.id === stream)) return `there is no stream ${stream} here`
  const own = program.sources.find((one) => one.id === source.id)
  if (!own) return `there is no source ${source.id} here`
  if (!isFor(own, stream)) return `source ${source.id} is not for stream ${stream}`
  if (own.collect !== source.collect || readingDigest(own, hash) !== source.digest)
    return `source ${source.id} reads with other options here than in the program file that CI had`
  return undefined
}

export const isFor = (source: Pick<Source, 'for'>, stream: string): boolean =>
  source.for === 'streams' || (source.for !== 'program' && source.for.includes(stream))

/** A `reported` event. Checking it again takes a millisecond, and most are never asked for. */
export interface Recorded {
  readonly seq: number
  readonly at: string
  readonly body: Reported
  readonly check: () => Rechecked
}

export interface Rechecked {
  readonly report?: Report
  /** Why it cannot be relied on. */
  readonly fault?: string
}

/** Reads the body of an event again as whoever accepted it did: the signature, the token, the facts beside the envelope. */
export function recheck(body: Reported, at: string, program: Program, verifier: Verifier, hash: Hash): Rechecked {
  const opened = openEnvelope(body.envelope)
  if (!opened.ok) return { fault: opened.reason }
  const { report } = opened
  const isSame =
    body.stream === report.stream &&
    body.source === report.source.id &&
    body.commit === report.commit &&
    canonical(body.facts) === canonical(report.facts)
  const fault = isSame
    ? (voucherFault(opened, program, verifier, at, hash) ?? readingFault(program, report, hash))
    : 'what stands in the record is not what was signed'
  return { report, ...(fault !== undefined && { fault }) }
}

/**
 * Reported facts as evidence: for each stream and metric the one piece that counts. About the tree
 * the branch is at before any other, sound before faulty, later before earlier.
 * @param at Clock of the check; what was recorded later is not known yet.
 */
export function reportedEvidence(
  records: readonly Recorded[],
  subjects: Readonly<Record<string, SubjectState>>,
  at: string,
): readonly Evidence[] {
  const placed = records
    .filter((record) => epoch(record.at) <= epoch(at))
    .map((record) => placeOf(record, subjects[streamSubject(record.body.stream)]))
    .toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.record.seq - a.record.seq)
  const found = new Map<string, { readonly isCurrent: boolean; readonly isSound: boolean; readonly evidence: Evidence }>()
  for (const { record, tree, isCurrent } of placed) {
    const { stream, source, facts } = record.body
    const keyOf = ({ name }: ReportedFact): string => `${stream} ${source}.${name}`
    const isOpen = (fact: ReportedFact): boolean => {
      const known = found.get(keyOf(fact))
      return known === undefined || (!known.isSound && known.isCurrent === isCurrent)
    }
    const open = facts.filter(isOpen)
    if (open.length === 0) continue
    const isSound = record.check().fault === undefined
    for (const fact of open)
      if (isSound || !found.has(keyOf(fact))) found.set(keyOf(fact), { isCurrent, isSound, evidence: evidenceOf(record, fact, tree) })
  }
  return [...found.values()].map(({ evidence }) => evidence)
}

function placeOf(record: Recorded, state: SubjectState | undefined) {
  const { commit, tree: known } = record.body
  const head = state?.state === 'present' ? state : undefined
  const tree = known ?? (commit === head?.commit ? head.tree : undefined)
  return { record, tree, isCurrent: tree !== undefined && tree === head?.tree }
}

/** What a record says, as evidence about the tree that was looked up when it was accepted. */
export const evidenceOfRecord = (record: Recorded): readonly Evidence[] =>
  record.body.facts.map((fact) => evidenceOf(record, fact, record.body.tree))

function evidenceOf({ seq, at, body, check }: Recorded, fact: ReportedFact, tree: string | undefined): Evidence {
  const { report, fault } = check()
  const { name, value, interval, reason, status, details, ...rest } = fact
  const remarks = fault === undefined ? [reason, report && remarkOf(report.run)] : [`${fault} (record ${seq})`]
  const said = remarks.filter((one) => one !== undefined)
  const observedAt = report && epoch(report.observedAt) < epoch(at) ? report.observedAt : at
  return {
    subject: streamSubject(body.stream),
    metric: `${body.source}.${name}`,
    ...rest,
    status: fault === undefined ? status : 'errored',
    ...(fault === undefined && value !== undefined && { value }),
    ...(fault === undefined && interval && { interval }),
    provenance: 'reported',
    commit: body.commit,
    ...(tree !== undefined && { tree }),
    observedAt,
    ...(report?.host !== undefined && { host: report.host }),
    ...(said.length > 0 && { reason: said.join('; ') }),
    ...(details && { details }),
  }
}

const remarkOf = ({ pullRequest, merge }: CiRun): string | undefined =>
  merge === undefined ? undefined : `pull request ${pullRequest ?? ''} is checked out merged with its target unless CI says otherwise`

/**
 * Measured and reported evidence side by side. What was measured counts first, and a difference is
 * said; where nothing could be measured, what was reported stands in its place with that reason.
 */
export function besideMeasured(measured: readonly Evidence[], reported: readonly Evidence[]): readonly Evidence[] {
  if (reported.length === 0) return measured
  const keyOf = ({ subject, metric }: Evidence): string => `${subject} ${metric}`
  const sent = new Map(reported.map((one) => [keyOf(one), one]))
  const kept = measured.flatMap((one) => {
    const other = sent.get(keyOf(one))
    if (!other) return [one]
    if (one.status === 'missing') {
      if (one.reason !== undefined) sent.set(keyOf(one), remarked(other, `not measured here: ${one.reason}`))
      return []
    }
    const differs = one.status === 'observed' && other.status === 'observed' && one.tree === other.tree && one.value !== other.value
    return [differs ? remarked(one, `CI reported ${String(other.value)} for the same tree, this is ${String(one.value)}`) : one]
  })
  return [...kept, ...sent.values()]
}

const remarked = (evidence: Evidence, remark: string): Evidence => ({
  ...evidence,
  reason: evidence.reason === undefined ? remark : `${evidence.reason}; ${remark}`,
})
