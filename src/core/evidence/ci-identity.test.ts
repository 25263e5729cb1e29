import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundAudience, contradiction, identityOf, type CiIdentity } from '#core/evidence/ci-identity.ts'
import type { CiTrust, Stream } from '#core/program/model.ts'

const COMMIT = 'a'.repeat(40)
const OTHER = 'b'.repeat(40)
const SHA256 = 'c'.repeat(64)
/** 2026-02-25T12:00:00Z */
const ISSUED = 1_772_020_800
const AT = '2026-02-25T12:01:00Z'

const stream = (id: string, branch: string) => ({ id, branch }) as Stream
const streams = [stream('reader', 'feature/reader'), stream('writer', 'feature/writer')]
const GITHUB: CiTrust = {
  service: 'github-actions',
  issuer: 'https://token.actions.githubusercontent.com',
  audience: 'muster',
  repository: 'demo/logq',
  keys: 'keys.json',
}
const GITLAB: CiTrust = { ...GITHUB, service: 'gitlab-ci', issuer: 'https://gitlab.example', repository: 'group/sub/logq' }

const common = { aud: 'muster', iat: ISSUED, nbf: ISSUED - 5, exp: ISSUED + 300, jti: 'one' }
const push = {
  ...common,
  iss: GITHUB.issuer,
  sub: 'repo:demo/logq:ref:refs/heads/feature/reader',
  repository: 'demo/logq',
  event_name: 'push',
  ref: 'refs/heads/feature/reader',
  ref_type: 'branch',
  sha: COMMIT,
  head_ref: '',
  base_ref: '',
  job_workflow_ref: 'demo/logq/.github/workflows/ci.yml@refs/heads/feature/reader',
}
const pull = { ...push, event_name: 'pull_request', ref: 'refs/pull/7/merge', sha: OTHER, head_ref: 'feature/reader', base_ref: 'main' }
const pipeline = {
  ...common,
  iss: GITLAB.issuer,
  project_path: 'group/sub/logq',
  pipeline_source: 'push',
  ref: 'feature/reader',
  ref_type: 'branch',
  ref_path: 'refs/heads/feature/reader',
  sha: COMMIT,
  ci_config_ref_uri: 'gitlab.example/group/sub/logq//.gitlab-ci.yml@refs/heads/feature/reader',
}

const identify = (claims: unknown, ci: CiTrust = GITHUB, at = AT) => identityOf(claims, { ci, streams }, { sha256: SHA256, at })
const reason = (claims: unknown, ci?: CiTrust, at?: string): string => {
  const found = identify(claims, ci, at)
  return found.ok ? 'accepted' : found.reason
}

