import type { Json, JsonObject } from '#collect/scan/json.ts'
import { JsonError } from '#collect/scan/json.ts'
import type { NewCase, TestReportBuilder } from './builder.ts'
import { TooMuch } from './builder.ts'
import type { CaseStatus } from './cases.ts'

/** Reading of tests from JSON, where keys that are absent or null say nothing. */

/** Does what may be too much for a report, with the place of the value that it is done for. */
export function placed<T>(json: Json, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof TooMuch) throw new JsonError(error.message, json.at)
    throw error
  }
}

export const addPlaced = (builder: TestReportBuilder, json: Json, suite: () => number, one: NewCase): void =>
  placed(json, () => builder.add(suite(), one))

/** @throws JsonError where the key is absent or no text. */
export function wordOf(object: JsonObject, key: string): string {
  const value = object.entries.get(key)
  if (value?.kind !== 'string') throw new JsonError(`${JSON.stringify(key)} is not there or is no text`, value?.at ?? object.at)
  return value.value
}

/** @throws JsonError where the word is none of `statuses`. */
export function statusOf(object: JsonObject, key: string, statuses: Readonly<Record<string, CaseStatus>>): CaseStatus {
  const word = wordOf(object, key)
  const status = Object.hasOwn(statuses, word) ? statuses[word] : undefined
  if (status === undefined) {
    throw new JsonError(
      `${JSON.stringify(key)} is ${JSON.stringify(word.slice(0, 40))}, which is no outcome`,
      object.entries.get(key)?.at ?? object.at,
    )
  }
  return status
}

export function textIn(object: JsonObject | undefined, key: string): string | undefined {
  const value = object?.entries.get(key)
  return value?.kind === 'string' ? value.value : undefined
}

export function numberIn(object: JsonObject | undefined, key: string): number | undefined {
  const value = object?.entries.get(key)
  return value?.kind === 'number' ? value.value : undefined
}

/** A whole number of at least 0; a total that is anything else says nothing. */
export function countIn(object: JsonObject | undefined, key: string): number | undefined {
  const value = numberIn(object, key)
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

export const isTrue = (object: JsonObject, key: string): boolean => {
  const value = object.entries.get(key)
  return value?.kind === 'boolean' && value.value
}

export function objectIn(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = object?.entries.get(key)
  return value?.kind === 'object' ? value : undefined
}

export function itemsIn(object: JsonObject | undefined, key: string): readonly Json[] {
  const value = object?.entries.get(key)
  return value?.kind === 'array' ? value.items : []
}

/** Milliseconds as seconds. */
export const seconds = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : milliseconds / 1_000

/** The sum of what is known; undefined where nothing is. */
export function sumOf(...amounts: readonly (number | undefined)[]): number | undefined {
  const known = amounts.filter((amount) => amount !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, amount) => sum + amount, 0)
}
