import type { Hunk } from '#core/merge/hunks.ts'

/** What became of one file: its hunks, or `binary`, where git compares no lines. */
export type Change = readonly Hunk[] | 'binary'

/**
 * Reads the output of `git diff-tree -r -p -U1` piece by piece. Files are told by their place in
 * `takes`, which is called with the name of each and returns what to call with its change; lines
 * are bytes as latin1, one without a line break at its end carries one, which no other line can.
 */
export const patchParser = (take: (name: string, change: Change) => void) => {
  let rest: string[] = []
  let name: string | undefined
  let change: { at: number; removed: string[]; added: string[] }[] | 'binary' = []
  let open: { at: number; removed: string[]; added: string[] } | undefined
  let last: string[] | undefined
  let line = 0
  let oldLeft = 0
  let newLeft = 0

  const finish = (): void => {
    if (name !== undefined) take(name, change)
  }
  const inHunk = (text: string): boolean => {
    if (oldLeft === 0 && newLeft === 0) {
      // Only the remark that the last line ends without a break can follow.
      if (!text.startsWith('\\')) return false
      markEnd()
      return true
    }
    const sign = text.charCodeAt(0)
    if (sign === MINUS || sign === PLUS) {
      if (open === undefined && change !== 'binary') change.push((open = { at: line, removed: [], added: [] }))
      last = sign === MINUS ? open?.removed : open?.added
      last?.push(text.slice(1))
      if (sign === MINUS) {
        line++
        oldLeft--
      } else newLeft--
    } else if (sign === BACKSLASH) markEnd()
    else {
      open = undefined
      last = undefined
      line++
      oldLeft--
      newLeft--
    }
    return true
  }
  const markEnd = (): void => {
    if (last !== undefined && last.length > 0) last[last.length - 1] += '\n'
  }
  const takeLine = (text: string): void => {
    if (inHunk(text)) return
    if (text.startsWith('@@ -')) {
      const found = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(text.slice(0, 80))
      if (found === null) throw new Error('unexpected output of git diff-tree')
      oldLeft = found[2] === undefined ? 1 : Number(found[2])
      newLeft = found[3] === undefined ? 1 : Number(found[3])
      // Where nothing of the base is shown, git names the line before.
      line = oldLeft === 0 ? Number(found[1]) : Number(found[1]) - 1
      open = undefined
      last = undefined
    } else if (text.startsWith('diff --git ')) {
      finish()
      name = text.slice(text.lastIndexOf('/') + 1)
      change = []
      open = undefined
      last = undefined
    } else if (text.startsWith('Binary files ')) change = 'binary'
  }
  return {
    push(piece: Buffer): void {
      const text = piece.toString('latin1')
      let start = 0
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
        // A line of megabytes comes in many pieces, which are joined once.
        const whole = rest.length === 0 ? text.slice(start, end) : rest.join('') + text.slice(start, end)
        rest = []
        takeLine(whole)
        start = end + 1
      }
      if (start < text.length) rest.push(text.slice(start))
    },
    end(): void {
      finish()
      name = undefined
    },
  }
}

const MINUS = 0x2d
const PLUS = 0x2b
const BACKSLASH = 0x5c
