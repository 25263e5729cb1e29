import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { run } from '#cli/run.ts'
import { openSqlite } from '#store/sqlite.ts'
import { MONTH_CLOCK, writeMonth } from '../../examples/phase-e/month.ts'
import { fakeIo } from '../cli/io.ts'
import { testRepository } from '../collect/git-repository.ts'
import { freePort } from '../free-port.ts'
import { testIssuer } from '../server/issuer.ts'
import { buildPages, linkOf, openBrowser, ROOT, serveHere, serveProcess, type Served } from './dashboard.ts'

/** Screenshots of every page: artifacts of CI; with UPDATE_SCREENSHOTS=1 those of the guide too. */
const SHOTS = join(ROOT, process.env['TEST_REPORTS'] ?? 'reports', 'browser')
const GUIDE = join(ROOT, 'docs/guide/dashboard')
const MOST_BYTES = 60_000
/** How long something may take to appear before the test gives up on it, milliseconds. */
const PATIENCE = 60_000

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

/** What axe finds wrong, by all of its rules, in lines that say where. */
async function violations(page: Page): Promise<readonly string[]> {
  if (await page.evaluate("typeof axe === 'undefined'")) await page.evaluate(axe.source)
  const found = await page.evaluate(() => {
    const { axe: inPage } = globalThis as unknown as { axe: { run: (options: object) => Promise<{ violations: Violation[] }> } }
    return inPage.run({ resultTypes: ['violations'] }).then((one) => one.violations)
  })
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`))
}

/** Read without sight, in both themes, as it stands now. @param picture Name under which CI keeps how it looks. */
async function expectReadable(page: Page, picture?: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    if (picture !== undefined) await page.screenshot({ path: join(SHOTS, `${picture}-${colorScheme}.png`), fullPage: true })
    expect(await violations(page), colorScheme).toEqual([])
  }
}

/** The picture of a page of the guide. */
async function pictureForGuide(page: Page, name: string): Promise<void> {
  if (process.env['UPDATE_SCREENSHOTS'] !== '1') return
  const before = page.viewportSize()
  await page.setViewportSize({ width: 1120, height: 540 })
  await page.screenshot({ path: join(GUIDE, `${name}.png`) })
  if (before) await page.setViewportSize(before)
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
    // The server looks by itself as it begins.
    await page.getByRole('heading', { name: 'Conflicts' }).waitFor()
  })
  afterAll(async () => {
    await context.close()
    await served.stop()
  })

  const show = async (path: string, heading?: string): Promise<void> => {
    await page.goto(served.origin + path)
    if (heading !== undefined) await page.getByRole('heading', { name: heading }).first().waitFor()
    await settled(page)
  }
  beforeEach(() => page.setViewportSize({ width: 1280, height: 800 }))

  test.each(Object.entries(VIEWS))('%s: read without sight, in both themes, on a phone', async (name, [path, heading]) => {
    await show(path, heading)
    await expectReadable(page, name)
    if (GUIDED.some((one) => one === name)) await pictureForGuide(page, name)
    await page.setViewportSize({ width: 390, height: 800 })
    expect(await page.evaluate('document.documentElement.scrollWidth'), 'nothing hangs over the edge of a phone').toBeLessThanOrEqual(390)
    await expectReadable(page, `${name}-phone`)
  })

  test('the guide has a page for each view, and shows it', () => {
    const index = readFileSync(join(ROOT, 'docs/guide/dashboard.md'), 'utf8')
    for (const name of [...GUIDED, 'sign-in']) {
      expect(index).toContain(`](dashboard/${name}.md)`)
      expect(readFileSync(join(GUIDE, `${name}.md`), 'utf8')).toContain(`](${name}.png)`)
      expect(readFileSync(join(GUIDE, `${name}.png`)).length, name).toBeLessThanOrEqual(140_000)
    }
  })

  test.each([
    ['/p/phase-e/streams/psi', 'Check in'],
    ['/p/phase-e/streams/psi/options', 'Choose'],
    ['/p/phase-e/blockers', 'Open a blocker'],
    ['/p/phase-e/blockers', 'Acknowledge'],
    ['/p/phase-e/blockers', 'Workaround'],
    ['/p/phase-e/blockers', 'Resolve'],
    ['/p/phase-e/checkpoints/week2-sprint', 'Move'],
  ])('%s, %s: the form that opens is readable, goes with Escape, and leaves the reader where they were', async (path, label) => {
    await show(path)
    const button = page.getByRole('button', { name: label, exact: true }).first()
    await button.focus()
    await page.keyboard.press('Enter')
    await page.locator('dialog[open]').waitFor()
    await expectReadable(page)
    expect(await page.evaluate("document.querySelector('dialog[open]').contains(document.activeElement)")).toBe(true)
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
    expect(await button.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true)
  })

  test('every control is reached with Tab, and shows that it is', async () => {
    for (const [path, heading] of Object.values(VIEWS)) {
      await show(path, heading)
      const hidden = await page.evaluate(`(async () => {
        const seen = new Set(), bad = []
        const all = [...document.querySelectorAll('a[href], button:not(:disabled), summary, select, input, [tabindex="0"]')].filter((one) => one.checkVisibility({ visibilityProperty: true }))
        for (const one of all) {
          one.focus({ focusVisible: true })
          if (document.activeElement !== one || getComputedStyle(one).outlineStyle === 'none' && !one.closest('.verdict-choice')) bad.push(one.outerHTML.slice(0, 120))
        }
        return bad
      })()`)
      expect(hidden, path).toEqual([])
    }
  })

  test('the decision is a few keys away, whatever is judged before it', async () => {
    const focused = (): Promise<string> =>
      page.evaluate('(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()')
    await show(...VIEWS.checkpoint)
    const keys = ['Tab', 'Enter', 'Tab']
    for (const key of keys) await page.keyboard.press(key)
    expect(await focused()).toBe('Skip to the decision')
    await expectReadable(page, 'skip')
    await page.keyboard.press('Enter')
    expect(await page.getByRole('heading', { name: 'Decision', exact: true }).isVisible()).toBe(true)
    await page.keyboard.press('Tab')
    expect(await focused()).toMatch(/GO/)
  })

  test('a program that is not there is no broken connection', async () => {
    await page.goto(`${served.origin}/p/elsewhere`)
    await page.getByRole('heading', { name: 'There is no such program' }).waitFor()
    await page.getByRole('link', { name: 'All programs' }).waitFor()
    expect(await page.getByText('Not connected').count()).toBe(0)
    await expectReadable(page)
  })

  test('deadlines run by the clock of the server, whatever that of the reader says', async () => {
    const wrong = await context.newPage()
    await wrong.clock.install({ time: new Date('2027-06-01T00:00:00Z') })
    await wrong.goto(`${served.origin}/p/phase-e`)
    const countdown = wrong.getByText(/^in 5 h/).first()
    await countdown.waitFor()
    expect(await countdown.isVisible()).toBe(true)
    await wrong.close()
  })

  /** The width of A4 without its margins, in pixels. */
  const PAPER = 688

  test.each([
    ['/p/phase-e', ['Phase E', 'NO-GO', 'End of the sprint, week 2', 'in 5 h', 'fscache crashes', 'INCONCLUSIVE']],
    [
      '/p/phase-e/checkpoints/week2-sprint',
      [
        'Phase E',
        'End of the sprint, week 2',
        'NO-GO',
        'Asked: Architect',
        'More than 95 % of the code is there',
        'It builds',
        'EROFS module with fscache',
      ],
    ],
    ['/p/phase-e/streams/psi', ['A - PSI memory', 'BEHIND', 'measured 298 lines', 'suite.ratio', 'Thresholds; Metrics endpoint']],
    ['/p/phase-e/decisions', ['Every critical and supporting criterion is met']],
  ])('%s on paper: light, whole, and nothing that can only be pressed', async (path, words) => {
    await page.setViewportSize({ width: PAPER, height: 970 })
    await show(path)
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    try {
      const { text, background, beyond } = await page.evaluate<{ text: string; background: string; beyond: string[] }>(`({
        text: document.body.innerText.replace(/\\s+/g, ' '),
        background: getComputedStyle(document.body).backgroundColor,
        beyond: [...document.querySelectorAll('main *')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > ${PAPER} + 1).map((one) => one.outerHTML.slice(0, 100)),
      })`)
      for (const word of words) expect(text).toContain(word)
      for (const control of ['Check in', 'Acting as', 'Move', 'Look again', 'print']) expect(text).not.toContain(` ${control} `)
      expect(background).toBe('rgb(255, 255, 255)')
      expect(beyond, 'cut off at the edge').toEqual([])
      expect(text, 'where it was printed').toContain(`${served.origin}${path}, as of Fri 27 Feb`)
      if (path.includes('checkpoints')) expect(text, 'the whole seal').toMatch(/Record 77, seal [0-9a-f]{64}/)
      expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-')
    } finally {
      await page.emulateMedia({ media: null, colorScheme: 'light' })
    }
  })

  test('why a criterion is not met unfolds to the evidence with commit, tree, time and sha256', async () => {
    await page.goto(`${served.origin}/p/phase-e/checkpoints/week2-sprint`)
    await page.locator('details.criterion summary', { hasText: 'More than 95 % of the code is there' }).first().click()
    const criterion = page.locator('details.criterion[open]')
    await criterion.locator('details.evidence summary').first().click()
    const evidence = criterion.locator('details.evidence[open]').first()
    await expectReadable(page, 'checkpoint-why')
    for (const label of ['metric', 'observed', 'commit', 'tree', 'sha256'])
      expect(await evidence.locator('dt').allTextContents()).toContain(label)
  })

  test('the longest status of a criterion keeps to its column', async () => {
    await page.goto(`${served.origin}/p/phase-e/checkpoints/week2-sprint`)
    const summary = page.locator('details.criterion summary').first()
    const edges = await summary.evaluate((row) => {
      const [sign, title] = ['.sign', '.title'].map((one) => row.querySelector(one))
      const word = sign?.lastChild
      if (!sign || !title || !word) return []
      word.textContent = ' overridden (not-applicable)'
      return [sign.scrollWidth, Math.ceil(title.getBoundingClientRect().left - sign.getBoundingClientRect().left)]
    })
    expect(edges[0], `${edges[0]} px of ${edges[1]} px`).toBeLessThanOrEqual(edges[1] ?? 0)
  })

  test('a colliding pair shows the file and the lines of both sides, by keyboard', async () => {
    await page.goto(`${served.origin}/p/phase-e/radar`)
    const cell = page.locator('button.cell').first()
    expect(await cell.getAttribute('title')).toMatch(/conflict in\n\S+/)
    await cell.focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('.files').textContent()).toMatch(/src\/daemon\/state\.rs|Cargo\.toml/)
    expect(await page.locator('.files pre').count()).toBeGreaterThan(1)
    await expectReadable(page, 'radar-pair')
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
    await expectReadable(page, 'decisions-compared')
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
    await expectReadable(page, 'options-chosen')
  })

  test('nothing in it failed, and nothing was forbidden by its own policy', () => {
    expect(complained.filter((one) => !/status of 404/.test(one))).toEqual([])
  })

  const GUIDED = ['overview', 'checkpoint', 'stream', 'options', 'radar', 'blockers', 'decisions'] as const
})

const STORY = `program: demo
name: Demo
calendar: { zone: Europe/Berlin }
people:
  boss: { name: The boss, roles: [phase-lead] }
  lead-a: { name: Lead A, email: a@example.org }
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
    attendees: [boss, lead-a]
    agenda: [{ item: Report, time: 10m, each: stream }]
    criteria: { code: { title: All of the code is there, metric: progress.code, atLeast: 100% } }
    targets: { reader: { code: 4 of 4 lines } }
    decide: { question: Does it go on?, signOff: { phase-lead: 1 } }
