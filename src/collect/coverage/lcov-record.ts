import { branchNamed, branchOf, hashOf, hashOfText } from './marks.ts'
import type { CoverageBuilder } from './model.ts'
import { hits, lineNumber } from './model.ts'

/** What an lcov file says between `SF` and `end_of_record`; used again for the next one. */
export class LcovRecord {
  path = ''
  readonly #builder: CoverageBuilder
  /** Functions in the order they were named: name, line, and whether they were called. */
  readonly #names: number[] = []
  readonly #lines: number[] = []
  readonly #isCalled: boolean[] = []
  /** Of how many of them the counts came in the same order. */
  #inOrder = 0
  /** By name, those whose count is still to come, and the last of each name: built where counts come in another order. */
  #waiting: Map<number, number[]> | undefined
  readonly #starts = new Map<string, number>()
  /** Branches with a count below zero. */
  #negative = 0
  #found: number | undefined
  #hit: number | undefined

  constructor(builder: CoverageBuilder) {
    this.#builder = builder
  }

  namedIn(line: number, bytes: Uint8Array, from: number, to: number): void {
    this.#named(line, hashOf(bytes, from, to))
  }

  calledIn(isCalled: boolean, bytes: Uint8Array, from: number, to: number): void {
    this.#called(isCalled, hashOf(bytes, from, to))
  }

  /** How many lines the file has by its own account, or how many of them were hit. */
  total(count: number, isHit: boolean): void {
    if (isHit) this.#hit = count
    else this.#found = count
  }

  /** Reads one line as text; answers why it cannot be read. */
  read(key: string, value: string): string | undefined {
    const fields = value.split(',')
    switch (key) {
      case 'DA':
        return this.#readLine(value, fields)
      case 'BRDA':
        return this.#readBranch(value, fields)
      case 'FN': {
        const line = lineNumber(fields[0])
        if (line === undefined || fields.length < 2) return `FN:${shown(value)} is no function`
        // Newer writers put the last line between the first one and the name.
        const name = fields.slice(fields.length > 2 && lineNumber(fields[1]) !== undefined ? 2 : 1).join(',')
        this.#named(line, hashOfText(name))
        return undefined
      }
      case 'FNDA': {
        const count = hits(fields[0])
        if (count === undefined) return `FNDA:${shown(value)}: ${shown(fields[0] ?? '')} is no count of executions`
        this.#called(count > 0, hashOfText(fields.slice(1).join(',')))
        return undefined
      }
      case 'FNL': {
        const line = lineNumber(fields[1])
        if (line === undefined) return `FNL:${shown(value)} has no line number`
        this.#starts.set(fields[0] ?? '', line)
        return undefined
      }
      case 'FNA': {
        const count = hits(fields[1])
        if (count === undefined) return `FNA:${shown(value)} has no count`
        this.#function(this.#starts.get(fields[0] ?? '') ?? 0, hashOfText(fields.slice(2).join(',')), count > 0)
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

  close(): { readonly negative: number; readonly disagreement: string | undefined } {
    for (let index = 0; index < this.#names.length; index += 1)
      this.#function(this.#lines[index] as number, this.#names[index] as number, this.#isCalled[index] as boolean)
    const { lines } = this.#builder.close(this.path)
    const [found, hit, negative] = [this.#found ?? lines.all, this.#hit ?? lines.marked, this.#negative]
    const agrees = found === lines.all && hit === lines.marked
    const disagreement = agrees
      ? undefined
      : `${this.path} says ${this.#hit ?? '?'} of ${this.#found ?? '?'} and lists ${lines.marked} of ${lines.all}`
    this.#names.length = this.#lines.length = this.#isCalled.length = this.#inOrder = this.#negative = 0
    this.#waiting = this.#found = this.#hit = undefined
    if (this.#starts.size > 0) this.#starts.clear()
    return { negative, disagreement }
  }

  #readLine(value: string, fields: readonly string[]): string | undefined {
    const line = lineNumber(fields[0])
    const count = hits(fields[1])
    if (line === undefined) return `DA:${shown(value)} has no line number`
    if (count === undefined) return `DA:${shown(value)}: ${shown(fields[1] ?? '')} is no count of executions`
    this.#builder.lines.add(line, count > 0)
    return undefined
  }

  #readBranch(value: string, fields: readonly string[]): string | undefined {
    // coverage.py 6 gives the branch that leaves a function no line.
    const line = fields[0] === '0' ? 0 : lineNumber(fields[0])
    const taken = fields.at(-1)
    // Writers that turn V8's ranges into branches subtract, and may go below zero: such a branch counts as not taken.
    const isNegative = /^-\d+$/.test(taken ?? '')
    if (isNegative) this.#negative += 1
    const count = taken === '-' || isNegative ? 0 : hits(taken)
    if (fields.length < 4 || line === undefined) return `BRDA:${shown(value)} is no branch`
    if (count === undefined) return `BRDA:${shown(value)}: ${shown(taken ?? '')} is no count of executions`
    // The expression between the block and the count may hold commas.
    const [block = '', ...expression] = fields.slice(1, -1)
    const branch = expression.join(',')
    if (PLAIN.test(block) && PLAIN.test(branch)) this.#builder.branches.add(line, branchOf(Number(block), Number(branch)), count > 0)
    else this.#builder.branches.add(line, branchNamed(`${block},${branch}`), count > 0)
    return undefined
  }

  #named(line: number, name: number): void {
    const index = this.#names.push(name) - 1
    this.#lines.push(line)
    this.#isCalled.push(false)
    if (this.#waiting) put(this.#waiting, name, index)
  }

  #called(isCalled: boolean, name: number): void {
    const index = this.#waitingIndex(name)
    if (index === undefined) this.#function(0, name, isCalled)
    else if (isCalled) this.#isCalled[index] = true
  }

  /** Namesakes are counted in the order they were named; what comes beyond is the last one's. */
  #waitingIndex(name: number): number | undefined {
    if (!this.#waiting && this.#names[this.#inOrder] === name) return this.#inOrder++
    if (!this.#waiting) {
      this.#waiting = new Map()
      for (const [index, known] of this.#names.entries()) put(this.#waiting, known, index)
      for (const known of this.#names.slice(0, this.#inOrder)) next(this.#waiting.get(known))
    }
    return next(this.#waiting.get(name))
  }

  #function(line: number, name: number, isCalled: boolean): void {
    this.#builder.functions.add(line, name, isCalled)
  }
}

/** A number spelt as numbers are. */
const PLAIN = /^(?:0|[1-9]\d{0,5})$/

const put = (waiting: Map<number, number[]>, name: number, index: number): void => {
  const known = waiting.get(name)
  if (known) known.push(index)
  else waiting.set(name, [index])
}

const next = (indices: number[] | undefined): number | undefined => (indices && indices.length > 1 ? indices.shift() : indices?.[0])

const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}...` : text)
