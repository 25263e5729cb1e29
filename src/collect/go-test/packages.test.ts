import { describe, expect, test } from 'vitest'
import { isConstrained, isModuleFile, isTestFile, moduleName, testedPackages } from './packages.ts'

const files = (...paths: readonly string[]) => paths.map((path) => ({ path, oid: path }))
const names = (tests: readonly string[], modules: readonly (readonly [string, string])[], ...ended: readonly string[]) => [
  ...testedPackages(
    files(...tests),
    modules.map(([folder, name]) => ({ folder, name })),
    new Set(ended),
  ).keys(),
]

test('a package is its module and the folder in it', () => {
  expect(names(['a_test.go', 'a/a_test.go', 'a/b_test.go', 'a/b/c_test.go'], [['', 'example.org/depot']], 'example.org/depot/a')).toEqual([
    'example.org/depot',
    'example.org/depot/a',
    'example.org/depot/a/b',
  ])
  expect(names(['go/store/a_test.go', 'web/a_test.go'], [['go', 'example.org/depot/v2']], 'example.org/depot/v2/x')).toEqual([
    'example.org/depot/v2/store',
  ])
})

test('modules that the report does not speak of are not asked for, nested ones told apart', () => {
  const modules = [
    ['', 'example.org/depot'],
    ['tools', 'example.org/depot/tools'],
    ['other', 'example.org/other'],
  ] as const
  const tests = ['a/a_test.go', 'tools/b/b_test.go', 'other/c_test.go']
  expect(names(tests, modules, 'example.org/depot')).toEqual(['example.org/depot/a'])
  expect(names(tests, modules, 'example.org/depot/tools/b', 'example.org/other')).toEqual([
    'example.org/depot/tools/b',
    'example.org/other',
  ])
  expect(names(tests, modules, 'command-line-arguments')).toEqual([])
})

describe('files', () => {
  test.each([
    ['a_test.go', true],
    ['a/b_test.go', true],
    ['_a_test.go', false],
    ['.a_test.go', false],
    ['a/testdata/b_test.go', false],
    ['vendor/x/b_test.go', false],
    ['_old/b_test.go', false],
    ['.cache/b_test.go', false],
    ['a/b.go', false],
    ['a/testdata_x/b_test.go', true],
  ])('%s: %s', (path, is) => expect(isTestFile(path)).toBe(is))

  test('the name of a module, however it is written', () => {
    expect(moduleName('// depot\nmodule example.org/depot // now\n\ngo 1.22\n')).toBe('example.org/depot')
    expect(moduleName('module "example.org/depot"\r\n')).toBe('example.org/depot')
    expect(moduleName('go 1.22\nrequire x v1\n')).toBeUndefined()
    expect([isModuleFile('go.mod'), isModuleFile('a/go.mod'), isModuleFile('testdata/go.mod'), isModuleFile('cargo.mod')]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  test.each([
    ['a_test.go', '//go:build integration\n\npackage a\n', true],
    ['a_test.go', '// +build linux\n\npackage a\n', true],
    ['a_windows_test.go', 'package a\n', true],
    ['a_test.go', 'package a\n\n//go:build is no constraint here\n', false],
    ['windows_test.go', 'package a\n', false],
  ])('%s: %j may be left out: %s', (path, text, is) => expect(isConstrained(path, text)).toBe(is))
})
