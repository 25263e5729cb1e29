import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { run } from '#cli/run.ts'
import { fakeIo } from './io.ts'
import { gitRepository } from './git-repository.ts'

/** What the guide shows is what the command prints. `MUSTER_RECORD=1` writes it anew. */
const PAGE = join(import.meta.dirname, '../../docs/guide/radar.md')

test('the guide shows what the radar prints', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-radar-guide-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const repository = gitRepository(join(folder, 'agents'))
  const settings = (...changes: readonly (readonly [number, string])[]): string => {
    const values = Array.from({ length: 30 }, (_, index) => `export const value${index + 1} = ${index + 1}\n`)
    for (const [line, text] of changes) values[line - 1] = `export const value${line} = ${text}\n`
    return values.join('')
  }
  repository.commit('main', {
    files: {
      'src/settings.ts': settings(),
      'lib.sh': 'greet() { echo hello; }\n',
      'main.sh': '. ./lib.sh\ngreet\n',
      'test.sh': 'for file in *.sh; do\n  [ "$file" = test.sh ] || sh -e "$file" || exit 1\ndone\n',
      CODEOWNERS: 'src/ @org/app\n',
    },
    at: '2026-03-02T09:00:00Z',
  })
  repository.commit('agent/router', { files: { 'src/settings.ts': settings([12, 'route(12)']) }, at: '2026-03-03T10:00:00Z' })
  repository.commit('agent/cache', {
    files: { 'src/settings.ts': settings([12, 'cached(12)'], [20, 'cached(20)']) },
    at: '2026-03-03T14:00:00Z',
  })
  repository.commit('agent/rename', {
    files: { 'lib.sh': 'welcome() { echo hello; }\n', 'main.sh': '. ./lib.sh\nwelcome\n' },
    at: '2026-03-03T11:00:00Z',
  })
  repository.commit('agent/caller', { files: { 'second.sh': '. ./lib.sh\ngreet\n' }, at: '2026-03-03T12:00:00Z' })
  repository.commit('agent/docs', { files: { 'guide.md': '# Guide\n' }, at: '2026-03-03T15:00:00Z' })
  const env = { PATH: process.env['PATH'], HOME: folder, MUSTER_STATE: join(folder, 'state') }
  const argv = ['radar', '--refs', 'agent/*', '--test', 'sh test.sh']
  const io = fakeIo({ argv, cwd: repository.folder, env, now: '2026-03-04T09:00:00Z' })
  expect([await run(io), io.err()]).toEqual([1, ''])

  const page = readFileSync(PAGE, 'utf8')
  const shown = `<!-- radar -->\n\n\`\`\`text\n$ muster radar --refs 'agent/*' --test 'sh test.sh'\n${io.out()}\`\`\`\n`
  if (process.env['MUSTER_RECORD'] === '1')
    writeFileSync(
      PAGE,
      page.replace(/<!-- radar -->\n(?:\n```text\n[\s\S]*?```\n)?/, () => shown),
    )
  expect(readFileSync(PAGE, 'utf8')).toContain(shown)
})
