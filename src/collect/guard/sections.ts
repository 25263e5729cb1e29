import { canonical } from '#core/ledger/canonical.ts'

/**
 * What some keys of a settings file say, as a text to compare; undefined where the file cannot be
 * read, so that any change of it counts. An empty text is a file that is not there.
 */
export function sectionsOf(name: string, text: string, keys: readonly string[]): string | undefined {
  if (name.endsWith('.json')) return jsonKeys(text, keys)
  return name.endsWith('.toml') ? tomlKeys(text, keys) : iniSections(text, keys)
}

const WITHOUT_MARK = /^\u{feff}/u

function jsonKeys(text: string, keys: readonly string[]): string | undefined {
  const value = jsonObject(text)
  return value && canonical(keys.flatMap((key) => (Object.hasOwn(value, key) ? [[key, value[key]]] : [])))
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text === '') return {}
  try {
    const value: unknown = JSON.parse(text.replace(WITHOUT_MARK, ''))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/**
 * Scripts of a package.json that come out otherwise: changed, gone, or run before or after one that
 * was there (`pretest`). A script of a new name bends nothing that runs already.
 */
export function changedScripts(before: string, after: string): readonly string[] | undefined {
  const [old, now] = [jsonObject(before)?.['scripts'] ?? {}, jsonObject(after)?.['scripts'] ?? {}]
  if (!jsonObject(before) || !jsonObject(after) || !isRecord(old) || !isRecord(now)) return undefined
  const hooks = Object.keys(old).flatMap((name) => [`pre${name}`, `post${name}`])
  return [...new Set([...Object.keys(old), ...hooks])].filter((name) => own(old, name) !== own(now, name)).toSorted()
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null
const own = (value: Readonly<Record<string, unknown>>, key: string): string | undefined =>
  Object.hasOwn(value, key) ? canonical(value[key]) : undefined

/** Sections whose names begin with one of the keys (configparser: a header stands at the beginning of its line). */
function iniSections(text: string, keys: readonly string[]): string {
  let counts = false
  const lines = text.replace(WITHOUT_MARK, '').split(/\r\n|\r|\n/)
  return lines
    .filter((line) => {
      const header = /^\[([^\]]*)\]/.exec(line)?.[1]
      if (header !== undefined) counts = keys.some((key) => header.startsWith(key))
      return counts && !/^\s*(?:[#;]|$)/.test(line)
    })
    .map((line) => line.trimEnd())
    .join('\n')
}

/**
 * Statements of a TOML file (toml.io, v1.0.0) whose full key lies below one of the keys, or above
 * it: `tool = { pytest = ... }` says the same as a section of its own. Strings and brackets are
 * followed, so that nothing in a text passes for a header; a key with an escape in it may be any.
 */
function tomlKeys(text: string, keys: readonly string[]): string | undefined {
  const statements = tomlStatements(text.replace(WITHOUT_MARK, ''))
  if (!statements) return undefined
  const found: string[] = []
  let section = ''
  for (const statement of statements) {
    const header = /^\[\[?([^\]]*)\]/.exec(statement)?.[1]
    if (header !== undefined) section = plainKey(header)
    const key = header !== undefined ? '' : plainKey(statement.split('=')[0] ?? '')
    const path = [section, key].filter((one) => one !== '').join('.')
    const touches = (each: string): boolean => `${path}.`.startsWith(`${each}.`) || `${each}.`.startsWith(`${path}.`)
    if (path.includes('\\') || (header === undefined && keys.some(touches))) found.push(`${path}: ${statement}`)
  }
  return found.join('\n')
}

const plainKey = (key: string): string => key.replace(/["'\s]/g, '')

/** Logical lines without comments; undefined where a string or bracket is not closed. */
function tomlStatements(text: string): readonly string[] | undefined {
  const statements: string[] = []
  let current = ''
  let depth = 0
  // An opening that is never closed matches nothing, so that it is looked for once.
  const token = /"""(?:[^\\]|\\[^])*?"""(?!")|'''[^]*?'''(?!')|""(?!")|''(?!')|"(?:[^"\\\n]|\\.)+"|'[^'\n]+'|#[^\n]*|\n|[^"'#\n]/gy
  const end = (): void => {
    if (current.trim() !== '') statements.push(current.trim())
    current = ''
  }
  while (token.lastIndex < text.length) {
    const [piece] = token.exec(text) ?? []
    if (piece === undefined) return undefined
    if (piece.startsWith('#')) continue
    if (piece === '\n' && depth === 0) end()
    else current += piece
    if (piece === '[' || piece === '{') depth += 1
    if (piece === ']' || piece === '}') depth -= 1
  }
  end()
  return depth === 0 ? statements : undefined
}
