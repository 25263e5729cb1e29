import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import { htmlNotice } from '#render/notice/html.ts'
import { wordNotice } from '#render/notice/word.ts'
import { program, TOLD } from '../cases/notice-case.ts'
import { openBrowser } from './dashboard.ts'

const MAIL = { id: 'mail', send: 'email' } as const

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

test('nothing of a mail is cut off on a telephone', async () => {
  const page = await browser.newPage({ viewport: { width: 360, height: 640 } })
  const tooWide: string[] = []
  for (const [name, notice] of TOLD) {
    await page.setContent(htmlNotice(wordNotice(notice, program, MAIL), notice.acts))
    if (await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')) tooWide.push(name)
  }
  expect(tooWide).toEqual([])
})
