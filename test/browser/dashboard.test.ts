import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MONTH_CLOCK, writeMonth } from '../../examples/phase-e/month.ts'
import { testRepository } from '../collect/git-repository.ts'
import { buildPages, linkOf, openBrowser, ROOT, serveHere, serveProcess, type Served } from './dashboard.ts'

/** Screenshots of every page: artifacts of CI; with UPDATE_SCREENSHOTS=1 those of the guide too. */
const SHOTS = join(ROOT, process.env['TEST_REPORTS'] ?? 'reports', 'browser')
const GUIDE = join(ROOT, 'docs/guide/dashboard')
const MOST_BYTES = 60_000
/** How long something may take to appear before the test gives up on it, milliseconds. */
const PATIENCE = 10_000

const base = realpathSync(mkdtempSync(join(tmpdir(), 'muster-browser-')))
let browser: Browser

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true })
  buildPages()
  browser = await openBrowser()
})
afterAll(async () => {
  await browser.close()
  rmSync(base, { recursive: true, force: true, maxRetries: 5 })
})

/** Whatever the page complains of: scripts that fail, what its own policy forbids, answers that are missing. */
function complaints(page: Page): readonly string[] {
  const list: string[] = []
  page.on('pageerror', (error) => list.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') list.push(message.text())
  })
  return list
}

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[]
}

/** What axe finds wrong, in lines that say where. @param only Rules that count; all unless said. */
async function violations(page: Page, only?: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate((rules) => {
    const { axe: inPage } = globalThis as unknown as { axe: { run: (options: object) => Promise<{ violations: Violation[] }> } }
    return inPage.run(rules === undefined ? {} : { runOnly: rules }).then((one) => one.violations)
  }, only)
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`))
}

/** Nothing is being loaded any more, forecasts included. */
const settled = async (page: Page): Promise<void> => {
  await page.locator('main .loading').waitFor({ state: 'detached' })
  await page.getByText('is being simulated').waitFor({ state: 'detached' })
}

test('the pages weigh at most 60 kB as they are sent', () => {
  const folder = join(ROOT, 'dist/web/assets')
  const weights = readdirSync(folder).map((name) => [name, gzipSync(readFileSync(join(folder, name)), { level: 9 }).length] as const)
  expect(
    weights.reduce((sum, [, weight]) => sum + weight, 0),
    JSON.stringify(weights),
  ).toBeLessThanOrEqual(MOST_BYTES)
})

describe('a month of phase E', () => {
  const VIEWS = {
    programs: ['/', 'Programs'],
    overview: ['/p/phase-e', 'Streams by checkpoints'],
    checkpoint: ['/p/phase-e/checkpoints/week2-sprint', 'Decision'],
    upcoming: ['/p/phase-e/checkpoints/week3-merge', 'Nothing was judged yet'],
    stream: ['/p/phase-e/streams/psi', 'Deliverables'],
    options: ['/p/phase-e/streams/psi/options', 'What now with A - PSI memory?'],
    radar: ['/p/phase-e/radar', 'Conflicts'],
    blockers: ['/p/phase-e/blockers', 'Escalations'],
    decisions: ['/p/phase-e/decisions', 'Decisions'],
    nowhere: ['/p/phase-e/elsewhere', 'There is nothing here'],
  } as const
  let served: Served
  let context: BrowserContext
  let page: Page
  let complained: readonly string[]

  beforeAll(async () => {
    const folder = join(base, 'month')
    mkdirSync(folder)
    await writeMonth(folder)
    served = await serveHere(folder, MONTH_CLOCK)
    context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      timezoneId: 'Europe/Lisbon',
      colorScheme: 'light',
      reducedMotion: 'reduce',
    })
    context.setDefaultTimeout(PATIENCE)
    page = await context.newPage()
    complained = complaints(page)
    await page.clock.install({ time: new Date(MONTH_CLOCK) })
    await page.goto(served.link)
    await page.goto(`${served.origin}/p/phase-e/radar`)
    await page.getByRole('button', { name: 'Look now' }).click()
    await page.getByRole('heading', { name: 'Conflicts' }).waitFor()
  })
  afterAll(async () => {
    await context.close()
    await served.stop()
  })

  test.each(Object.entries(VIEWS))('%s: read without sight, in both themes, on a phone', async (name, [path, heading]) => {
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.goto(served.origin + path)
    await page.getByRole('heading', { name: heading }).first().waitFor()
    await settled(page)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: join(SHOTS, `${name}-${colorScheme}.png`), fullPage: true })
      // What a theme can break is its colours.
      expect(await violations(page, colorScheme === 'dark' ? ['color-contrast'] : undefined), colorScheme).toEqual([])
    }
    await page.emulateMedia({ colorScheme: 'light' })
    if (process.env['UPDATE_SCREENSHOTS'] === '1' && name in GUIDED) {
      mkdirSync(GUIDE, { recursive: true })
      await page.setViewportSize({ width: 1120, height: 540 })
      await page.screenshot({ path: join(GUIDE, `${name}.png`) })
    }
    await page.setViewportSize({ width: 390, height: 800 })
    expect(await page.evaluate('document.documentElement.scrollWidth'), 'nothing hangs over the edge of a phone').toBeLessThanOrEqual(390)
    await page.screenshot({ path: join(SHOTS, `${name}-phone.png`), fullPage: true })
  })

  test('the guide shows each view as it is', () => {
    const guide = readFileSync(join(ROOT, 'docs/guide/dashboard.md'), 'utf8')
    for (const name of Object.keys(GUIDED)) {
      expect(guide, name).toContain(`](dashboard/${name}.png)`)
      expect(readFileSync(join(GUIDE, `${name}.png`)).length, name).toBeLessThanOrEqual(120_000)
    }
  })

  test('why a criterion is not met unfolds to the evidence with commit, tree, time and sha256', async () => {
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.goto(`${served.origin}/p/phase-e/checkpoints/week2-sprint`)
    await page.locator('details.criterion summary', { hasText: 'More than 95 % of the code is there' }).first().click()
    const criterion = page.locator('details.criterion[open]')
    await criterion.locator('details.evidence summary').first().click()
    const evidence = criterion.locator('details.evidence[open]').first()
    for (const label of ['metric', 'observed', 'commit', 'tree', 'sha256'])
      expect(await evidence.locator('dt').allTextContents()).toContain(label)
  })

  test('a colliding pair shows the file and the lines of both sides, by keyboard', async () => {
    await page.goto(`${served.origin}/p/phase-e/radar`)
    const cell = page.locator('button.cell').first()
    expect(await cell.getAttribute('title')).toMatch(/conflict in\n\S+/)
    await cell.focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('.files').textContent()).toMatch(/src\/daemon\/state\.rs|Cargo\.toml/)
    expect(await page.locator('.files pre').count()).toBeGreaterThan(1)
  })

  test('two decisions are held beside each other, and one is recomputed', async () => {
    await page.goto(`${served.origin}/p/phase-e/decisions`)
    const boxes = page.getByRole('checkbox')
    await boxes.nth(0).check()
    await boxes.nth(1).check()
    await page.getByRole('heading', { name: /From record \d+ to record \d+/ }).waitFor()
    await page.getByRole('region', { name: 'What came out otherwise' }).getByRole('row').nth(1).waitFor()
    await page
      .getByRole('button', { name: /^Replay record/ })
      .first()
      .click()
    await page.getByText('comes out the same').waitFor()
  })

  test('an option is chosen, and is on record with its reason', async () => {
    await page.goto(`${served.origin}/p/phase-e/streams/erofs/options`)
    const option = page.getByRole('region', { name: 'A workaround is found' })
    await page.getByRole('combobox', { name: 'Acting as' }).selectOption('quality')
    expect(await option.textContent(), 'whose it is stands beside the button').toContain('takes lead: Velocity lead')
    expect(await option.getByRole('button').isDisabled()).toBe(true)
    await page.getByRole('combobox', { name: 'Acting as' }).selectOption('velocity-lead')
    await option.getByRole('button', { name: 'Choose' }).click()
    await page.getByRole('textbox', { name: 'Why this one' }).fill('One daemon at a time until it is mended')
    await page.locator('dialog[open] button[type=submit]').click()
    await page.getByRole('status').filter({ hasText: 'One daemon at a time until it is mended' }).waitFor()
  })

  test('nothing in it failed, and nothing was forbidden by its own policy', () => {
    expect(complained.filter((one) => !/status of 404/.test(one))).toEqual([])
  })

  const GUIDED = { overview: 1, checkpoint: 1, stream: 1, options: 1, radar: 1, blockers: 1, decisions: 1 }
})

const STORY = `program: demo
name: Demo
calendar: { zone: Europe/Berlin }
people:
  boss: { name: The boss, roles: [phase-lead] }
  lead-a: { name: Lead A }
  lead-b: { name: Lead B }
