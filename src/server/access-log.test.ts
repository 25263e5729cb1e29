import { expect, it } from 'vitest'
import { logLine } from '#server/access-log.ts'

const line = (url: string): string => {
  const told = { at: '2026-02-25T14:00:00Z', method: 'GET', status: 200, milliseconds: 1.6, address: '10.0.0.7', who: 'user:u1' }
  return logLine({ ...told, url })
}

it('is one line of JSON without query and without what lets anybody in', () => {
  expect(line('https://muster.example/api/programs?x=1')).toBe(
    '{"at":"2026-02-25T14:00:00Z","method":"GET","path":"/api/programs","status":200,"ms":2,"address":"10.0.0.7","who":"user:u1"}\n',
  )
  expect(line('http://h/links/demo/s3cr3t-of-the-calendar/calendar.ics')).toContain('"path":"/links/demo/[redacted]/calendar.ics"')
  expect(line('http://h/sign-in?key=abc')).not.toContain('abc')
  expect(line(`http://h/x/muster_access_${'A'.repeat(43)}`)).not.toContain('AAAA')
  expect(line('http://h/a%0ab')).not.toMatch(/\n./)
})
