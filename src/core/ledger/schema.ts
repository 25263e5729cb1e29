import { digest, type Hash } from '#core/ledger/canonical.ts'
import type { EventBody, EventType } from '#core/ledger/events.ts'

type BodyOf<T extends EventType> = Extract<EventBody, { readonly type: T }>['body']

/**
 * The shape of every event, in words that are part of each record's seal: whoever changes what a
 * field means must say so here, and records sealed under other meanings are told apart. A field
 * added to or taken from `EventBody` does not compile until it is named here.
 */
export const EVENT_SHAPES = {
  program: { digest: 'sha256 of program', program: 'Program 1', inForce: 'new | again?' },
  evidence: { digest: 'sha256 of snapshot', snapshot: 'Snapshot 1' },
  'check-in': {
    stream: 'stream id',
    done: 'text[]',
    next: 'text[]',
    risks: 'text[]',
    claims: 'metric or deliverable id -> number',
    plan: '(metric or deliverable id -> number)?',
    waitingOn: 'text[]?',
    blocking: 'text[]?',
    confidence: '{ week?: ratio, program?: ratio }?',
  },
  'blocker-opened': {
    blocker: 'id',
    stream: 'stream id',
    title: 'text',
    severity: 'critical | high | medium | low',
    impact: 'text',
    workaround: 'text?',
    labels: 'text[]?',
    owner: 'person id',
    deadline: 'instant',
  },
  'blocker-changed': {
    blocker: 'id',
    severity: 'critical | high | medium | low?',
    impact: 'text?',
    workaround: 'text?',
    owner: 'person id?',
    deadline: 'instant?',
  },
  'blocker-acknowledged': { blocker: 'id', until: 'instant' },
  'blocker-resolved': { blocker: 'id', outcome: 'resolved | workaround | scope-reduced | deadline-extended', note: 'text' },
  'sign-off': {
    checkpoint: 'checkpoint id',
    criterion: 'criterion id?',
    stream: 'stream id?',
    role: 'role',
    approve: 'boolean',
    reason: 'text',
    tree: 'object id?',
  },
  waiver: {
    waiver: 'id',
    checkpoint: 'checkpoint id',
    criterion: 'criterion id',
    stream: 'stream id?',
    reason: 'text',
    expires: 'instant?',
  },
  override: { checkpoint: 'checkpoint id', verdict: 'verdict', reason: 'text' },
  'token-issued': { token: 'id', stream: 'stream id', publicKey: 'base64 of 32 bytes', expires: 'instant' },
  'token-revoked': { token: 'id', reason: 'text' },
  'access-granted': {
    access: 'id',
    sha256: 'sha256 of the token',
    label: 'text',
    person: 'person id?',
    stream: 'stream id?',
    expires: 'instant',
  },
  'access-revoked': { access: 'id', reason: 'text' },
  reported: {
    stream: 'stream id',
    source: 'source id',
    commit: 'object id',
    tree: 'object id?',
    facts: 'ReportedFact 1[]',
    envelope: 'DSSE envelope of an in-toto statement, or one with an identity token',
    key: 'JWK?',
  },
  decision: {
    checkpoint: 'checkpoint id',
    clock: 'instant',
    version: 'text',
    inputs: '{ program: sha256, evidence: sha256, ledgerBefore: seq, ledger: sha256 }',
    stages: '{ policy: sha256, evaluation: sha256, decision: sha256, report: sha256 }',
    verdict: 'verdict',
    rule: 'rule id',
    streams: 'stream id[]?',
  },
  'checkpoint-opened': { checkpoint: 'checkpoint id', startsAt: 'instant', late: 'true?' },
  'checkpoint-held': {
    checkpoint: 'checkpoint id',
    due: 'instant',
    decision: 'event id',
    verdict: 'verdict',
    next: '{ checkpoint: checkpoint id, at: instant }?',
  },
  'checkpoint-moved': { checkpoint: 'checkpoint id', from: 'instant?', to: 'instant', reason: 'text' },
  'checkpoint-cancelled': { checkpoint: 'checkpoint id', reason: 'text' },
  'escalation-raised': {
    escalation: 'id',
    rule: 'rule id',
    subject: 'subject',
    scenario: 'text',
    owner: 'person id',
    escalateTo: 'person id',
    because: 'text',
  },
  'escalation-acknowledged': { escalation: 'id', until: 'instant' },
  'escalation-cleared': { escalation: 'id', reason: 'text' },
  'option-chosen': { checkpoint: 'checkpoint id', stream: 'stream id', matrix: 'matrix id', option: 'option id', reason: 'text' },
  fired: {
    timer: 'key',
    kind: 'kind of due action',
    due: 'instant',
    dropped: 'text?',
    invited: '{ name: text, people: person id[], startsAt: instant, endsAt: instant, weekly: text?, addresses: (person id -> text)? }?',
  },
  'invitation-answered': {
    meeting: 'checkpoint | sync',
    id: 'checkpoint id | sync id',
    says: 'accepted | declined | tentative',
    sequence: 'number',
    time: 'instant | days, wall time and zone',
    answeredAt: 'instant',
  },
  delivery: {
    message: 'key',
    channel: 'channel id',
    to: 'text',
    state: 'delivered | uncertain | failed | dropped',
    attempt: 'number',
    reference: 'text?',
    reason: 'text?',
  },
  'delivery-retried': { message: 'key', reason: 'text' },
  trouble: {
    trouble: 'missed | clock | channel | gather | program | older | emptied',
    from: 'instant',
    until: 'instant',
    text: 'text',
    about: 'text?',
  },
} as const satisfies { readonly [T in EventType]: Readonly<Record<keyof BodyOf<T>, string>> }

/** Raised with every change of `EVENT_SHAPES` after a release. */
export const SCHEMA_VERSION = 1

/** What new records are sealed under. Written out, so that a change of the shapes cannot pass unseen: a test recomputes it. */
export const SCHEMA = '1.0ce1796daf7fb542'

/** Schemas whose records this version can read; those of released versions stay here for ever. */
export const KNOWN_SCHEMAS: readonly string[] = [SCHEMA]

/** `<version>.<first 16 hex digits of the digest of version and shapes>`. */
export function schemaId(version: number, shapes: unknown, hash: Hash): string {
  return `${version}.${digest({ version, shapes }, hash).slice(0, 16)}`
}

export const isEventType = (type: string): type is EventType => Object.hasOwn(EVENT_SHAPES, type)
