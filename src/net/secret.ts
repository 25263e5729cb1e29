import { readFile } from 'node:fs/promises'

export type Environment = (name: string) => string | undefined

export type Secret =
  | { readonly ok: true; readonly name: string; readonly value: string }
  /** `missing`: nobody set it. */
  | { readonly ok: false; readonly missing: boolean; readonly reason: string }

const MAX_SECRET_BYTES = 65_536

/** The first of these variables that is set, or whose name with `_FILE` added is the path of a file that holds it. */
export async function secretIn(names: readonly string[], environment: Environment): Promise<Secret> {
  for (const name of names) {
    const value = environment(name)?.trim()
    if (value !== undefined && value !== '') return { ok: true, name, value }
    const file = environment(`${name}_FILE`)
    if (file === undefined || file === '') continue
    let content: Buffer
    try {
      content = await readFile(file)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      return { ok: false, missing: false, reason: `${name}_FILE names a file that cannot be read (${code})` }
    }
    if (content.length > MAX_SECRET_BYTES)
      return { ok: false, missing: false, reason: `${name}_FILE names a file of ${content.length} bytes, which is no secret` }
    const text = content.toString('utf8').trim()
    if (text !== '') return { ok: true, name: `${name}_FILE`, value: text }
  }
  return { ok: false, missing: true, reason: `set ${names.join(' or ')} (or the same with _FILE)` }
}
