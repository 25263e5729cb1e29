import { JsonError } from './json.ts'
import { TooMuch } from '#collect/test-results/builder.ts'
import type { Outcome, TextParser } from './text.ts'

/** A reason to refuse a line of a report. */
export class LineError extends Error {
  override readonly name = 'LineError'
}

/** The report ends before what it describes has ended. */
export class Incomplete extends Error {
  override readonly name = 'Incomplete'
}

/** Reads a report line by line; both methods may throw JsonError (an offset in the line), LineError, Incomplete and TooMuch. */
export interface LineHandler<T> {
  /** Without its line ending. `isLast`: nothing follows, not even a line ending. */
  line(text: string, isLast: boolean): void
  end(): T
}

/** Runners cut their output into shorter pieces. */
const MAX_LINE = 1 << 23

/** A push parser for reports that are read line by line: nothing of the file is held but the line at hand. */
export function lineParser<T>(handler: LineHandler<T>): TextParser<T> {
  let failure: Extract<Outcome<T>, { ok: false }> | undefined
  let pieces: string[] = []
  let held = 0
  let lines = 0
  let isEmpty = true

  function refuse(line: number, column: number, reason: string): void {
    failure ??= { ok: false, line, column, reason }
  }
  function guarded(text: string, isLast: boolean, work: () => void): void {
    try {
      work()
    } catch (error) {
      if (error instanceof Incomplete || (isLast && error instanceof JsonError && error.truncated)) {
        refuse(Math.max(1, lines), Array.from(text).length + 1, `incomplete: read up to line ${lines}: ${error.message}`)
      } else if (error instanceof JsonError) {
        refuse(lines, Array.from(text.slice(0, error.at)).length + 1, error.truncated ? 'the line ends within a JSON value' : error.message)
      } else if (error instanceof LineError || error instanceof TooMuch) {
        refuse(Math.max(1, lines), 1, error.message)
      } else {
        throw error
      }
    }
  }
  function line(text: string, isLast: boolean): void {
    lines += 1
    const plain = text.endsWith('\r') ? text.slice(0, -1) : text
    guarded(plain, isLast, () => handler.line(plain, isLast))
  }
  const heldText = (): string => {
    const text = pieces.length === 1 ? (pieces[0] ?? '') : pieces.join('')
    pieces = []
    held = 0
    return text
  }

  return {
    write(text) {
      if (text !== '') isEmpty = false
      let from = 0
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        if (failure) return
        pieces.push(text.slice(from, end))
        line(heldText(), false)
        from = end + 1
      }
      if (failure || from === text.length) return
      pieces.push(text.slice(from))
      held += text.length - from
      if (held > MAX_LINE) refuse(lines + 1, held, `a line of more than ${MAX_LINE} characters`)
    },
    refuse(reason) {
      refuse(lines + 1, Array.from(heldText()).length + 1, reason)
    },
    end() {
      if (isEmpty && !failure) return { ok: false, line: 1, column: 1, reason: 'the file is empty' }
      if (!failure && held > 0) line(heldText(), true)
      let value: T | undefined
      if (!failure) guarded('', true, () => (value = handler.end()))
      return failure ?? { ok: true, value: value as T }
    },
  }
}
