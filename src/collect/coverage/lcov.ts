import type { Outcome, TextParser } from '../text.ts'
import type { CoverageReport, FileBuilder } from './model.ts'
import { CoverageBuilder, hits, lineNumber, TOO_LARGE } from './model.ts'

const MAX_LINE_LENGTH = 1 << 16

/**
 * A push parser for lcov's trace files (geninfo(1), section FILES). Lines, branches and functions
 * are counted from their own records; the totals (`LF`, `LH`) are only compared.
 */
export function createLcovParser(): TextParser<CoverageReport> {
  const builder = new CoverageBuilder()
  let rest = ''
  let number = 0
  let failure: Extract<Outcome<CoverageReport>, { ok: false }> | undefined
  let record: FileRecord | undefined
  let disagreeing = 0
  let negative = 0
  let firstDisagreement = ''

  const refuse = (reason: string): void => {
    failure ??= { ok: false, line: number, column: 1, reason }
  }

  function readLine(text: string): void {
    number += 1
    const line = text.trim()
    if (line === '' || line.startsWith('#')) return
    if (line === 'end_of_record') {
      if (!record) return refuse('end_of_record without SF')
      negative += record.negative
      const own = record.disagreement()
      if (own !== undefined) {
        disagreeing += 1
        firstDisagreement ||= own
      }
      record = undefined
      return
    }
    const colon = line.indexOf(':')
    const key = colon < 0 ? line : line.slice(0, colon)
    if (!KEYS.has(key)) return refuse(`${JSON.stringify(key.slice(0, 40))} is no lcov record`)
    const value = line.slice(colon + 1)
    if (key === 'SF') {
      if (record) return refuse(`SF within the record of ${record.path}: its end_of_record is missing`)
      if (value === '') return refuse('SF without a path')
      record = new FileRecord(value, builder.file(value))
    } else if (key !== 'TN') {
      if (!record) return refuse(`${key} outside of a record`)
      const reason = record.read(key, value)
      if (reason !== undefined) refuse(reason)
    }
    if (builder.isTooLarge) refuse(TOO_LARGE)
  }

  return {
    write(text) {
      if (failure) return
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        readLine(line)
        if (failure) return
      }
      if (rest.length > MAX_LINE_LENGTH) {
        number += 1
        refuse(`a line is longer than ${MAX_LINE_LENGTH} characters`)
      }
    },
    refuse(reason) {
      number += 1
      refuse(reason)
    },
    end() {
      if (!failure && rest !== '') readLine(rest)
      if (!failure && record) refuse(`the file ends within the record of ${record.path}: it is truncated`)
      if (failure) return failure
      const files = builder.files
      return {
        ok: true,
        value: {
          files,
          remarks: [
            ...(disagreeing === 0
              ? []
              : [`totals of ${disagreeing} records differ from their lines (the lines count): ${firstDisagreement}`]),
            ...(negative === 0
              ? []
              : [
                  `${negative === 1 ? '1 branch has' : `${negative} branches have`} a count below zero and ${negative === 1 ? 'counts' : 'count'} as not taken`,
                ]),
          ],
        },
      }
    },
  }
}

/** Records that say what is not counted here: modified conditions, versions, totals. */
const KEYS: ReadonlySet<string> = new Set('TN SF VER FN FNDA FNL FNA FNF FNH BRDA BRF BRH DA LF LH MCDC MCF MCH'.split(' '))

class FileRecord {
  readonly path: string
  /** Branches with a count below zero. */
  negative = 0
  readonly #file: FileBuilder
  readonly #lines = new Map<number, boolean>()
  readonly #starts = new Map<string, string>()
  /** Lines of functions whose count is still to come; namesakes are counted in the order they were named. */
  readonly #named = new Map<string, string[]>()
  #found: number | undefined
  #hit: number | undefined

  constructor(path: string, file: FileBuilder) {
    this.path = path
    this.#file = file
  }

  /** Reads one record line; answers why it cannot be read. */
  read(key: string, value: string): string | undefined {
    const fields = value.split(',')
    switch (key) {
      case 'DA':
        return this.#line(fields)
      case 'BRDA':
        return this.#branch(value, fields)
      case 'FN':
        return this.#function(value, fields)
      case 'FNDA':
        return this.#called(value, fields)
      case 'FNL':
        if (lineNumber(fields[1]) === undefined) return `FNL:${shown(value)} has no line number`
        this.#starts.set(fields[0] ?? '', fields[1] ?? '')
        return undefined
      case 'FNA': {
        const count = hits(fields[1])
        if (count === undefined) return `FNA:${shown(value)} has no count`
        this.#file.function(`${this.#starts.get(fields[0] ?? '') ?? ''},${fields.slice(2).join(',')}`, count > 0)
        return undefined
      }
      case 'LF':
        this.#found = hits(value)
        return this.#found === undefined ? `LF:${shown(value)} is no count of lines` : undefined
      case 'LH':
        this.#hit = hits(value)
        return this.#hit === undefined ? `LH:${shown(value)} is no count of lines` : undefined
      default:
        return undefined
    }
  }

  disagreement(): string | undefined {
    const found = this.#lines.size
    const hit = [...this.#lines.values()].filter(Boolean).length
    if ((this.#found ?? found) === found && (this.#hit ?? hit) === hit) return undefined
    return `${this.path} says ${this.#hit ?? '?'} of ${this.#found ?? '?'} and lists ${hit} of ${found}`
  }

  #line(fields: readonly string[]): string | undefined {
    const line = lineNumber(fields[0])
    const count = hits(fields[1])
    if (line === undefined) return `DA:${shown(fields.join(','))} has no line number`
    if (count === undefined) return `DA:${shown(fields.join(','))}: ${shown(fields[1] ?? '')} is no count of executions`
    this.#file.line(line, count > 0)
    this.#lines.set(line, this.#lines.get(line) === true || count > 0)
    return undefined
  }

  #branch(value: string, fields: readonly string[]): string | undefined {
    // The expression between the block and the count may hold commas.
    const taken = fields.at(-1)
    // Writers that turn V8's ranges into branches subtract, and may go below zero: such a branch counts as not taken.
    const isNegative = /^-\d+$/.test(taken ?? '')
    if (isNegative) this.negative += 1
    const count = taken === '-' || isNegative ? 0 : hits(taken)
    if (fields.length < 4 || lineNumber(fields[0]) === undefined) return `BRDA:${shown(value)} is no branch`
    if (count === undefined) return `BRDA:${shown(value)}: ${shown(taken ?? '')} is no count of executions`
    this.#file.branch(fields.slice(0, -1).join(','), count > 0)
    return undefined
  }

  #function(value: string, fields: readonly string[]): string | undefined {
    if (lineNumber(fields[0]) === undefined || fields.length < 2) return `FN:${shown(value)} is no function`
    // Newer writers put the last line between the first one and the name.
    const name = fields.slice(fields.length > 2 && lineNumber(fields[1]) !== undefined ? 2 : 1).join(',')
    const line = fields[0] ?? ''
    this.#named.set(name, [...(this.#named.get(name) ?? []), line])
    this.#file.function(`${line},${name}`, false)
    return undefined
  }

  #called(value: string, fields: readonly string[]): string | undefined {
    const count = hits(fields[0])
    if (count === undefined) return `FNDA:${shown(value)}: ${shown(fields[0] ?? '')} is no count of executions`
    const name = fields.slice(1).join(',')
    const lines = this.#named.get(name) ?? []
    const line = lines.length > 1 ? lines.shift() : lines[0]
    this.#file.function(`${line ?? ''},${name}`, count > 0)
    return undefined
  }
}

const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}...` : text)