`

describe('one checkpoint, from check-in to decision', () => {
  const folder = join(base, 'story')
  let server: ChildProcess
  let link = ''
  let soon = ''
  let one: Page
  let two: Page

  beforeAll(async () => {
    const repository = testRepository(folder)
    repository.commit('Begin', { '.gitignore': '.muster/\nhome/\n' })
    repository.git('checkout', '-q', '-b', 'feature/reader')
    repository.commit('Read', { 'reader.ts': 'export const one = 1\nexport const two = 2\nexport const three = 3\n' })
    repository.git('checkout', '-q', 'main')
    soon = new Date(Date.now() + 3 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')
    writeFileSync(join(folder, 'muster.yaml'), STORY.replace('Europe/Berlin', 'UTC').replace('AT', soon))
    // One that nobody is given while the server is down.
    await start(String(await freePort()))
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
      await expectReadable(one, `empty${path.replaceAll('/', '-')}`)
    }
  })

  test('a lead checks in, and who watches sees it without a reload, in the middle of a word', async () => {
    await two.goto(at('/p/demo/streams/reader'))
    await two.getByText('Nobody has checked in').waitFor()
    await two.getByRole('button', { name: 'Check in' }).click()
    const half = two.getByRole('textbox', { name: 'Next, one a line' })
    await half.pressSequentially('The wri')
    await one.goto(at('/p/demo/streams/reader'))
    await actAs(one, 'Lead A')
    await one.getByRole('button', { name: 'Check in' }).click()
    await one.getByRole('textbox', { name: 'Done, one a line' }).fill('The reader')
    await one.getByRole('textbox', { name: 'Reader code, your number' }).fill('4 lines')
    await one.locator('dialog[open] button[type=submit]').click()
    await two.getByText('Done: The reader').waitFor()
    await two.keyboard.type('ter')
    expect(await half.inputValue(), 'what was being typed goes on').toBe('The writer')
    await two.keyboard.press('Escape')
  })

  test('the checkpoint is judged, and both see why it is a NO-GO', async () => {
    await two.goto(at('/p/demo/checkpoints/week1'))
    await two.getByText('Nothing was judged yet').waitFor()
    await one.goto(at('/p/demo/checkpoints/week1'))
    await one.getByRole('button', { name: 'Check now' }).click()
    for (const page of [one, two]) {
      await page.locator('header.verdict').getByText('NO-GO').waitFor()
      await page.getByText('measured 3 lines, due 4 lines, claimed 4 lines').waitFor()
      expect(await page.getByText('Nothing was judged yet').count()).toBe(0)
    }
  })

  test('who comes is shown once somebody answers the invitation', async () => {
    await two.locator('header.verdict').getByText('The boss, Lead A').waitFor()
    const startsAt = `${soon.replace(' ', 'T')}:00Z`
    const store = await openSqlite(join(folder, '.muster/ledger.sqlite'))
    await store.append('demo', [
      {
        id: 'invited',
        at: new Date().toISOString(),
        actor: 'muster',
        type: 'fired',
        body: {
          timer: `invite:checkpoint:week1@${startsAt}#0/0`,
          kind: 'invite',
          due: startsAt,
          invited: { name: 'Week one', people: ['boss', 'lead-a'], startsAt, endsAt: startsAt },
        },
      },
    ])
    await store.close()
    const mail = [
      'Authentication-Results: mx.example.org; dmarc=pass header.from=example.org',
      'From: a@example.org',
      'Message-ID: <1@example.org>',
      'Content-Type: text/calendar; method=REPLY',
      '',
      'BEGIN:VCALENDAR',
      'METHOD:REPLY',
      'BEGIN:VEVENT',
      'UID:checkpoint.week1.demo@muster',
      'SEQUENCE:0',
      'ATTENDEE;PARTSTAT=DECLINED:mailto:a@example.org',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ]
    const io = fakeIo({
      argv: ['calendar', 'answer', '--vouched-by', 'mx.example.org'],
      cwd: folder,
      stdin: mail.join('\r\n'),
      now: () => new Date().toISOString(),
    })
    expect(await run(io), io.out() + io.err()).toBe(0)
    for (const page of [one, two]) {
      await page.locator('header.verdict').getByText('✗ not coming: Lead A').waitFor()
      await page.locator('header.verdict').getByText('? no answer: The boss').waitFor()
    }
    await expectReadable(two, 'answered')
  })

  test('who may not sign is told whose it is, by the page and by the server', async () => {
    await actAs(one, 'Lead B')
    await one.getByRole('radio', { name: 'NO-GO' }).check()
    await one.getByText('Lead B may not sign it: this takes phase-lead: The boss').waitFor()
    await one.getByRole('radio', { name: 'CONDITIONAL GO' }).check()
    await one.getByText('Lead B may not set another verdict: this takes').waitFor()
    await expectReadable(one, 'not-mine')
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
    await expectReadable(one, 'deciding')
    await one.keyboard.press('Tab')
    await one.keyboard.type('One line is a matter of an hour')
    await one.keyboard.press('Tab')
    await one.keyboard.press('Enter')
    for (const page of [one, two]) {
      await page.locator('header.verdict').getByText('CONDITIONAL GO').waitFor()
      await page.locator('.outcome', { hasText: 'set by The boss' }).waitFor()
      await page.getByText('“One line is a matter of an hour”').waitFor()
    }
    await expectReadable(two, 'decided')
  })

  test('what has the focus keeps it when something worse is listed above it', async () => {
    const open = (title: string, severity: string): Promise<unknown> =>
      one.evaluate(
        (blocker) =>
          fetch('/api/programs/demo/acts/open-blocker', {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
            body: JSON.stringify({ as: 'lead-a', stream: 'reader', impact: 'Nothing goes on', deadline: '1 day', ...blocker }),
          }).then(({ status }) => status),
        { title, severity },
      )
    expect(await open('A small one', 'low')).toBe(201)
    await two.goto(at('/p/demo'))
    const link = two.getByRole('link', { name: 'A small one' })
    await link.focus()
    expect(await open('A large one', 'critical')).toBe(201)
    await two.getByRole('link', { name: 'A large one' }).waitFor()
    expect(await link.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
    await two.goto(at('/p/demo/checkpoints/week1'))
    await two.locator('.outcome', { hasText: 'set by The boss' }).waitFor()
  })

  test('a server that is killed is missed at once, and what is open goes on when it is back', async () => {
    await two.evaluate(() => void ((globalThis as { untouched?: boolean }).untouched = true))
    const { port } = new URL(link)
    server.kill('SIGKILL')
    await two.getByText('Not connected: what you see may be old').waitFor()
    await expectReadable(two, 'disconnected')
    await start(port)
    const again = await two.context().newPage()
    await again.goto(link)
    await again.close()
    await two.getByText('Not connected').waitFor({ state: 'detached' })
    await two.locator('.outcome', { hasText: 'set by The boss' }).waitFor()
    expect(await two.evaluate(() => (globalThis as { untouched?: boolean }).untouched), 'it was not reloaded').toBe(true)
  })

  test('who is not signed in is told how to be', async () => {
    const stranger = await browser.newContext()
    const page = await stranger.newPage()
    await page.goto(at('/p/demo'))
    await page.getByRole('heading', { name: /not signed in/ }).waitFor()
    await expectReadable(page, 'signed-out')
    await pictureForGuide(page, 'sign-in')
    await stranger.close()
  })
})

