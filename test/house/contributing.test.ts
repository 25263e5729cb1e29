import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Snapshot } from '#core/evidence/evidence.ts'
import { temporaryFolder, testRepository } from '../collect/git-repository.ts'

const ROOT = join(import.meta.dirname, '../..')
const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')

/** The TypeScript block that follows the first mention of a file. */
function blockFor(path: string): string {
  const from = page.indexOf(`\`${path}\``)
  const text = from < 0 ? undefined : /^```ts\n([\s\S]*?)^```$/m.exec(page.slice(from))?.[1]
  if (text === undefined) throw new Error(`CONTRIBUTING.md shows no ${path}`)
  return text
}

/** The line in backticks that the page says to add to a registry. */
function lineLike(start: string): string {
  const line = [...page.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text).find((text) => text.startsWith(start))
  if (line === undefined) throw new Error(`CONTRIBUTING.md shows no line that begins with ${start}`)
  return line
}

/** The sources with what the page adds, in a folder of their own. */
function extended(): string {
  const folder = temporaryFolder()
  for (const name of ['src', 'package.json', 'tsconfig.json']) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const path of ['src/collect/todo/kind.ts', 'src/collect/todo/parse.ts', 'src/collect/todo/index.ts', 'src/render/brief/index.ts']) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), blockFor(path))
  }
  edit(join(folder, 'src/collect/registry.ts'), [
    ['import type', "import { kind as todo } from '#collect/todo/kind.ts'\nimport type"],
    ['  [docs, ', `  ${lineLike('[todo, ')}\n  [docs, `],
  ])
  edit(join(folder, 'src/render/registry.ts'), [['  github: ', `  ${lineLike('brief: ')}\n  github: `]])
  return folder
}

function edit(file: string, changes: readonly (readonly [string, string])[]): void {
  const text = readFileSync(file, 'utf8')
  for (const [from] of changes) expect(text).toContain(from)
  writeFileSync(
    file,
    changes.reduce((done, [from, to]) => done.replace(from, () => to), text),
  )
}

const PROGRAM = `
program: todo
name: Todo
calendar: { zone: UTC }
people: { lead-a: { name: Lead A } }
sources: { todo: { collect: todo, files: ['src/**'] } }
streams: { a: { name: A, lead: lead-a, branch: feature/a } }
checkpoints:
  friday: { name: Friday, at: 2026-02-27 16:00, criteria: { todo: { metric: todo.open, atMost: 1 } } }
`

test('the collector and the renderer that the page builds compile and work', () => {
  const sources = extended()
  const repository = testRepository(join(temporaryFolder(), 'repository'))
  repository.commit('Begin', { 'README.md': 'TODO\n' })
  repository.git('checkout', '-q', '-b', 'feature/a')
  repository.commit('Read', { 'src/a.ts': '// TODO one\nconst a = 1\n// TODO two\n' })
  writeFileSync(join(repository.folder, 'muster.yaml'), PROGRAM)

  const muster = (...args: readonly string[]): string => {
    const command = `"${process.execPath}" -C source "${join(sources, 'src/cli/main.ts')}" check --dry-run ${args.join(' ')} || test $? -eq 1`
    return execFileSync('sh', ['-c', command], {
      cwd: repository.folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: sources },
    })
  }
  const { evidence } = JSON.parse(muster('--show', 'evidence')) as Snapshot
  expect(evidence).toHaveLength(1)
  expect(evidence[0]).toMatchObject({ metric: 'todo.open', status: 'observed', value: 2, details: ['src/a.ts:1', 'src/a.ts:3'] })
  expect(muster('--format', 'brief')).toBe('NO-GO Friday: a critical criterion is not met\n')

  writeFileSync(
    join(sources, 'tsconfig.check.json'),
    '{ "extends": "./tsconfig.json", "include": ["src"], "exclude": ["**/assembly", "**/*.test.ts", "**/fixtures", "src/web"] }',
  )
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.check.json'], {
    cwd: sources,
    stdio: 'pipe',
  })
})
