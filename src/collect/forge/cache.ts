import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** An answer as it was last given, to ask whether it still holds. */
interface Kept {
  readonly etag: string
  readonly link: string
  readonly body: string
}

export interface Cache {
  find(url: string): Promise<Kept | undefined>
  /** Keeps what it can; a disk that refuses is no reason to fail. */
  keep(url: string, kept: Kept): Promise<void>
}

const MAX_BODY = 2 ** 21
const MAX_AGE_MILLISECONDS = 30 * 24 * 3_600_000

const entry = z.object({ etag: z.string(), link: z.string(), body: z.string(), mac: z.string() })

/**
 * Answers on disk, named and sealed with the token: another token finds none of them, and one who
 * can write the folder (it may lie in a working tree) cannot make up an answer.
 */
export function openCache(folder: string, secret: string): Cache {
  const sign = (...parts: readonly string[]): string => createHmac('sha256', secret).update(JSON.stringify(parts)).digest('hex')
  const fileOf = (url: string): string => join(folder, `${sign('name', url)}.json`)
  const macOf = (url: string, { etag, link, body }: Kept): string => sign('entry', url, etag, link, body)
  let isSwept = false
  return {
    async find(url) {
      try {
        const kept = entry.parse(JSON.parse(await readFile(fileOf(url), 'utf8')))
        const [given, made] = [Buffer.from(kept.mac), Buffer.from(macOf(url, kept))]
        return given.length === made.length && timingSafeEqual(given, made) ? kept : undefined
      } catch {
        return undefined
      }
    },
    async keep(url, kept) {
      if (kept.body.length > MAX_BODY) return
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        const temporary = join(folder, `${randomUUID()}.tmp`)
        await writeFile(temporary, JSON.stringify({ ...kept, mac: macOf(url, kept) }), { mode: 0o600, flag: 'wx' })
        await rename(temporary, fileOf(url))
        if (!isSwept) await sweep(folder)
        isSwept = true
      } catch {
        return
      }
    },
  }
}

/** Answers about commits that nobody asks about any more would pile up. */
async function sweep(folder: string): Promise<void> {
  const oldest = Date.now() - MAX_AGE_MILLISECONDS
  for (const name of await readdir(folder)) {
    const file = join(folder, name)
    if ((await stat(file)).mtimeMs < oldest) await rm(file, { force: true })
  }
}
