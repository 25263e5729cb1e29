import { JsonError } from '#collect/scan/json.ts'
import type { JsonObject } from '#collect/scan/json.ts'
import { arrayOf, jsonFile, memberOf, objectOf, stringOf } from '#collect/scan/json-file.ts'
import type { BenchmarkFormat } from './format.ts'
import { samplesOf } from './format.ts'
import type { Benchmark } from './model.ts'

/** `hyperfine --export-json`. */
export const hyperfine: BenchmarkFormat = {
  name: 'hyperfine',
  title: 'hyperfine',
  recognises: ({ text }) => /^\s*\{\s*"results"\s*:\s*\[\s*(?:\]|\{\s*"command"\s*:)/.test(text),
  open: () =>
    jsonFile((json) => {
      const list = arrayOf(memberOf(objectOf(json, 'the document'), 'results', 'the document'), 'results')
      if (list.items.length === 0) throw new JsonError('results is empty', list.at)
      const results = list.items.map((item) => objectOf(item, 'a result'))
      const commands = Map.groupBy(results, commandOf)
      return { benchmarks: results.flatMap((one) => benchmarksOf(one, (commands.get(commandOf(one))?.length ?? 0) > 1)) }
    }),
}

const commandOf = (result: JsonObject): string => stringOf(memberOf(result, 'command', 'a result'), 'command')

/** A parameter may act in the preparation alone: then it tells two results of one command apart. */
function nameOf(result: JsonObject, isRepeated: boolean): string {
  const parameters = result.entries.get('parameters')
  if (!isRepeated || parameters?.kind !== 'object') return commandOf(result)
  const named = [...parameters.entries].map(([key, value]) => `${key}=${value.kind === 'string' ? value.value : ''}`)
  return named.length === 0 ? commandOf(result) : `${commandOf(result)} (${named.join(', ')})`
}

function benchmarksOf(result: JsonObject, isRepeated: boolean): readonly Benchmark[] {
  const name = nameOf(result, isRepeated)
  const doubt = failedRuns(result)
  const common = { name, ...(doubt !== undefined && { doubt }) }
  const memory = result.entries.get('memory_usage_byte')
  return [
    { ...common, metric: 'time', unit: 's', samples: samplesOf(memberOf(result, 'times', 'a result'), 'times') },
    ...(memory?.kind === 'array' ? [{ ...common, metric: 'memory', unit: 'B', samples: samplesOf(memory, 'memory_usage_byte') }] : []),
  ]
}

/** With --ignore-failure hyperfine measures failing commands as well: how fast they fail says nothing. */
function failedRuns(result: JsonObject): string | undefined {
  const codes = result.entries.get('exit_codes')
  if (!codes) return undefined
  const { items } = arrayOf(codes, 'exit_codes')
  const failed = items.filter((code) => code.kind !== 'number' || code.value !== 0).length
  return failed === 0 ? undefined : `${failed} of ${items.length} runs did not end with exit code 0`
}
