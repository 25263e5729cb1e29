import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { run } from '#cli/run.ts'
import { fakeIo } from '../cli/io.ts'

export const ROOT = join(import.meta.dirname, '../..')

const CHROMIUM = '/usr/bin/chromium'

/** Debian's, which `.ci/run` installs. @throws Error that says what to install. */
export async function openBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`there is no ${CHROMIUM}, so that no page can be looked at: apt-get install chromium`)
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      // Letters without coloured edges: pictures of them are half as large.
      '--disable-lcd-text',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** The pages as they are in the source now, where `muster serve` finds them; in a process that knows of no test. */
export const buildPages = (): void =>
  void execFileSync(join(ROOT, 'node_modules/.bin/vite'), ['build', '-c', join(ROOT, 'src/web/vite.config.ts')], {
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
  })

export interface Served {
  readonly origin: string
  /** Lets one browser in. */
  readonly link: string
  stop(): Promise<void>
}

/** `muster serve` in this process, on a free port, with a clock that goes on from an instant. */
export async function serveHere(folder: string, from: string): Promise<Served> {
  const [begin, since] = [Date.parse(from), Date.now()]
  const stop = new AbortController()
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const io = fakeIo({
    argv: ['serve', '--no-run', '--port', '0'],
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, XDG_STATE_HOME: join(folder, '.state') },
    now: () => new Date(begin + Date.now() - since).toISOString(),
  })
  const stdout = {
    ...io.stdout,
    write: (text: string): void => {
      const [found] = /http:\/\/\S+/.exec(text) ?? []
      if (found !== undefined) resolve(found)
    },
  }
  const ended = run({ ...io, stdout, signal: stop.signal })
  void ended.then((code) => reject(new Error(`the server ended with ${code}: ${io.err()}`)), reject)
  const link = await promise
  return {
    origin: new URL(link).origin,
    link,
    stop: async () => {
      stop.abort()
      await ended
    },
  }
}

/** `muster serve` in a process of its own, to be killed. */
export const serveProcess = (folder: string, port: string, env: Readonly<Record<string, string>>): ChildProcess =>
  spawn(process.execPath, ['-C', 'source', join(ROOT, 'src/cli/main.ts'), 'serve', '--no-run', '--port', port], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** The link that it prints. */
export function linkOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let [out, err] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text
    const [found] = /http:\/\/\S+(?=\s)/.exec(out) ?? []
    if (found !== undefined) resolve(found)
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${err}`)))
  return promise
}
