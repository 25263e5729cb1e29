import { expect, test } from 'vitest'
import { isSecretName, redact } from '#core/evidence/redact.ts'

// Put together at run time, so that no scanner takes this file for a leak.
const letters = (count: number): string => 'aB3dE5fG7h'.repeat(10).slice(0, count)
const secrets: readonly (readonly [string, string])[] = [
  ['GitHub', `ghp_${letters(36)}`],
  ['GitHub Actions', `ghs_${letters(36)}`],
  ['GitHub fine-grained', `github_pat_${letters(40)}`],
  ['GitLab', `glpat-${letters(20)}`],
  ['Slack bot', `xoxb-1234567890-${letters(24)}`],
  ['AWS', `AKIAABCD1234EFGH5678`],
  ['npm', `npm_${letters(36)}`],
  ['Google', `AIza${letters(35)}`],
  ['web token', `eyJ${letters(20)}.eyJ${letters(30)}.${letters(40)}`],
  ['model provider', `sk-${letters(40)}`],
]

test.each(secrets)('a token of %s goes, its surroundings stay', (_name, secret) => {
  const text = redact(`before ${secret} after`)
  expect(text).not.toContain(secret.slice(4))
  expect(text).toBe('before [redacted] after')
})

test.each([
  [`Authorization: Bearer ${letters(30)}`, 'Authorization: [redacted]'],
  [`sent bearer ${letters(30)}, refused`, 'sent bearer [redacted], refused'],
  ['https://user:hunter22@example.org/x', 'https://[redacted]@example.org/x'],
  ['DATABASE_PASSWORD=hunter22 ./run', 'DATABASE_PASSWORD=[redacted] ./run'],
  ['{"api_key": "abc def", "size": 3}', '{"api_key": [redacted], "size": 3}'],
  ['https://example.org/?token=abcdef&page=2', 'https://example.org/?token=[redacted]&page=2'],
  ['https://hooks.slack.com/services/T00/B00/xyz', 'https://hooks.slack.com/[redacted]'],
  [`-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n${letters(60)}\n-----END RSA PRIVATE KEY-----\nrest`, '[redacted]\nrest'],
  [`-----BEGIN PRIVATE KEY-----\n${letters(60)}`, '[redacted]'],
])('%s', (text, expected) => {
  expect(redact(text)).toBe(expected)
})

test('known secrets go wherever they stand', () => {
  expect(redact('a secret of few letters: 123456; of fewer: 12345', ['123456', '12345'])).toBe(
    'a secret of few letters: [redacted]; of fewer: 12345',
  )
  expect(redact('x-correct-horse-y', ['correct-horse'])).toBe('x-[redacted]-y')
})

test('ordinary output stays as it is', () => {
  const text =
    'Tests: 12 passed, 0 failed\ntokens counted: 5\ngit@github.com:example/reader.git\nsha256 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c\nssh://git@example.org/x'
  expect(redact(text)).toBe(text)
})

test('64 KiB of any repetition is read in linear time', () => {
  // Quadratic patterns take minutes on these; the test's own time limit tells.
  for (const piece of [
    'a_',
    'token',
    'password=',
    '-----BEGIN PRIVATE KEY-----',
    'eyJ',
    'x://',
    'authorization: ',
    '_-',
    'basic ',
    'sk-',
  ]) {
    expect(redact(piece.repeat(65_536 / piece.length)).length).toBeGreaterThan(0)
  }
})

test('names that tell of a secret', () => {
  expect(['NPM_TOKEN', 'apiKey', 'DB_PASSWORD', 'CLIENT_SECRET'].every(isSecretName)).toBe(true)
  expect(['LANG', 'NODE_ENV', 'PORT'].some(isSecretName)).toBe(false)
})
