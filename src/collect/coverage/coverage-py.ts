import type { Json } from '#collect/scan/json.ts'
import { JsonError } from '#collect/scan/json.ts'
import { arrayOf, memberOf, objectOf } from '#collect/scan/json-file.ts'
import type { MemberHandler } from '#collect/scan/json-members.ts'
import { jsonMembers } from '#collect/scan/json-members.ts'
import type { ByteParser } from '#collect/scan/text.ts'
import { hashesOf, hashOfText } from './marks.ts'
import type { CoverageReport, Share } from './model.ts'
import { CoverageBuilder, saidOtherwise } from './model.ts'

/**
 * What `coverage json` of coverage.py writes (its format 2 and 3): lines and branches executed and
 * missing; from 7.6 on also by function, which is called where a line of it was executed.
 */
export const coveragePyReader = (): ByteParser<CoverageReport> => jsonMembers(new CoveragePyHandler())

class CoveragePyHandler implements MemberHandler<CoverageReport> {
  readonly divided = ['files']
  readonly #builder = new CoverageBuilder()
  #isWhole = false
  #said: Share | undefined

  member(key: string, value: Json, within: string | undefined): void {
    if (within === 'files') return this.#file(key, value)
    if (key !== 'totals') return
    this.#isWhole = true
    this.#said = saidBy(value, 'totals')
  }

  end(): CoverageReport {
    const files = this.#builder.files()
    if (!this.#isWhole) throw new JsonError('this has no totals, which coverage.py writes last', 0)
    return { files, paths: 'files', remarks: saidOtherwise(this.#said, files) }
  }

  #file(path: string, value: Json): void {
    const file = objectOf(value, 'the coverage of a file')
    const { lines, branches, functions } = this.#builder
    const numbers = (of: Json, key: string): readonly number[] =>
      arrayOf(memberOf(objectOf(of, 'the coverage of a file'), key, 'the coverage of a file'), key).items.map(lineOf)
    // Executed are also lines that do not count, such as the head of an excluded function.
    const excluded = new Set(file.entries.has('excluded_lines') ? numbers(file, 'excluded_lines') : [])
    const executed = (of: Json): readonly number[] => numbers(of, 'executed_lines').filter((line) => !excluded.has(line))
    for (const line of executed(file)) lines.add(line, true)
    for (const line of numbers(file, 'missing_lines')) lines.add(line, false)
    for (const [key, isTaken] of [
      ['executed_branches', true],
      ['missing_branches', false],
    ] as const) {
      const list = file.entries.get(key)
      for (const branch of list ? arrayOf(list, key).items : []) {
        const [from, to] = arrayOf(branch, 'a branch').items
        if (from?.kind !== 'number' || to?.kind !== 'number') throw new JsonError('a branch is two line numbers', branch.at)
        branches.add(lineOf(from), hashOfText(`${to.value}`), isTaken)
      }
    }
    const regions = file.entries.get('functions')
    for (const [name, region] of regions ? objectOf(regions, 'functions').entries : []) {
      // The lines outside of all functions have no name.
      if (name !== '') functions.add(...hashesOf(name), executed(region).length > 0)
    }
    const { excess } = this.#builder
    if (excess !== undefined) throw new JsonError(excess, file.at)
    const summary = file.entries.get('summary')
    // Docstrings of modules and classes are executed and no statements; nothing tells which lines they are.
    this.#builder.close(path, summary && saidBy(summary, 'summary'))
  }
}

function saidBy(value: Json, name: string): Share | undefined {
  const { entries } = objectOf(value, name)
  const [covered, all] = [entries.get('covered_lines'), entries.get('num_statements')]
  if (covered?.kind !== 'number' || all?.kind !== 'number') return undefined
  const isShare = Number.isSafeInteger(all.value) && covered.value >= 0 && covered.value <= all.value
  return isShare ? { covered: covered.value, all: all.value } : undefined
}

function lineOf(line: Json): number {
  if (line.kind !== 'number' || !Number.isInteger(line.value) || line.value < 0 || line.value > 999_999_999)
    throw new JsonError('this is no line number', line.at)
  return line.value
}