describe('the identity of a job', () => {
  const proven = { streams: ['reader'], branch: 'feature/reader', tokenId: 'one', isBound: false }

  it('of a push names stream and commit', () => {
    expect(identify(push)).toEqual({ ok: true, identity: { ...proven, commit: COMMIT } })
    expect(identify(pipeline, GITLAB)).toEqual({ ok: true, identity: { ...proven, commit: COMMIT } })
  })

  it('of a pull request names its number, and the trial merge in place of the commit', () => {
    expect(identify(pull)).toEqual({ ok: true, identity: { ...proven, pullRequest: 7, merge: OTHER } })
  })

  it('is that of every stream on the branch', () => {
    const found = identityOf(push, { ci: GITHUB, streams: [...streams, stream('tail', 'feature/reader')] }, { sha256: SHA256, at: AT })
    expect(found).toMatchObject({ ok: true, identity: { streams: ['reader', 'tail'] } })
  })

  it.each([
    ['another issuer', { iss: 'https://evil.example' }, /issuer "https:\/\/evil.example", and "https:\/\/token/],
    ['another audience', { aud: 'sts.example' }, /is for "sts.example", and not for "muster"/],
    ['an audience that only begins so', { aud: 'muster2' }, /not for "muster"/],
    ['the audience of another report', { aud: boundAudience('muster', 'd'.repeat(64)) }, /made for another report/],
    ['another repository', { repository: 'somebody/logq' }, /ran in "somebody\/logq"/],
    ['another spelling of the repository', { repository: 'Demo/logq' }, /ran in "Demo\/logq"/],
    ['a tag', { ref: 'refs/tags/feature/reader' }, /refs\/tags\/feature\/reader", which is no branch/],
    ['a branch of no stream', { ref: 'refs/heads/main' }, /no stream is on it/],
    ['no commit', { sha: 'main' }, /sha/],
    ['no id', { jti: undefined }, /jti/],
    ['times as words', { exp: 'never' }, /exp/],
    ['a time that no calendar has', { exp: 1e300 }, /exp/],
    ['a pull request of the target’s rights', { event_name: 'pull_request_target', head_ref: 'feature/reader' }, /pull_request_target/],
    ['a run after another', { event_name: 'workflow_run' }, /workflow_run/],
    ['a remark', { event_name: 'issue_comment' }, /issue_comment/],
    ['a pull request without number', { event_name: 'pull_request' }, /names no branch/],
  ])('with %s is refused', (_, change, expected) => {
    expect(reason({ ...push, ...change })).toMatch(expected)
  })

  it('holds from its issue to its end', () => {
    expect(reason(push, GITHUB, '2026-02-25T11:58:00Z')).toMatch(/holds from 2026-02-25T12:00:00Z on/)
    expect(reason(push, GITHUB, '2026-02-25T12:04:59Z')).toBe('accepted')
    expect(reason(push, GITHUB, '2026-02-25T12:05:00Z')).toMatch(/expired at 2026-02-25T12:05:00Z/)
  })

  it('bound to its report can be brought for a week', () => {
    const bound = { ...push, aud: boundAudience('muster', SHA256) }
    expect(identify(bound, GITHUB, '2026-03-04T11:59:59Z')).toMatchObject({ ok: true, identity: { isBound: true } })
    expect(reason(bound, GITHUB, '2026-03-04T12:00:00Z')).toMatch(/expired/)
  })

  it('is that of the one workflow that is trusted, where one is', () => {
    const workflow = 'demo/ci/.github/workflows/test.yml@refs/heads/main'
    expect(reason(push, { ...GITHUB, workflow })).toMatch(/workflow "demo\/logq\/.*, and "demo\/ci/)
    expect(reason({ ...push, job_workflow_ref: workflow }, { ...GITHUB, workflow })).toBe('accepted')
    expect(reason({ ...pipeline, ci_config_ref_uri: null }, { ...GITLAB, workflow })).toMatch(/workflow null/)
  })

  it('of a fork’s merge request is the fork’s', () => {
    expect(reason({ ...pipeline, project_path: 'somebody/logq' }, GITLAB)).toMatch(/ran in "somebody\/logq"/)
  })

  it('is none where the program trusts none', () => {
    expect(identityOf(push, { streams }, { sha256: SHA256, at: AT })).toMatchObject({ ok: false })
  })

  it('is never proven by what a service did not write', () => {
    const keys = Object.keys(push) as (keyof typeof push)[]
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
        const found = identify({ ...push, [key]: value })
        if (found.ok) expect({ ...found.identity, tokenId: '' }).toEqual({ ...proven, commit: found.identity.commit, tokenId: '' })
        else expect(found.reason).toMatch(/./)
      }),
    )
    fc.assert(
      fc.property(fc.jsonValue(), (claims) => {
        expect(identify(claims).ok).toBe(false)
      }),
    )
  })
})

describe('what a report says of itself', () => {
  const identity: CiIdentity = { streams: ['reader'], branch: 'feature/reader', commit: COMMIT, tokenId: 'one', isBound: false }
  const told = { stream: 'reader', commit: COMMIT, run: { branch: 'feature/reader' } }

  it.each([
    ['nothing else', told, identity, undefined],
    ['another stream', { ...told, stream: 'writer' }, identity, /stream writer, and the job ran for reader/],
    ['another branch', { ...told, run: { branch: 'feature/writer' } }, identity, /names branch "feature\/writer"/],
    ['another commit', { ...told, commit: OTHER }, identity, /about commit b+, and the job ran for a+/],
    ['a pull request that the job had not', { ...told, run: { ...told.run, pullRequest: 7 } }, identity, /pull request 7, .* none/],
    [
      'another trial merge',
      { ...told, run: { ...told.run, pullRequest: 7, merge: COMMIT } },
      { streams: ['reader'], branch: 'feature/reader', pullRequest: 7, merge: OTHER, tokenId: 'one', isBound: false },
      /trial merge a+, and the job ran on b+/,
    ],
  ])('%s', (_, report, of, expected) => {
    const found = contradiction(report, of)
    if (expected === undefined) expect(found).toBeUndefined()
    else expect(found).toMatch(expected)
  })
})
