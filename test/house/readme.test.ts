import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { KINDS } from '#collect/registry.ts'
import { VERSION } from '#cli/version.ts'
import { loadProgram } from '#core/program/load.ts'
import { buildExample } from '../../examples/two-streams/build.ts'
import { ended } from '../cli/scene.ts'

const ROOT = join(import.meta.dirname, '../..')
const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8')

/** Made by programs, or read by them as it is. */
const NOT_OURS = new Set(['node_modules', '.git', '.muster', '.out', 'dist', 'reports', 'fixtures', 'expected', 'coverage'])

/** Every Markdown file that somebody may read. */
function pagesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : pagesBelow(path)
    return entry.name.endsWith('.md') && !path.startsWith('test/cases') ? [path] : []
  })
}

const pages = pagesBelow('.')

interface Block {
  /** What stands behind the fence: `sh test`. */
  readonly kind: string
  /** Of the page, where the text begins. */
  readonly line: number
  readonly text: string
  /** The block of plain text that follows at once: what it prints, with lines left out. */
  readonly shown?: string
}

function blocksOf(page: string): Block[] {
  const text = textOf(page)
  return [...text.matchAll(/^```([^\n`]*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    kind: (match[1] ?? '').trim(),
    line: text.slice(0, match.index).split('\n').length + 1,
    text: match[2] ?? '',
    ...shownAfter(text.slice(match.index + match[0].length)),
  }))
}

function shownAfter(rest: string): Pick<Block, 'shown'> {
  const shown = /^\n\n```text\n([\s\S]*?)^```$/m.exec(rest)
  return shown?.index === 0 ? { shown: shown[1] ?? '' } : {}
}

/** Lines without what is another one each time: ids, hashes, times, this machine; `...` stands for lines left out. */
const linesOf = (text: string): string[] =>
  text
    .replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-f]{7,64}\b/g, 'ID')
    // A table may break a time into two lines.
    .replace(/(\d{4}-\d{2}-\d{2})\n +(\d{2}:\d{2})/g, '$1 $2')
    .replace(/\b\d{4}-\d{2}-\d{2}T[\d:.]+Z|\b[A-Z][a-z]{2} \d{4}-\d{2}-\d{2} \d{2}:\d{2}/g, 'TIME')
    .replace(/\([^()]* ago\)/g, '(AGO)')
    .replace(/\bhost \S+/g, 'HOST')
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '' && line !== '...')

/** Pages with blocks ` ```sh test `, which work on the example, in order, as a reader would type them. */
const runnable = pages.filter(
  (page) => (page === 'README.md' || page.startsWith('docs/')) && blocksOf(page).some(({ kind }) => kind === 'sh test'),
)

/** A new copy of the example, and a shell in it that knows `muster` and nothing of this machine's settings. */
async function reader(onTestFinished: (clean: () => void) => void) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'muster-reader-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'muster'), `#!/bin/sh\nexec '${process.execPath}' -C source '${join(ROOT, 'src/cli/main.ts')}' "$@"\n`)
  chmodSync(join(bin, 'muster'), 0o755)
  const repository = join(folder, 'logq')
  await buildExample(repository)
  const env = {
    PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
    HOME: folder,
    TMPDIR: tmpdir(),
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    NO_COLOR: '1',
  }
  return async (script: string): Promise<{ readonly code: number | null; readonly said: string }> => {
    const { code, out, err } = await ended(
      spawn('sh', ['-e', '-c', `exec 2>&1\n${script}`], { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] }),
    )
    return { code, said: out + err }
  }
}

test.concurrent.for(runnable)(
  'the commands of %s run, in order, on the example, and print what the page shows',
  async (page, { onTestFinished }) => {
    const type = await reader(onTestFinished)
    for (const { kind, line, text, shown = '' } of blocksOf(page)) {
      if (kind !== 'sh test') continue
      const { code, said } = await type(text)
      expect([`${page}:${line}`, code, code === 0 ? '' : said]).toEqual([`${page}:${line}`, 0, ''])
      expect(said).not.toContain('has a bug')
      const printed = new Set(linesOf(said))
      expect([`${page}:${line}`, linesOf(shown).filter((one) => !printed.has(one))]).toEqual([`${page}:${line}`, []])
    }
  },
)

test('there are pages whose commands are run, and whose output is compared', () => {
  expect(runnable).toEqual(
    expect.arrayContaining(existsSync(join(ROOT, 'docs/guide/getting-started.md')) ? ['docs/guide/getting-started.md'] : []),
  )
  const shown = runnable.flatMap((page) => blocksOf(page).filter((block) => block.kind === 'sh test' && block.shown !== undefined))
  expect(shown.length > 0).toBe(runnable.length > 0)
})

