import { generateKeyPairSync, sign, verify as verifyWith, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verifySignature } from '#cli/evidence/signing.ts'
import type { Evidence, SubjectState } from '#core/evidence/evidence.ts'
import {
  besideMeasured,
  foldTokens,
  openEnvelope,
  readingDigest,
  readingFault,
  reportedEvidence,
  sealReport,
  signatureFault,
  signedText,
  type SignedEnvelope,
  type Rechecked,
  type Recorded,
  type Report,
  type Verifier,
} from '#core/evidence/reported.ts'
import type { LedgerEvent } from '#core/ledger/events.ts'
import type { Program } from '#core/program/model.ts'
import { sha256 } from '#store/sha256.ts'
import { checkpointOf, programOf, streamOf } from '../../../test/core/heart/build.ts'

const NOW = '2026-02-25T12:00:00Z'
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const raw = (key: KeyObject): string => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')
const signWith = (key: KeyObject) => (text: string) => sign(null, Buffer.from(text), key).toString('base64')

const TOKEN = '0123456789abcdef'
const REPORT: Report = {
  program: 'demo',
  stream: 'reader',
  commit: 'a'.repeat(40),
  source: { id: 'tests', collect: 'junit', digest: 'c'.repeat(64) },
  observedAt: '2026-02-25T11:00:00Z',
  host: 'runner-1',
  identity: { kind: 'token', token: TOKEN },
  run: { service: 'github-actions', branch: 'feature/reader' },
  facts: [
    { name: 'ratio', status: 'observed', unit: 'ratio', value: 1, source: 'junit.xml', details: ['é漢字🎉'] },
    { name: 'flaky', status: 'inconclusive', unit: 'tests', source: 'junit.xml', reason: 'one run' },
  ],
}
const event = (type: string, body: object, at = '2026-02-01T12:00:00Z'): LedgerEvent =>
  ({ type, body, at, actor: 'boss', seq: 1 }) as unknown as LedgerEvent
const ISSUED = event('token-issued', { token: TOKEN, stream: 'reader', publicKey: raw(publicKey), expires: '2026-03-01T00:00:00Z' })
const verifierOf = (...events: readonly LedgerEvent[]): Verifier => ({
  tokens: foldTokens(events),
  verify: verifySignature,
  idTokens: new Map(),
})

const sealed = (report: Report = REPORT, key: KeyObject = privateKey): SignedEnvelope =>
  sealReport(report, { token: TOKEN, sign: signWith(key) })
function faultOf(envelope: unknown, verifier = verifierOf(ISSUED), at = NOW): string | undefined {
  const opened = openEnvelope(envelope)
  return opened.ok ? signatureFault(opened, verifier, at) : opened.reason
}

