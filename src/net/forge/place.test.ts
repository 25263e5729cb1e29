import { generateKeyPairSync, verify } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressProblem, type Reach } from '#net/address.ts'
import { limitOf } from '#net/limit.ts'
import { claimOf } from './credential.ts'
import type { ForgeAccess } from './access.ts'
import { addressOf, placeOf, type Place } from './place.ts'

const place = (asked: ForgeAccess, repository: string, environment: Readonly<Record<string, string>> = {}): Place | string => {
  const placed = placeOf(asked, repository, (name) => environment[name])
  return placed.ok ? placed.place : placed.reason
}

test.each([
  ['https', 'https://github.com/example/reader.git'],
  ['ssh', 'ssh://git@github.com/example/reader.git'],
  ['scp', 'git@github.com:example/reader.git'],
])('GitHub is known by the address of the repository: %s', (_, repository) => {
  expect(place({}, repository)).toMatchObject({
    forge: 'github',
    api: 'https://api.github.com',
    graphql: 'https://api.github.com/graphql',
    project: 'example/reader',
    isPublic: true,
  })
})

test.each([
  ['gitlab.com', {}, 'git@gitlab.com:example/group/reader.git', 'https://gitlab.com/api/v4', 'example/group/reader'],
  [
    'a GitLab of one’s own',
    { MUSTER_GITLAB_URL: 'https://git.example.org' },
    'ssh://git@git.example.org:2222/example/reader',
    'https://git.example.org/api/v4',
    'example/reader',
  ],
  [
    'one below a path',
    { MUSTER_GITLAB_URL: 'https://example.org/gitlab/' },
    'https://example.org/gitlab/example/reader.git',
    'https://example.org/gitlab/api/v4',
    'example/reader',
  ],
  [
    'a GitHub of one’s own',
    { MUSTER_GITHUB_URL: 'https://git.example.org' },
    'git@git.example.org:example/reader.git',
    'https://git.example.org/api/v3',
    'example/reader',
  ],
  [
    'GitHub with residency',
    { MUSTER_GITHUB_URL: 'https://example.ghe.com' },
    'git@example.ghe.com:example/reader.git',
    'https://api.example.ghe.com',
    'example/reader',
  ],
  [
    'a job of GitHub Actions',
    { GITHUB_ACTIONS: 'true', GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'example/reader' },
    '.',
    'https://api.github.com',
    'example/reader',
  ],
  [
    'a job of GitLab CI',
    { GITLAB_CI: 'true', CI_SERVER_URL: 'https://git.example.org', CI_PROJECT_PATH: 'example/group/reader' },
    '.',
    'https://git.example.org/api/v4',
    'example/group/reader',
  ],
] as const)('%s', (_, environment, repository, api, project) => {
  expect(place({}, repository, environment)).toMatchObject({ api, project })
})

test('what the source says goes before the address of the repository', () => {
  expect(place({ project: 'example/other' }, 'git@github.com:example/reader.git')).toMatchObject({ project: 'example/other' })
  expect(place({ forge: 'gitlab', project: 'example/mirror' }, 'git@github.com:example/reader.git')).toMatchObject({
    api: 'https://gitlab.com/api/v4',
    project: 'example/mirror',
  })
})

test.each([
  ['a folder', {}, '.', /add forge: github or forge: gitlab/],
  ['a host that nobody named', {}, 'https://git.example.org/example/reader.git', /^git\.example\.org is no forge that is known/],
  ['a forge without a project', { forge: 'github' }, '.', /add project: owner\/name/],
  ['a group on GitHub', { forge: 'github', project: 'example/group/reader' }, '.', /is no project on GitHub/],
  [
    'a url that only the program file names',
    { forge: 'gitlab', url: 'https://evil.example', project: 'a/b' },
    '.',
    /does not name https:\/\/evil\.example: set MUSTER_GITLAB_URL/,
  ],
  ['plain http', { forge: 'gitlab', url: 'http://git.example.org', project: 'a/b' }, '.', /is no https address/],
] as const)('refused: %s', (_, asked, repository, reason) => {
  expect(place(asked, repository)).toMatch(reason)
})

test.each([
  'http://127.0.0.1.evil.example',
  'http://localhost:1',
  'https://user:pass@github.com',
  'https://github.com/?a',
  'file:///etc',
  'nonsense',
])('%s is not called', (url) => {
  expect(addressOf(url)).toBeUndefined()
})

test.each([
  ['127.0.0.1', 'private', /this machine/],
  ['::ffff:127.0.0.1', 'private', /this machine/],
  ['::1', 'public', /this machine/],
  ['169.254.169.254', 'private', /link-local/],
  ['fe80::1', 'private', /link-local/],
  ['0.0.0.0', 'private', /reserved/],
  ['10.1.2.3', 'public', /private/],
  ['::ffff:10.1.2.3', 'public', /private/],
  ['192.168.1.1', 'public', /private/],
  ['fd00::1', 'public', /private/],
  ['140.82.121.4', 'loopback', /not on this machine/],
] as const)('%s is no address of a %s forge', (address, reach, problem) => {
  expect(addressProblem(address, reach)).toMatch(problem)
})

test.each([
  ['140.82.121.4', 'public'],
  ['10.1.2.3', 'private'],
  ['127.0.0.1', 'loopback'],
] satisfies [string, Reach][])('%s may be one of a %s forge', (address, reach) => {
  expect(addressProblem(address, reach)).toBeUndefined()
})

test('no address of this machine is ever public', () => {
  fc.assert(
    fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), (rest) => {
      expect(addressProblem(`127.${rest.join('.')}`, 'public')).toBeDefined()
    }),
  )
})

test.each([
  ['a plain refusal', 403, {}, undefined],
  ['a refusal with requests left', 403, { 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '1' }, undefined],
  ['retry-after', 403, { 'retry-after': '30' }, 30],
  [
    'the reset, by the forge’s own clock',
    403,
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1772445600', date: 'Mon, 02 Mar 2026 09:59:00 GMT' },
    60,
  ],
  ['GitLab’s names', 429, { 'ratelimit-remaining': '0', 'ratelimit-reset': '1772445600', date: 'Mon, 02 Mar 2026 10:00:30 GMT' }, 0],
  ['429 alone', 429, {}, 60],
  ['nonsense', 429, { 'retry-after': 'soon' }, 60],
  ['another answer', 500, { 'retry-after': '30' }, undefined],
])('how long a limit lasts: %s', (_, status, headers, seconds) => {
  expect(limitOf({ status, headers })).toBe(seconds)
})

test('the claim of an app is signed with its key, and short-lived', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const [head = '', body = '', signature = ''] = claimOf({ id: 7, key, name: 'KEY' }, 1_772_445_600_000).split('.')
  expect(verify('RSA-SHA256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
  expect(JSON.parse(Buffer.from(body, 'base64url').toString())).toEqual({ iat: 1_772_445_540, exp: 1_772_446_140, iss: '7' })
  expect(() => claimOf({ id: 7, key: 'nonsense', name: 'KEY' }, 0)).toThrow('KEY holds no private key')
})
