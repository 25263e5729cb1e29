import { expect, test } from 'vitest'
import type { StandUp } from '#core/stand-up/stand-up.ts'
import { standUpMarkdown } from '#render/stand-up/markdown.ts'
import { standUpText } from '#render/stand-up/text.ts'

const EVIL = '<img src=x>\u001b[31m @everyone [x](javascript:alert(1))\u202e|`\n# Title'

const digest: StandUp = {
  schemaVersion: 1,
  program: { id: 'demo', name: EVIL, zone: 'Europe/Berlin' },
  since: '2026-02-24T09:00:00Z',
  at: '2026-02-25T09:00:00Z',
  measuredAt: '2026-02-24T08:00:00Z',
  streams: [
    {
      id: 'reader',
      name: EVIL,
      lead: 'lead-a',
      commits: [{ role: 'unknown', name: EVIL, count: 2 }],
      numbers: [{ metric: 'm', title: EVIL, unit: 'lines', before: 3, now: 5, full: 10, planned: 6, claimed: 7 }],
      tests: [{ source: 'suite', before: { total: 2, passed: 2 }, now: { total: 3, passed: 2, failed: 1 } }],
      opened: [],
      resolved: [],
      open: [],
      checkIn: { stream: 'reader', done: [EVIL], next: [], risks: [], claims: {}, at: '2026-02-25T08:00:00Z', actor: 'lead-a' },
    },
    { id: 'writer', name: 'Writer', lead: 'lead-b', commitsUnknown: EVIL, numbers: [], tests: [], opened: [], resolved: [], open: [] },
  ],
  silent: [{ stream: 'writer', who: ['lead-b', 'help-b'] }],
}

test('what others wrote is shown and acts nowhere', () => {
  const text = standUpText(digest, { width: 200, color: false })
  for (const one of ['\u001b', '\u202e']) expect(text).not.toContain(one)
  const markdown = standUpMarkdown(digest)
  for (const one of ['\u001b', '\u202e', '<img', '\n# Title', '@everyone', '[x](']) expect(markdown).not.toContain(one)
})

test('the numbers stand as they are in the digest', () => {
  const plain = JSON.parse(JSON.stringify(digest).replaceAll(JSON.stringify(EVIL).slice(1, -1), 'Reader')) as StandUp
  expect(standUpText(plain, { width: 80, color: false })).toBe(`Stand-up of Reader
  Since Tue 2026-02-24 10:00 Europe/Berlin, as of Wed 2026-02-25 10:00.
  Nothing was measured since: the numbers are of Tue 2026-02-24 09:00. muster
  check measures.

Nobody has checked in for
  Writer: lead-b or help-b

Reader (lead-a)
  2 commits: Reader (nobody of the program) 2
  Reader: 3 lines → 5 lines of 10 lines; planned 6 lines, 1 line less; claimed 7
  lines
  Cases of suite: 2 of 2 pass → 2 of 3 pass, 1 failed
  Checked in Wed 2026-02-25 09:00 by lead-a
  Done (claimed): Reader

Writer (lead-b)
  Commits: not known, Reader
`)
})
