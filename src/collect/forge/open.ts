import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { redact } from '#core/evidence/redact.ts'
import { openCache } from './cache.ts'
import { Client, type Pause } from './client.ts'
import { credentialOf } from '#net/forge/credential.ts'
import { openWire } from '#net/exchange.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import type { ForgeOptions } from './kind.ts'
import { ForgeError } from '#net/forge/error.ts'
import type { Forge } from './model.ts'
import { placeOf, type Place } from '#net/forge/place.ts'
import type { Environment } from '#net/secret.ts'

/** Which forge is asked, and with what. */
export interface Asked {
  readonly options: ForgeOptions
  /** Address of the repository, or a folder, which tells nothing. */
  readonly repository: string
  readonly environment: Environment
  readonly cacheFolder: string
  readonly signal: AbortSignal
  readonly pause: Pause
}

export interface Opened {
  readonly forge: Forge
  readonly client: Client
  readonly place: Place
  /** Host and project, for people. */
  readonly source: string
  /** Takes secrets out of a text. */
  readonly hide: (text: string) => string
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: ForgeError['status']; readonly reason: string; readonly source: string }

/** Waits as long as it is told to. */
export const pauseFor: Pause = (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal })

/** For one answer; the source's own time limit holds beside it. */
const ANSWER_SECONDS = 30

/** Opens the forge for as long as `use` takes. A ForgeError becomes the reason why there is no answer. */
export async function onForge<T>(asked: Asked, use: (opened: Opened) => Promise<T>): Promise<Outcome<T>> {
  const { options, environment, signal, pause } = asked
  const placed = placeOf(options, asked.repository, environment)
  if (!placed.ok) return { ok: false, status: 'errored', reason: placed.reason, source: 'forge' }
  const { place } = placed
  const source = `${new URL(place.web).host}/${place.project}`
  const wire = openWire(place.isPublic ? 'public' : place.api.startsWith('http:') ? 'loopback' : 'private', ANSWER_SECONDS)
  let hide = (text: string): string => text
  try {
    const credential = await credentialOf(options, environment, { place, wire, signal })
    hide = (text) => redact(text, credential.secrets())
    const cache = openCache(join(asked.cacheFolder, 'forge'), credential.seal)
    const client = new Client({ place, credential, wire, cache, signal, pause })
    const forge = place.forge === 'github' ? github(place.project) : gitlab(place.project)
    return { ok: true, value: await use({ forge, client, place, source, hide }) }
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error
    return { ok: false, status: error.status, reason: hide(error.message), source }
  } finally {
    wire.close()
  }
}
