import type { Json, JsonObject } from '#collect/scan/json.ts'
import { JsonError } from '#collect/scan/json.ts'
import { arrayOf, memberOf, objectOf, textAt } from '#collect/scan/json-file.ts'
import type { MemberHandler } from '#collect/scan/json-members.ts'
import { jsonMembers } from '#collect/scan/json-members.ts'
import type { ByteParser } from '#collect/scan/text.ts'
import { branchNamed, branchOf, hashOfText } from './marks.ts'
import type { CoverageReport } from './model.ts'
import { CoverageBuilder } from './model.ts'

/**
 * Istanbul's `coverage-final.json`: maps of statements, functions and branches, and counts of each.
 * As in istanbul-lib-coverage, a line counts on which a statement begins, and is reached where one
 * of those was executed.
 */
export const istanbulReader = (): ByteParser<CoverageReport> => jsonMembers(new IstanbulHandler())

class IstanbulHandler implements MemberHandler<CoverageReport> {
  readonly divided = []
  readonly #builder = new CoverageBuilder()

  member(key: string, value: Json): void {
    const file = objectOf(value, 'the coverage of a file')
    const { lines, functions, branches } = this.#builder
    each(file, 'statementMap', 's', (_, place, count) => lines.add(startOf(place), isReached(count)))
    each(file, 'fnMap', 'f', (id, place, count) => {
      const at = objectOf(place, 'a function')
      functions.add(startOf(at.entries.get('decl') ?? memberOf(at, 'loc', 'a function')), hashOfText(id), isReached(count))
    })
    each(file, 'branchMap', 'b', (id, place, counts) => {
      const at = objectOf(place, 'a branch')
      // Istanbul before 1.0 says the line alone.
      const told = at.entries.get('line')
      const line = told && !at.entries.has('loc') ? lineOf(told) : startOf(memberOf(at, 'loc', 'a branch'))
      for (const [index, count] of arrayOf(counts, 'the counts of a branch').items.entries())
        branches.add(line, SMALL.test(id) ? branchOf(Number(id), index) : branchNamed(`${id},${index}`), isReached(count))
    })
    const { excess } = this.#builder
    if (excess !== undefined) throw new JsonError(excess, 0)
    this.#builder.close(textAt(file, 'path') ?? key)
  }

  end(): CoverageReport {
    return { files: this.#builder.files(), paths: 'files', remarks: [] }
  }
}

const SMALL = /^\d{1,4}$/

/** Whatever is in the map has a count, and whatever has a count is in the map. */
function each(file: JsonObject, map: string, counts: string, take: (id: string, place: Json, count: Json) => void): void {
  const places = objectOf(memberOf(file, map, 'the coverage of a file'), map)
  const counted = objectOf(memberOf(file, counts, 'the coverage of a file'), counts)
  for (const [id, count] of counted.entries) {
    const place = places.entries.get(id)
    if (!place) throw new JsonError(`${JSON.stringify(id.slice(0, 40))} of ${counts} is not in the ${map}`, count.at)
    take(id, place, count)
  }
  if (places.entries.size !== counted.entries.size) throw new JsonError(`an entry of the ${map} has no count in ${counts}`, places.at)
}

function startOf(place: Json): number {
  return lineOf(memberOf(objectOf(memberOf(objectOf(place, 'a place'), 'start', 'a place'), 'start'), 'line', 'a start'))
}

function lineOf(line: Json): number {
  if (line.kind !== 'number' || !Number.isInteger(line.value) || line.value < 0 || line.value > MOST_LINE)
    throw new JsonError('this is no line number', line.at)
  return line.value
}

const MOST_LINE = 999_999_999

function isReached(count: Json): boolean {
  if (count.kind !== 'number' || !Number.isSafeInteger(count.value) || count.value < 0)
    throw new JsonError('this is no count of executions', count.at)
  return count.value > 0
}
