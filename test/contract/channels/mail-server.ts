import type { AddressInfo } from 'node:net'
import { simpleParser, type ParsedMail } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import type { Behaviour } from '../channel.ts'

const USER = 'muster'
export const PASSWORD = 'hunter2-hunter2'

interface Connected {
  readonly connections: ReadonlySet<{ readonly _socket: { destroy(): void } }>
}

/** A mail server on this machine that keeps what it takes. */
export async function mailServer() {
  const mails: ParsedMail[] = []
  const raw: string[] = []
  let behaviour: Behaviour = 'take'
  const server = new SMTPServer({
    authOptional: true,
    closeTimeout: 50,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _, done) =>
      behaviour === 'refuse' || username !== USER || password !== PASSWORD
        ? done(Object.assign(new Error(`535 ${password} is wrong`), { responseCode: 535 }))
        : done(null, { user: username }),
    onMailFrom: (_, session, done) =>
      behaviour === 'limit'
        ? done(Object.assign(new Error('too much mail, later'), { responseCode: 451 }))
        : done(session.user ? null : new Error('who')),
    onData: (stream, _, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        raw.push(Buffer.concat(chunks).toString())
        simpleParser(Buffer.concat(chunks), (_error: unknown, mail: ParsedMail) => {
          mails.push(mail)
          if (behaviour === 'take') done()
          else if (behaviour === 'fail-after-effect') done(Object.assign(new Error('it broke'), { responseCode: 451 }))
          else if (behaviour === 'reset-after-effect')
            for (const { _socket } of (server as unknown as Connected).connections) _socket.destroy()
        })
      })
    },
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://${USER}:${PASSWORD}@127.0.0.1:${port}`,
    mails,
    raw,
    behave: (next: Behaviour) => void (behaviour = next),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
