import type { ByteParser, Outcome, TextParser } from '../text.ts'
import { decoding } from '../text.ts'
import type { Json, JsonArray, JsonObject } from './json.ts'
import { JsonError, parseJson } from './json.ts'

export interface SampleSet {
  /** The command line or name that was measured; absent in the plain format. */
  readonly command?: string
  readonly samples: readonly number[]
  /** Why the samples prove nothing, where they do not. */
  readonly doubt?: string
}

export interface BenchmarkReport {
  readonly format: 'hyperfine' | 'plain'
  /** As the file names it; hyperfine always measures seconds. */
  readonly unit: string
  /** Of the plain format: the two sides. */
  readonly baseline?: SampleSet
  readonly current?: SampleSet
  /** Of hyperfine: one set a command. */
  readonly results: readonly SampleSet[]
}

/** JSON is held whole; sample files are small. */
const MAX_CHARACTERS = 1 << 24

export const benchmarkReader = (): ByteParser<BenchmarkReport> => decoding(createBenchmarkParser())

/** A push parser for hyperfine's `--export-json` and for `{ "unit", "baseline": [], "current": [] }`. */
export function createBenchmarkParser(): TextParser<BenchmarkReport> {
  let text = ''
  let refused: string | undefined
  return {
    write(piece) {
      if (refused !== undefined) return
      text += piece
      if (text.length > MAX_CHARACTERS) refused = `a benchmark file has at most ${MAX_CHARACTERS} characters`
    },
    refuse(reason) {
      refused ??= reason
    },
    end() {
      if (refused !== undefined) return failureAt(text, text.length, refused)
      try {
        return { ok: true, value: reportOf(parseJson(text)) }
      } catch (error) {
        if (error instanceof JsonError) return failureAt(text, error.at, error.message)
        throw error
      }
    },
  }
}

function failureAt(text: string, at: number, reason: string): Outcome<never> {
  const lineStart = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
  let line = 1
  for (let next = text.indexOf('\n'); next >= 0 && next < lineStart; next = text.indexOf('\n', next + 1)) line += 1
  return { ok: false, line, column: Array.from(text.slice(lineStart, at)).length + 1, reason }
}

function reportOf(json: Json): BenchmarkReport {
  const root = object(json, 'the document')
  const results = root.entries.get('results')
  if (results) {
    const list = array(results, 'results')
    if (list.items.length === 0) throw new JsonError('results is empty', list.at)
    return { format: 'hyperfine', unit: 's', results: list.items.map(hyperfineResult) }
  }
  const [baseline, current, unit] = ['baseline', 'current', 'unit'].map((key) => root.entries.get(key))
  if (!baseline || !current) {
    throw new JsonError('neither hyperfine\'s "results" nor the two keys "baseline" and "current" are there', root.at)
  }
  for (const key of root.entries.keys()) {
    if (!PLAIN_KEYS.has(key))
      throw new JsonError(`the key ${JSON.stringify(key.slice(0, 40))} is not known`, root.entries.get(key)?.at ?? root.at)
  }
  if (unit?.kind !== 'string') throw new JsonError('"unit" is not there or is no string', unit?.at ?? root.at)
  return {
    format: 'plain',
    unit: unit.value.slice(0, 40),
    baseline: { samples: samples(baseline, 'baseline') },
    current: { samples: samples(current, 'current') },
    results: [],
  }
}

const PLAIN_KEYS: ReadonlySet<string> = new Set(['unit', 'baseline', 'current'])

function hyperfineResult(json: Json): SampleSet {
  const result = object(json, 'a result')
  const command = result.entries.get('command')
  const times = result.entries.get('times')
  if (command?.kind !== 'string') throw new JsonError('a result has no command', result.at)
  if (!times) throw new JsonError('a result has no times', result.at)
  const doubt = failedRuns(result)
  return { command: command.value, samples: samples(times, 'times'), ...(doubt !== undefined && { doubt }) }
}

/** With --ignore-failure hyperfine measures failing commands as well: how fast they fail says nothing. */
function failedRuns(result: JsonObject): string | undefined {
  const codes = result.entries.get('exit_codes')
  if (!codes) return undefined
  const { items } = array(codes, 'exit_codes')
  const failed = items.filter((code) => code.kind !== 'number' || code.value !== 0).length
  return failed === 0 ? undefined : `${failed} of ${items.length} runs did not end with exit code 0`
}

function samples(json: Json, what: string): readonly number[] {
  return array(json, what).items.map((item) => {
    if (item.kind !== 'number') throw new JsonError(`a sample of ${what} is no number`, item.at)
    if (item.value < 0) throw new JsonError(`a sample of ${what} is negative`, item.at)
    return item.value
  })
}

function object(json: Json, what: string): JsonObject {
  if (json.kind !== 'object') throw new JsonError(`${what} is no object`, json.at)
  return json
}

function array(json: Json, what: string): JsonArray {
  if (json.kind !== 'array') throw new JsonError(`${what} is no list`, json.at)
  return json
}
