import { expect, test } from 'vitest'
import { reach } from '#collect/source-code/reach.ts'
import { treeOf } from './tree-in-memory.ts'

const packageOf = (scripts: Readonly<Record<string, string>>): string => JSON.stringify({ name: 'reader', scripts })

const reached = async (
  run: string,
  files: Parameters<typeof treeOf>[0],
  more: { readonly setup?: string; readonly folder?: string } = {},
): Promise<readonly string[]> => (await reach({ run, folder: '.', tree: 'the-tree', ...more }, treeOf(files))).map(({ path }) => path)

test('files named in the line are reached, others are not', async () => {
  const files = { 'scripts/build.sh': 'echo', 'src/a.ts': '', 'other.sh': '' }
  expect(await reached('sh scripts/build.sh --out=src/a.ts', files)).toEqual(['scripts/build.sh', 'src/a.ts'])
  expect(await reached('echo hello', files)).toEqual([])
})

test('quoting, joining and variables do not hide a file', async () => {
  const files = {
    'scripts/my build.sh': '',
    'scripts/lib.sh': '',
    'run.sh': 'cd "$(dirname "$0")"\n. "$DIR/lib.sh"',
    'scripts/deep.sh': '',
  }
  expect(await reached(`sh 'scripts/my build.sh'`, files)).toEqual(['scripts/my build.sh'])
  expect(await reached('sh scripts/my\\ build.sh', files)).toEqual(['scripts/my build.sh'])
  expect(await reached(`sh scr"ipts/de"ep.sh`, files)).toEqual(['scripts/deep.sh'])
  expect(await reached(`bash -c "true && sh scripts/deep.sh"`, files)).toEqual(['scripts/deep.sh'])
  expect(await reached('cd scripts && sh ../scripts/deep.sh;. ./lib.sh', files)).toEqual(['scripts/deep.sh', 'scripts/lib.sh'])
})

test('a shell script is followed into what it calls, relative to itself too', async () => {
  const files = {
    'scripts/all.sh': '#!/bin/sh\n. "$(dirname "$0")/lib.sh"\nsh scripts/two.sh',
    'scripts/lib.sh': '',
    'scripts/two.sh': 'node scripts/three.js',
    'scripts/three.js': '',
  }
  expect(await reached('./scripts/all.sh', files)).toEqual(['scripts/all.sh', 'scripts/lib.sh', 'scripts/three.js', 'scripts/two.sh'])
})

test('npm test reaches the script with pre and post, and the scripts it calls', async () => {
  const files = {
    'package.json': packageOf({
      pretest: 'npm run -s build',
      test: 'node --test',
      posttest: 'rm -rf out',
      build: 'sh build.sh',
      unrelated: 'x',
    }),
    'build.sh': '',
  }
  const paths = [
    'build.sh',
    'package.json#scripts.build',
    'package.json#scripts.posttest',
    'package.json#scripts.pretest',
    'package.json#scripts.test',
  ]
  expect(await reached('npm test', files)).toEqual(paths)
  expect(await reached('npm t', files)).toEqual(paths)
  expect(await reached('CI=1 /usr/bin/npm run --silent test -- --grep x', files)).toEqual(paths)
})

test.each([
  ['pnpm build', ['package.json#scripts.build']],
  ['yarn run build', ['package.json#scripts.build']],
  ['bun run build', ['package.json#scripts.build']],
  ['node --run build', ['package.json#scripts.build']],
  ['node --run=build', ['package.json#scripts.build']],
  ['npm ci', ['package.json#scripts.postinstall']],
  ['run-s build lint', ['package.json']],
  ['npm run build -w packages/a', ['package.json', 'package.json#scripts.build', 'packages/a/package.json']],
])('%s', async (line, expected) => {
  const files = {
    'package.json': packageOf({ build: 'tsc', postinstall: 'node-gyp' }),
    'packages/a/package.json': packageOf({ build: 'tsc' }),
  }
  expect(await reached(line, files)).toEqual(expected)
})

test('the package is the nearest one above the folder', async () => {
  const files = { 'package.json': packageOf({ test: 'a' }), 'app/package.json': packageOf({ test: 'b' }), 'lib/x.ts': '' }
  expect(await reached('npm test', files, { folder: 'app/' })).toEqual(['app/package.json#scripts.test'])
  expect(await reached('npm test', files, { folder: './lib' })).toEqual(['package.json#scripts.test'])
})

test('a package.json that cannot be read is held whole', async () => {
  expect(await reached('npm test', { 'package.json': '{"scripts": ' })).toEqual(['package.json'])
})

test('make reads its file without being told', async () => {
  expect(
    await reached('make build', { Makefile: 'build:\n\tsh tools/x.sh\ninclude rules.mk\n', 'tools/x.sh': '', 'rules.mk': '' }),
  ).toEqual(['Makefile', 'rules.mk', 'tools/x.sh'])
})

test.each([
  ['npm test', '.npmrc'],
  ['yarn test', '.yarnrc.yml'],
  ['cargo test', '.cargo/config.toml'],
  ['mvn -q verify', '.mvn/maven.config'],
  ['./gradlew check', 'gradle/wrapper/gradle-wrapper.properties'],
  ['composer run test', 'composer.json'],
  ['poe test', 'pyproject.toml'],
  ['docker compose run --rm tests', 'docker-compose.yml'],
  ['docker build .', 'Dockerfile'],
  ['npx nx run-many -t test', 'nx.json'],
])('%s reads %s without being told, also from a folder around its own', async (line, file) => {
  expect(await reached(line, { [file]: '', 'other.toml': '' })).toEqual([file])
  expect(await reached(line, { [file]: '', 'app/x': '' }, { folder: 'app' })).toEqual([file])
})

test('the shell that npm is told to use is reached, and what is committed in place of a package', async () => {
  const files = { 'package.json': packageOf({ test: 'vitest run' }), '.npmrc': 'script-shell=./sh', sh: '', 'node_modules/.bin/vitest': '' }
  expect(await reached('npm test', files)).toEqual(['.npmrc', 'node_modules/.bin/vitest', 'package.json#scripts.test', 'sh'])
})

test('the setup is part of it', async () => {
  expect(await reached('true', { 'prepare.sh': '' }, { setup: 'sh prepare.sh' })).toEqual(['prepare.sh'])
})

test('behind a link both the link and its target count', async () => {
  expect(
    await reached('sh run.sh; sh tools/x.sh', {
      'run.sh': { link: 'scripts/real.sh' },
      'scripts/real.sh': '',
      tools: { link: 'scripts' },
      'scripts/x.sh': '',
    }),
  ).toEqual(['run.sh', 'scripts/real.sh', 'scripts/x.sh', 'tools'])
})

test('scripts that call each other come to an end', async () => {
  expect(await reached('sh a.sh', { 'a.sh': 'sh b.sh', 'b.sh': 'sh a.sh' })).toEqual(['a.sh', 'b.sh'])
})

test('what is too deep to follow makes every change of the tree ask again', async () => {
  const chain = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`s${index}.sh`, `sh s${index + 1}.sh`]))
  expect(await reach({ run: 'sh s0.sh', folder: '.', tree: 'the-tree' }, treeOf(chain))).toEqual([{ path: '.', oid: 'the-tree' }])
})
