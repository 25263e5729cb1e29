import { expect, test } from 'vitest'
import { DEFAULT_TESTS } from '#collect/test-results/files.ts'
import { matcher } from '#core/evidence/glob.ts'

const isTest = matcher(DEFAULT_TESTS)

test.each([
  'a.test.ts',
  'src/a.spec.tsx',
  'test/cli/run.ts',
  'src/__tests__/a.js',
  'tests/test_a.py',
  'pkg/a_test.go',
  'spec/a_spec.rb',
  'src/test/java/ATest.java',
  'ATests.cs',
  'a.bats',
  'tests/a.rs',
])('%s is a test file', (path) => expect(isTest(path)).toBe(true))

test.each(['src/latest.ts', 'contest/a.ts', 'src/testing.ts', 'tests/readme.md', 'test/fixtures/a.json', 'src/Latest.java', 'test.yaml'])(
  '%s is none',
  (path) => expect(isTest(path)).toBe(false),
)
