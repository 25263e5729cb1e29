/**
 * Text that others wrote, made safe to show: no terminal sequences, no control or invisible
 * direction-changing characters. A line that redraws itself by carriage returns keeps its last state.
 */
export function plainText(text: string): string {
  return withoutSequences(text)
    .split('\n')
    .map((line) => printable(lastState(line)))
    .join('\n')
}

const ESC = 0x1b
const BELL = 0x07

/** Takes out ECMA-48 escape sequences: CSI, the string kinds (OSC, DCS, APC, PM, SOS), two-character ones. */
function withoutSequences(text: string): string {
  let result = ''
  let from = 0
  let at = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code !== ESC && code !== 0x9b && code !== 0x9d && code !== 0x90) {
      at += 1
      continue
    }
    result += text.slice(from, at)
    at = from = endOfSequence(text, at)
  }
  return result + text.slice(from)
}

function endOfSequence(text: string, start: number): number {
  const first = text.charCodeAt(start)
  const kind = first === ESC ? text[start + 1] : first === 0x9b ? '[' : ']'
  let at = start + (first === ESC ? 2 : 1)
  if (kind === '[') {
    while (at < text.length && inRange(text.charCodeAt(at), 0x20, 0x3f)) at += 1
    return inRange(text.charCodeAt(at), 0x40, 0x7e) ? at + 1 : at
  }
  if (kind !== undefined && ']PX^_'.includes(kind)) return endOfString(text, at)
  // Sequences such as ESC ( B carry intermediate characters before the final one.
  at = start + 1
  while (at < text.length && inRange(text.charCodeAt(at), 0x20, 0x2f)) at += 1
  return inRange(text.charCodeAt(at), 0x30, 0x7e) ? at + 1 : at
}

/** A string without an end must not swallow the log: it stops with its line. */
function endOfString(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === BELL || code === 0x9c) return at + 1
    if (code === ESC) return text[at + 1] === '\\' ? at + 2 : at
    if (code === 0x0a) return at
  }
  return text.length
}

const inRange = (code: number, low: number, high: number): boolean => code >= low && code <= high

function lastState(line: string): string {
  const trimmed = line.endsWith('\r') ? line.slice(0, -1) : line
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1)
}

function printable(line: string): string {
  let result = ''
  for (const character of line) {
    const code = character.codePointAt(0) ?? 0
    if (code === 0x09) result += '  '
    else if (!isControl(code)) result += character
  }
  return result
}

/** C0, DEL, C1, and the bidirectional, zero-width and byte-order characters that hide what is there. */
const isControl = (code: number): boolean =>
  code < 0x20 ||
  inRange(code, 0x7f, 0x9f) ||
  inRange(code, 0x200b, 0x200f) ||
  inRange(code, 0x2028, 0x202e) ||
  inRange(code, 0x2060, 0x2069) ||
  code === 0x061c ||
  code === 0xfeff

/** The last `count` lines that hold something, each at most `width` UTF-16 units. */
export function lastLines(text: string, count: number, width: number): readonly string[] {
  const lines = text.split('\n').map((line) => line.trimEnd())
  return lines
    .filter((line) => line !== '')
    .slice(-count)
    .map((line) => (line.length > width ? `${line.slice(0, width - 1).replace(/[\ud800-\udbff]$/, '')}…` : line))
}