/** The anchor that a heading gets: lower case, without punctuation, spaces as dashes, numbered where it comes again. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of withoutBlocks(page).matchAll(/^#{1,6} (.+)$/gm)) {
    const plain = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
    let anchor = plain
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${plain}-${again}`
    anchors.add(anchor)
  }
  return anchors
}

const withoutBlocks = (page: string): string => textOf(page).replace(/^```[\s\S]*?^```$/gm, '')

function deadLinks(page: string): string[] {
  const targets = [
    ...withoutBlocks(page)
      .replace(/`[^`\n]*`/g, '')
      .matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)|^\[[^\]]+\]: <?([^\s>]+)/gm),
  ].map(([, inline, reference]) => inline ?? reference ?? '')
  return targets.flatMap((link) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return []
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), decodeURIComponent(path))
    if (!existsSync(target)) return [`${link}: there is no such file`]
    if (anchor === undefined || !target.endsWith('.md')) return []
    return anchorsOf(relative(ROOT, target)).has(anchor) ? [] : [`${link}: there is no such heading`]
  })
}

test('every link in a Markdown file leads to a file or heading that is there', () => {
  expect(pages.length).toBeGreaterThan(20)
  expect(pages.flatMap((page) => deadLinks(page).map((link) => `${page}: ${link}`))).toEqual([])
})

test('the version is the same everywhere', () => {
  const { version } = JSON.parse(textOf('package.json')) as { readonly version: string }
  expect(VERSION).toBe(version)
  const lock = JSON.parse(textOf('package-lock.json')) as {
    readonly version: string
    readonly packages: Readonly<Record<string, { readonly version: string }>>
  }
  expect([lock.version, lock.packages['']?.version]).toEqual([version, version])
  for (const page of pages)
    for (const [name, named] of textOf(page).matchAll(/muster-(\d[\w.-]*)\.tgz/g))
      expect([page, name, named]).toEqual([page, name, version])
})

test('the oldest Node that pages name is the one that package.json asks for', () => {
  const { engines } = JSON.parse(textOf('package.json')) as { readonly engines: { readonly node: string } }
  for (const page of pages)
    for (const [, named] of textOf(page).matchAll(/\bNode (\d+\.\d+) or newer/g)) expect([page, `>=${named}`]).toEqual([page, engines.node])
})

test('the program on the first page loads without a finding', () => {
  const block = blocksOf('README.md').find(({ kind }) => kind.startsWith('yaml'))
  expect(
    loadProgram('README.md', new TextEncoder().encode('\n'.repeat((block?.line ?? 1) - 1) + (block?.text ?? '')), KINDS).problems,
  ).toEqual([])
})

test('every command that pages tell to type is one, and so are its options', async () => {
  const { run } = await import('#cli/run.ts')
  const { fakeIo } = await import('../cli/io.ts')
  const helps = new Map<string, string>()
  const helpOf = async (...argv: string[]): Promise<string> => {
    const key = argv.join(' ')
    const known = helps.get(key)
    if (known !== undefined) return known
    const io = fakeIo({ argv: [...argv, '--help'], cwd: ROOT })
    await run(io)
    helps.set(key, io.out())
    return io.out()
  }
  const main = await helpOf()
  const wrong: string[] = []
  for (const page of pages.filter((one) => !one.startsWith('docs/reference'))) {
    const shell = blocksOf(page)
      .filter(({ kind }) => kind.startsWith('sh'))
      .map(({ text }) => text.replace(/\\\n/g, ' '))
      .join('\n')
    const spans = [...withoutBlocks(page).matchAll(/`(muster [^`\n]+)`/g)].map(([, text]) => text).join('\n')
    for (const [, command = '', second = '', rest = ''] of `${shell}\n${spans}`.matchAll(
      /\bmuster(?: --)? ([a-z]+)(?: ([a-z]+))?([^\n;&|#]*)/g,
    )) {
      if (!new RegExp(`^ {2}${command} {2}`, 'm').test(main)) {
        wrong.push(`${page}: muster ${command}`)
        continue
      }
      const own = await helpOf(command)
      const help =
        second !== '' && new RegExp(`^ {2}${second}\\b`, 'm').test(own.slice(own.indexOf('Commands:'))) && own.includes('Commands:')
          ? await helpOf(command, second)
          : own
      for (const [option] of rest.replace(/'[^']*'|"[^"]*"/g, '').matchAll(/(?<=\s)--[a-z-]+/g))
        if (option !== '--help' && option !== '--at' && !help.includes(option)) wrong.push(`${page}: muster ${command} ${second} ${option}`)
    }
  }
  expect(wrong).toEqual([])
})

test('every command has its place on the page of commands', async () => {
  const { run } = await import('#cli/run.ts')
  const { fakeIo } = await import('../cli/io.ts')
  const io = fakeIo({ argv: ['--help'], cwd: ROOT })
  await run(io)
  const commands = [...io.out().matchAll(/^ {2}([a-z]+) {2}/gm)].map(([, command = '']) => command)
  expect(commands.length).toBeGreaterThan(10)
  expect(commands.filter((command) => !textOf('docs/reference/commands.md').includes(`## muster ${command}\n`))).toEqual([])
})
