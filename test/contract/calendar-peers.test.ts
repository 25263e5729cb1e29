import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Notice } from '#core/notify/notice.ts'
import { addSeconds } from '#core/schedule/time.ts'
import { invitationIcs } from '#render/ics/invitation.ts'
import { program, told } from '../cases/notice-case.ts'
import { freePort } from '../free-port.ts'

/** Calendars of others (Debian's khal and Radicale) take an invitation, its move and its cancellation as one item. */

const CONFIG = { id: 'calendar', send: 'calendar', from: 'muster@example.org' } as const

const invitation = told<'invitation'>('invitation')
const revised = (sequence: number, hours: number, change: Notice<'invitation'>['data']['change']): string => {
  const { meeting } = invitation.data
  const moved = { ...meeting, at: addSeconds(meeting.at, hours * 3600), endsAt: addSeconds(meeting.endsAt, hours * 3600) }
  return invitationIcs({ ...invitation, data: { ...invitation.data, meeting: moved, sequence, change } }, program, CONFIG).text
}
const REVISIONS = [revised(0, 0, 'new'), revised(1, 2, 'moved'), revised(2, 2, 'cancelled')]

// Left out, and said so by `.ci/run`, only where a machine has neither and cannot install them.
describe.runIf(process.env['MUSTER_TEST_NO_CALENDARS'] === undefined)('calendars of others', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-calendars-'))
    if (['khal', 'radicale'].some((one) => spawnSync(one, ['--version']).error))
      throw new Error('there is no khal or no Radicale: apt-get install khal radicale, or set MUSTER_TEST_NO_CALENDARS=1 to go without')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('khal', () => {
    mkdirSync(join(folder, 'cal'))
    const config = join(folder, 'khal.conf')
    const format = {
      timeformat: '%H:%M',
      dateformat: '%Y-%m-%d',
      longdateformat: '%Y-%m-%d',
      datetimeformat: '%Y-%m-%d %H:%M',
      longdatetimeformat: '%Y-%m-%d %H:%M',
    }
    writeFileSync(
      config,
      [
        '[calendars]',
        '[[team]]',
        `path = ${join(folder, 'cal')}`,
        '[locale]',
        ...Object.entries(format).map(([key, value]) => `${key} = ${value}`),
        'local_timezone = Europe/Berlin',
        'default_timezone = Europe/Berlin',
        '[sqlite]',
        `path = ${join(folder, 'khal.db')}`,
        '',
      ].join('\n'),
    )
    const khal = (...args: string[]): string =>
      execFileSync('khal', ['-c', config, ...args], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '', HOME: folder, LC_ALL: 'C.UTF-8' },
      })
    const seen = REVISIONS.map((text, index) => {
      const file = join(folder, `${index}.ics`)
      writeFileSync(file, text)
      khal('import', '--batch', file)
      return khal('list', '2026-02-26', '4d', '--format', '{start} {title} {status}', '--day-format', '').trim().replace(/\s+$/gm, '')
    })
    expect(seen).toEqual([
      '2026-02-27 15:30 Phase E: Sprint completion CONFIRMED',
      '2026-02-27 17:30 Phase E: Sprint completion CONFIRMED',
      '2026-02-27 17:30 Phase E: Sprint completion CANCELLED',
    ])
    expect(readdirSync(join(folder, 'cal'))).toHaveLength(1)
  })

  test('Radicale', async () => {
    const port = await freePort()
    const storage = join(folder, 'radicale')
    const server = spawn(
      'radicale',
      [
        '--config',
        '',
        '--hosts',
        `127.0.0.1:${port}`,
        '--auth-type',
        'none',
        '--storage-filesystem-folder',
        storage,
        '--logging-level',
        'error',
      ],
      { stdio: 'ignore', env: { PATH: process.env['PATH'] ?? '', HOME: folder } },
    )
    try {
      const url = `http://127.0.0.1:${port}/me/team/`
      const headers = { authorization: `Basic ${Buffer.from('me:x').toString('base64')}`, 'content-type': 'text/calendar; charset=utf-8' }
      await answering(server, `http://127.0.0.1:${port}/`)
      expect((await fetch(url, { method: 'MKCALENDAR', headers })).status).toBe(201)
      const seen: string[][] = []
      for (const body of REVISIONS) {
        expect((await fetch(`${url}sprint-end.ics`, { method: 'PUT', headers, body })).ok).toBe(true)
        const kept = await (await fetch(url, { headers })).text()
        seen.push([...kept.matchAll(/^(?:UID|DTSTART|SEQUENCE|STATUS):.*$/gm)].map(([line]) => line.trim()))
      }
      expect(seen.map((lines) => lines.toSorted())).toEqual([
        ['DTSTART:20260227T143000Z', 'SEQUENCE:0', 'STATUS:CONFIRMED', 'UID:checkpoint.sprint-end.phase-e@muster'],
        ['DTSTART:20260227T163000Z', 'SEQUENCE:1', 'STATUS:CONFIRMED', 'UID:checkpoint.sprint-end.phase-e@muster'],
        ['DTSTART:20260227T163000Z', 'SEQUENCE:2', 'STATUS:CANCELLED', 'UID:checkpoint.sprint-end.phase-e@muster'],
      ])
    } finally {
      server.kill()
      await new Promise((resolve) => (server.exitCode === null ? server.once('exit', resolve) : resolve(undefined)))
    }
  })
})

/** Waits until a server that was just started answers, as long as it lives. */
async function answering(server: ChildProcess, url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(url, { redirect: 'manual' })
      return
    } catch (error) {
      if (server.exitCode !== null) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