test('where people sign in, the page leads there and back, and whoever comes is themselves until they sign out', async () => {
  const folder = join(base, 'people')
  const repository = testRepository(folder)
  repository.commit('Begin', { '.gitignore': '.muster/\nhome/\n' })
  const later = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16).replace('T', ' ')
  writeFileSync(
    join(folder, 'muster.yaml'),
    STORY.replace('Europe/Berlin', 'UTC').replace('AT', later).replace('Lead A }', 'Lead A, email: a@example.org }'),
  )
  const port = await freePort()
  const home = `http://127.0.0.1:${port}`
  const issuer = await testIssuer(home)
  const server = serveProcess(folder, String(port), {
    PATH: process.env['PATH'] ?? '',
    HOME: join(folder, 'home'),
    MUSTER_URL: home,
    MUSTER_OIDC_ISSUER: issuer.url,
    MUSTER_OIDC_CLIENT_ID: 'muster',
    MUSTER_OIDC_CLIENT_SECRET: 'not-so-secret',
  })
  const context = await browser.newContext()
  onTestFinished(async () => {
    await context.close()
    server.kill('SIGKILL')
  })
  await linkOf(server)
  context.setDefaultTimeout(PATIENCE)
  const page = await context.newPage()
  const stranger = `${home}/p/demo/streams/reader`
  await page.goto(stranger)
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor()

  issuer.is({ sub: 'u9', email: 'nobody@example.org', email_verified: true })
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'No program here knows you' }).waitFor()
  await expectReadable(page, 'sign-in-stranger')

  issuer.is({ sub: 'u1', email: 'a@example.org', email_verified: true })
  await context.clearCookies()
  await page.goto(stranger)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.waitForURL(stranger)
  await page.getByRole('button', { name: 'sign out' }).waitFor()
  expect(await page.locator('header.top').textContent()).toContain('Lead A')
  expect(await page.getByRole('combobox', { name: 'Acting as' }).count()).toBe(0)
  await expectReadable(page, 'signed-in')
  await page.getByRole('button', { name: 'Check in' }).click()
  await page.getByRole('textbox', { name: 'Done, one a line' }).fill('As myself')
  await page.locator('dialog[open] button[type=submit]').click()
  await page.getByText('Done: As myself').waitFor()

  await page.getByRole('button', { name: 'sign out' }).click()
  await page.waitForURL((url) => url.origin === issuer.url)
  await page.goto(stranger)
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor()
})