sources: { git: { collect: git } }
streams:
  reader:
    name: Reader
    lead: lead-a
    branch: feature/reader
    deliverables: { code: { title: Reader code, measure: git.lines.code, full: 4 lines } }
checkpoints:
  week1:
    name: Week one
    at: AT
    duration: 30m
    agenda: [{ item: Report, time: 10m, each: stream }]
    criteria: { code: { title: All of the code is there, metric: progress.code, atLeast: 100% } }
    targets: { reader: { code: 4 of 4 lines } }
    decide: { question: Does it go on?, signOff: { phase-lead: 1 } }
`

describe('one checkpoint, from check-in to decision', () => {
  const folder = join(base, 'story')
  let server: ChildProcess
  let link = ''
  let one: Page
  let two: Page

  beforeAll(async () => {
    const repository = testRepository(folder)
    repository.commit('Begin', { '.gitignore': '.muster/\nhome/\n' })
    repository.git('checkout', '-q', '-b', 'feature/reader')
    repository.commit('Read', { 'reader.ts': 'export const one = 1\nexport const two = 2\nexport const three = 3\n' })
    repository.git('checkout', '-q', 'main')
    const soon = new Date(Date.now() + 3 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')
    writeFileSync(join(folder, 'muster.yaml'), STORY.replace('Europe/Berlin', 'UTC').replace('AT', soon))
    await start('0')
    const first = await browser.newContext()
    first.setDefaultTimeout(PATIENCE)
    one = await first.newPage()
    await one.goto(link)
    const second = await browser.newContext({ storageState: await first.storageState() })
    second.setDefaultTimeout(PATIENCE)
    two = await second.newPage()
  })
  afterAll(() => void server.kill('SIGKILL'))

  async function start(port: string): Promise<void> {
    server = serveProcess(folder, port, { PATH: process.env['PATH'] ?? '', HOME: join(folder, 'home') })
    link = await linkOf(server)
  }
  const at = (path: string): string => new URL(path, link).href
  const actAs = async (page: Page, name: string): Promise<void> => {
    await page.getByRole('combobox', { name: 'Acting as' }).selectOption({ label: name })
  }

  test('before anything is on record, every page says so', async () => {
    for (const path of [
      '/p/demo',
      '/p/demo/checkpoints/week1',
      '/p/demo/streams/reader',
      '/p/demo/blockers',
      '/p/demo/decisions',
      '/p/demo/radar',
    ]) {
      await one.goto(at(path))
      await settled(one)
      expect(await violations(one), path).toEqual([])
    }
  })

  test('a lead checks in, and who watches sees it without a reload', async () => {
    await two.goto(at('/p/demo/streams/reader'))
    await two.getByText('Nobody has checked in').waitFor()
    await one.goto(at('/p/demo/streams/reader'))
    await actAs(one, 'Lead A')
    await one.getByRole('button', { name: 'Check in' }).click()
    await one.getByRole('textbox', { name: 'Done, one a line' }).fill('The reader')
    await one.getByRole('textbox', { name: 'Reader code, your number' }).fill('4 lines')
    await one.locator('dialog[open] button[type=submit]').click()
    await two.getByText('Done: The reader').waitFor()
  })

  test('the checkpoint is judged, and both see why it is a NO-GO', async () => {
    await two.goto(at('/p/demo/checkpoints/week1'))
    await two.getByText('Nothing was judged yet').waitFor()
    await one.goto(at('/p/demo/checkpoints/week1'))
    await one.getByRole('button', { name: 'Check again' }).click()
    for (const page of [one, two]) {
      await page.locator('header.verdict').getByText('NO-GO').waitFor()
      await page.getByText('measured 3 lines, due 4 lines, claimed 4 lines').waitFor()
    }
  })

  test('who may not sign is told whose it is, by the page and by the server', async () => {
    await actAs(one, 'Lead B')
    await one.getByRole('radio', { name: 'NO-GO' }).check()
    await one.getByText('Lead B may not sign it: this takes phase-lead: The boss').waitFor()
    await one.getByRole('radio', { name: 'CONDITIONAL GO' }).check()
    await one.getByText('Lead B may not set another verdict: this takes').waitFor()
    const { status, body } = await one.evaluate(async () => {
      const answer = await fetch('/api/programs/demo/acts/sign', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
        body: JSON.stringify({ as: 'lead-b', checkpoint: 'week1', reason: 'I would like to' }),
      })
      return { status: answer.status, body: await answer.text() }
    })
    expect(status).toBe(403)
    expect(body).toContain('phase-lead (boss)')
  })

  test('who may takes the decision by keyboard alone, and everybody sees it at once', async () => {
    await actAs(one, 'The boss')
    await one.getByRole('radio', { name: 'CONDITIONAL GO' }).focus()
    await one.keyboard.press('Space')
    await one.keyboard.press('Tab')
    await one.keyboard.type('One line is a matter of an hour')
    await one.keyboard.press('Tab')
    await one.keyboard.press('Enter')
    for (const page of [one, two]) {
      await page.locator('header.verdict').getByText('CONDITIONAL GO').waitFor()
      await page.getByText('set by The boss').waitFor()
      await page.getByText('“One line is a matter of an hour”').waitFor()
    }
    await two.screenshot({ path: join(SHOTS, 'decided.png'), fullPage: true })
    expect(await violations(two)).toEqual([])
  })

  test('a server that is killed is missed at once, and what is open goes on when it is back', async () => {
    await two.evaluate(() => void ((globalThis as { untouched?: boolean }).untouched = true))
    const { port } = new URL(link)
    server.kill('SIGKILL')
    await two.getByText('Not connected: what you see may be old').waitFor()
    await two.screenshot({ path: join(SHOTS, 'disconnected.png') })
    expect(await violations(two)).toEqual([])
    await start(port)
    const again = await two.context().newPage()
    await again.goto(link)
    await again.close()
    await two.getByText('Not connected').waitFor({ state: 'detached' })
    await two.getByText('set by The boss').waitFor()
    expect(await two.evaluate(() => (globalThis as { untouched?: boolean }).untouched), 'it was not reloaded').toBe(true)
  })

  test('who is not signed in is told how to be', async () => {
    const stranger = await browser.newContext()
    const page = await stranger.newPage()
    await page.goto(at('/p/demo'))
    await page.getByRole('heading', { name: /not signed in/ }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.screenshot({ path: join(SHOTS, 'signed-out.png') })
    await stranger.close()
  })
})
