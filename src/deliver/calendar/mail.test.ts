import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MOST_BYTES, readMail } from '#deliver/calendar/mail.ts'

const CALENDAR = 'Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('a mail is read as text and as bytes, with the line of a mailbox before it and without', async () => {
  const mail = `Authentication-Results: one;\r\n none\r\nAuthentication-Results: two; none\r\nFrom: "Ada, (of) <x>" <ada@example.org>\r\nMessage-ID: <1@example.org>\r\n${CALENDAR}`
  for (const content of [mail, bytes(mail), `From ada@example.org Tue\n${mail}`, bytes(`From ada@example.org Tue\n${mail}`)])
    expect(await readMail(content)).toEqual({
      ok: true,
      id: '<1@example.org>',
      from: 'ada@example.org',
      vouching: [expect.stringMatching(/^one;\s+none$/) as string, 'two; none'],
      calendar: 'BEGIN:VCALENDAR\nEND:VCALENDAR\n',
    })
})

test('a mail that begins with who it is from does not lose that line', async () => {
  const mail = `From: ada@example.org\r\n${CALENDAR}`
  for (const content of [mail, bytes(mail)]) expect(await readMail(content)).toMatchObject({ from: 'ada@example.org' })
})

test('the calendar that stands as a part counts, before one that is attached', async () => {
  const parts = ['application/ics', 'text/calendar'].map((type) => `--b\r\nContent-Type: ${type}\r\n\r\n${type}\r\n`)
  const mail = `From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${parts.join('')}--b--\r\n`
  // Without a Message-ID it is known by what it says.
  expect(await readMail(mail)).toMatchObject({ calendar: 'text/calendar\n', id: 'text/calendar\n' })
})

test.each([
  ['two senders in one line', 'From: a@example.org, b@example.org\r\n', 'which one address'],
  ['two lines of a sender', 'From: a@example.org\r\nFrom: b@example.org\r\n', 'which one address'],
  ['a group of senders', 'From: us: a@example.org, b@example.org;\r\n', 'which one address'],
  ['no sender', '', 'which one address'],
  ['a sender that is no address', 'From: Ada\r\n', 'which one address'],
  ['too many bytes', `From: a@example.org\r\nX: ${'x'.repeat(MOST_BYTES)}\r\n`, 'bytes'],
  ['too many lines', `From: a@example.org\r\n${'X: y\r\n'.repeat(100_000)}`, 'lines'],
  ['too much of headers', `From: a@example.org\r\nX: ${'x'.repeat(300_000)}\r\n`, 'cannot be read'],
])('a mail with %s is refused', async (_, head, reason) => {
  expect(await readMail(head + CALENDAR)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) as string })
})

test('parts in parts without end are refused', async () => {
  const deep = Array.from({ length: 1000 }, (_, index) => `Content-Type: multipart/mixed; boundary=b${index}\r\n\r\n--b${index}\r\n`)
  expect(await readMail(`From: a@example.org\r\n${deep.join('')}${CALENDAR}`)).toMatchObject({
    ok: false,
    reason: 'it cannot be read as a mail',
  })
})

test('whatever comes is read or refused', async () => {
  const piece = fc.constantFrom(
    'From: ',
    'a@b.org',
    '\r\n',
    '--b',
    'Content-Type: ',
    'multipart/mixed; boundary=b',
    'text/calendar',
    '=?utf-8?q?',
    '"',
    '(',
    ';',
    '\0',
    'é',
    'Content-Transfer-Encoding: base64',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.array(piece, { maxLength: 40 }).map((all) => all.join('')),
        fc.uint8Array({ maxLength: 300 }),
      ),
      async (content) => {
        const mail = await readMail(content)
        expect(mail.ok ? mail.from : mail.reason).not.toBe('')
      },
    ),
  )
})