describe('an envelope', () => {
  it('gives back what was sealed, and vouches for it', () => {
    const opened = openEnvelope(JSON.parse(JSON.stringify(sealed())))
    expect(opened).toMatchObject({ ok: true, report: REPORT })
    expect(faultOf(sealed())).toBeUndefined()
  })

  it('is DSSE of an in-toto statement, as any verifier computes it', () => {
    const { payloadType, payload, signatures } = sealed()
    const bytes = Buffer.from(payload, 'base64')
    const encoded = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} `), bytes])
    expect(verifyWith(null, encoded, publicKey, Buffer.from(signatures[0].sig, 'base64'))).toBe(true)
    expect(JSON.parse(bytes.toString('utf8'))).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { gitCommit: REPORT.commit } }],
      predicate: { stream: 'reader', identity: { kind: 'token', token: TOKEN } },
    })
  })

  it.each([
    ['a token that is not known', verifierOf(), NOW, /is not known/],
    ['one that expired', verifierOf(ISSUED), '2026-03-01T00:00:00Z', /expired at 2026-03-01/],
    [
      'one that was revoked',
      verifierOf(ISSUED, event('token-revoked', { token: TOKEN, reason: 'it leaked' })),
      NOW,
      /revoked .* by boss: it leaked/,
    ],
    [
      'one of another stream',
      verifierOf(event('token-issued', { token: TOKEN, stream: 'writer', publicKey: raw(publicKey), expires: '2026-03-01T00:00:00Z' })),
      NOW,
      /is for stream writer, and this is about reader/,
    ],
    [
      'one with another key',
      verifierOf(
        event('token-issued', {
          token: TOKEN,
          stream: 'reader',
          publicKey: raw(generateKeyPairSync('ed25519').publicKey),
          expires: '2026-03-01T00:00:00Z',
        }),
      ),
      NOW,
      /signature is not that of its content/,
    ],
  ])('of %s is refused', (_, verifier, at, reason) => {
    expect(faultOf(sealed(), verifier, at)).toMatch(reason)
  })

  it('of a token that was issued twice is held to the first key', () => {
    const other = generateKeyPairSync('ed25519')
    const again = event('token-issued', {
      token: TOKEN,
      stream: 'reader',
      publicKey: raw(other.publicKey),
      expires: '2027-03-01T00:00:00Z',
    })
    expect(faultOf(sealed(REPORT, other.privateKey), verifierOf(ISSUED, again))).toMatch(/signature/)
  })

  it('of which any byte is changed is refused', () => {
    const { payload, ...rest } = sealed()
    const bytes = Buffer.from(payload, 'base64')
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ by
        expect(faultOf({ ...rest, payload: changed.toString('base64') })).toBeDefined()
      }),
    )
  })

  it('is refused with a reason, whatever it is', () => {
    const parts = fc.record({ payloadType: fc.anything(), payload: fc.anything(), signatures: fc.anything() })
    fc.assert(
      fc.property(fc.oneof(fc.anything(), parts), (value) => {
        expect(faultOf(value)).toMatch(/./)
      }),
    )
  })

  it('holds one statement in one spelling', () => {
    const text = Buffer.from(sealed().payload, 'base64').toString('utf8')
    for (const other of [
      ` ${text}`,
      text.replace('"program":"demo"', '"program":"other","program":"demo"'),
      text.replace('{"_type"', '{ "_type"'),
    ]) {
      const envelope = {
        ...sealed(),
        payload: Buffer.from(other).toString('base64'),
        signatures: [{ keyid: TOKEN, sig: signWith(privateKey)(signedText(other)) }],
      }
      expect(faultOf(envelope)).toMatch(/canonical/)
    }
  })

  it.each([
    ['a value without being observed', { status: 'missing', value: 1 }],
    ['no value though observed', { value: undefined }],
    ['a unit that there is not', { unit: 'miles' }],
  ])('with a fact that has %s is refused', (_, wrong) => {
    const report = { ...REPORT, facts: [{ ...REPORT.facts[0], ...wrong }] } as unknown as Report
    expect(faultOf(sealed(report))).toMatch(/no statement of evidence: predicate.facts.0/)
  })
})

describe('what CI made of a file', () => {
  const source = {
    id: 'tests',
    collect: 'junit',
    for: 'streams',
    options: { files: ['a.xml'], suites: ['unit'] },
    timeLimitSeconds: 60,
  } as const
  const fault = (own: Partial<Program['sources'][number]> = {}, report: Partial<Report> = {}) => {
    const program = programOf(checkpointOf([]), { streams: [streamOf('reader'), streamOf('writer')], sources: [{ ...source, ...own }] })
    return readingFault(program, { ...REPORT, source: { ...REPORT.source, digest: readingDigest(source, sha256) }, ...report }, sha256)
  }

  it('counts where this program reads the same way, wherever its files are', () => {
    expect(fault()).toBeUndefined()
    expect(fault({ options: { files: ['elsewhere/*.xml'], suites: ['unit'] } })).toBeUndefined()
    expect(fault({ for: ['reader'] })).toBeUndefined()
  })

  it.each([
    ['another program', {}, { program: 'other' }, 'it is about program other, and this is demo'],
    ['a stream that there is not', {}, { stream: 'printer' }, 'there is no stream printer here'],
    ['a source that there is not', { id: 'checks' }, {}, 'there is no source tests here'],
    ['a source that is for another stream', { for: ['writer'] }, {}, 'source tests is not for stream reader'],
    ['a source that is for the program', { for: 'program' }, {}, 'source tests is not for stream reader'],
    ['a source of another kind', { collect: 'coverage' }, {}, /reads with other options here/],
    ['a source with other options', { options: { files: ['a.xml'], suites: [] } }, {}, /reads with other options here/],
  ] as const)('of %s does not count', (_, own, report, reason) => {
    expect(fault(own, report)).toMatch(reason)
  })
})

describe('reported evidence', () => {
  const TREE = 'd'.repeat(40)
  const head: SubjectState = { state: 'present', ref: 'refs/heads/feature/reader', commit: REPORT.commit, tree: TREE, committedAt: NOW }
  const subjects = { 'stream:reader': head }
  interface More extends Rechecked {
    readonly tree?: string
    readonly commit?: string
  }
  const record = (seq: number, value: number, { tree, commit = REPORT.commit, report = REPORT, fault }: More = {}): Recorded => {
    const facts = [{ name: 'ratio', status: 'observed', unit: 'ratio', value, source: 'junit.xml' }] as const
    const body = { stream: 'reader', source: 'tests', commit, ...(tree !== undefined && { tree }), facts, envelope: sealed() }
    return { seq, at: `2026-02-25T10:0${seq}:00Z`, body, check: () => ({ report, ...(fault !== undefined && { fault }) }) }
  }
  const ratio = (records: readonly Recorded[], at = NOW): Evidence | undefined => reportedEvidence(records, subjects, at)[0]

  it('is about the tree of the head where the commit is the head', () => {
    expect(ratio([record(1, 0.9)])).toMatchObject({
      metric: 'tests.ratio',
      provenance: 'reported',
      tree: TREE,
      value: 0.9,
      status: 'observed',
    })
  })

  it('of the tree that the branch is at counts, else the latest', () => {
    const old = { tree: 'e'.repeat(40), commit: 'e'.repeat(40) }
    expect(ratio([record(1, 0.9, { tree: TREE }), record(2, 0.8, old)])).toMatchObject({ value: 0.9 })
    expect(ratio([record(2, 0.8, { tree: TREE }), record(1, 0.9, { tree: TREE })])).toMatchObject({ value: 0.8 })
    expect(ratio([record(1, 0.9, old)])).toMatchObject({ value: 0.9, tree: old.tree })
    expect(ratio([record(1, 0.9, { commit: 'f'.repeat(40) })])?.tree).toBeUndefined()
  })

  it('that cannot be relied on has no value, and hides none that can', () => {
    const fault = { fault: 'token x was revoked' }
    expect(ratio([record(1, 1, fault)])).toMatchObject({ status: 'errored', reason: 'token x was revoked (record 1)' })
    expect(ratio([record(1, 1, fault)])?.value).toBeUndefined()
    expect(ratio([record(1, 0.9), record(2, 1, fault)])).toMatchObject({ status: 'observed', value: 0.9 })
  })

  it('of a pull request that CI has merged says so, and nothing of one that it has not', () => {
    const run = { ...REPORT.run, pullRequest: 7 }
    const remark = (more: Partial<Report['run']>) => ratio([record(1, 1, { report: { ...REPORT, run: { ...run, ...more } } })])?.reason
    expect(remark({ merge: 'e'.repeat(40) })).toMatch(/^pull request 7 is checked out merged with its target/)
    expect(remark({})).toBeUndefined()
  })

  it('is not known before it was recorded, and observed no later than that', () => {
    expect(ratio([record(5, 1)], '2026-02-25T10:04:00Z')).toBeUndefined()
    expect(ratio([record(5, 1, { report: { ...REPORT, observedAt: '2030-01-01T00:00:00Z' } })])?.observedAt).toBe('2026-02-25T10:05:00Z')
  })
})

describe('beside measured evidence', () => {
  const one = (provenance: Evidence['provenance'], more: Partial<Evidence> = {}): Evidence => ({
    subject: 'stream:reader',
    metric: 'tests.ratio',
    status: 'observed',
    unit: 'ratio',
    value: 1,
    provenance,
    tree: 'd',
    observedAt: NOW,
    source: 'x',
    ...more,
  })
  const measured = one('measured')

  it('both are kept, and a difference is said', () => {
    expect(besideMeasured([measured], [one('reported')])).toEqual([measured, one('reported')])
    const [first] = besideMeasured([measured], [one('reported', { value: 0.5 })])
    expect(first).toMatchObject({ provenance: 'measured', value: 1, reason: 'CI reported 0.5 for the same tree, this is 1' })
    expect(besideMeasured([measured], [one('reported', { value: 0.5, tree: 'e' })])[0]).toEqual(measured)
  })

  it('stands in for what could not be measured, and says why; not for what failed to be', () => {
    const { value: _, ...bare } = measured
    const missing: Evidence = { ...bare, status: 'missing', reason: 'no file matches' }
    expect(besideMeasured([missing], [one('reported')])).toEqual([one('reported', { reason: 'not measured here: no file matches' })])
    const errored: Evidence = { ...bare, status: 'errored', reason: 'damaged' }
    expect(besideMeasured([errored], [one('reported')])[0]).toEqual(errored)
  })
})
