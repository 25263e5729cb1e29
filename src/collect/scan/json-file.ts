import type { Json, JsonArray, JsonObject } from './json.ts'
import { JsonError, parseJson } from './json.ts'
import type { ByteParser, Outcome } from './text.ts'
import { decoding } from './text.ts'

/** A document is held whole while it is read; larger ones are refused. */
export const MAX_JSON_CHARACTERS = 1 << 24

interface Reading {
  /** What stands before the document, such as an assignment: its length, or why there is none. */
  readonly skip?: (text: string) => number
}

/**
 * A push parser for a file that is one JSON document. `read` throws a `JsonError` for what it
 * refuses; `place` turns an offset of it into line and column.
 */
export const jsonFile = <T>(read: (json: Json, place: (at: number) => string) => T, { skip = () => 0 }: Reading = {}): ByteParser<T> => {
  let text = ''
  let refused: string | undefined
  return decoding<T>({
    write(piece) {
      if (refused !== undefined) return
      text += piece
      if (text.length > MAX_JSON_CHARACTERS) refused = `a JSON report has at most ${MAX_JSON_CHARACTERS} characters`
    },
    refuse(reason) {
      refused ??= reason
    },
    end() {
      if (refused !== undefined) return failureAt(text, text.length, refused)
      let from = 0
      try {
        from = skip(text)
        const place = (at: number): string => {
          const { line, column } = placeOf(text, from + at)
          return `${line}:${column}`
        }
        return { ok: true, value: read(parseJson(from === 0 ? text : text.slice(from)), place) }
      } catch (error) {
        if (error instanceof JsonError) return failureAt(text, from + error.at, error.message)
        throw error
      }
    },
  })
}

const failureAt = (text: string, at: number, reason: string): Outcome<never> => ({ ok: false, ...placeOf(text, at), reason })

function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const lineStart = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
  let line = 1
  for (let next = text.indexOf('\n'); next >= 0 && next < lineStart; next = text.indexOf('\n', next + 1)) line += 1
  return { line, column: Array.from(text.slice(lineStart, at)).length + 1 }
}

/** @throws JsonError when it is no object; so do the others for their kinds. */
export function objectOf(json: Json, what: string): JsonObject {
  if (json.kind !== 'object') throw new JsonError(`${what} is no object`, json.at)
  return json
}

export function arrayOf(json: Json, what: string): JsonArray {
  if (json.kind !== 'array') throw new JsonError(`${what} is no list`, json.at)
  return json
}

export function stringOf(json: Json, what: string): string {
  if (json.kind !== 'string') throw new JsonError(`${what} is no text`, json.at)
  return json.value
}

/** A figure of a measurement: finite by the reader, and not negative. */
export function amountOf(json: Json, what: string): number {
  if (json.kind !== 'number') throw new JsonError(`${what} is no number`, json.at)
  if (json.value < 0) throw new JsonError(`${what} is negative`, json.at)
  return json.value
}

/** The value of a key that must be there. */
export function memberOf(object: JsonObject, key: string, what: string): Json {
  const value = object.entries.get(key)
  if (!value) throw new JsonError(`${what} has no ${key}`, object.at)
  return value
}

/** The text of a key, where it is there and is text. */
export function textAt(object: JsonObject, key: string): string | undefined {
  const value = object.entries.get(key)
  return value?.kind === 'string' ? value.value : undefined
}
