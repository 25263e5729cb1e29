/**
 * The part of the line scanner that looks at every byte, many at a time. AssemblyScript:
 * `npm run generate` makes `line-scan-wasm.ts` of it; `line-machine.ts` fills its memory, and says
 * what tables and rules hold. Codes of a text are below 128; what is read beyond its end is 0.
 */

/** What was seen of the line at hand, in bits. */
const CODE: i32 = 1
const COMMENT: i32 = 2

const BLOCK: usize = 16
const WINDOW: usize = 64
const LF: u8 = 0x0a
const BACKSLASH: u8 = 0x5c

/** Where a table holds the number of the first rule of each ASCII character, and where the rules. */
const FIRST_RULES: usize = 32
const RULES: usize = FIRST_RULES + 256
const RULE: usize = 64

/** Of a rule: what is done, and how; the lengths of opener and closer; both, with a mask each. */
const ACTION: usize = 0
const FLAGS: usize = 1
const OPEN_LENGTH: usize = 2
const CLOSE_LENGTH: usize = 3
const OPEN: usize = 4
const OPEN_MASK: usize = 8
const CLOSE: usize = 12
const CLOSE_MASK: usize = 16
/** A bit for each ASCII character that may come second. */
const SECONDS: usize = 32

const NO_RULE: u8 = 0
const STRING: u8 = 1
const LINE_COMMENT: u8 = 2
const BLOCK_COMMENT: u8 = 3

const ESCAPE: u8 = 1
const MULTILINE: u8 = 2
const FIRST: u8 = 4

let end: usize = 0
/** Where the class of the next line is written; 0 for nowhere. */
let classes: usize = 0
let lines: i32 = 0
let code: i32 = 0
let comment: i32 = 0
let mark: i32 = 0
/** Where `scan` stands, and the rule that it cannot judge. */
let place: usize = 0
let asked: usize = 0

export function begin(from: usize, length: usize, to: usize): void {
  end = from + length
  memory.fill(end, 0, WINDOW + BLOCK)
  classes = to
  lines = 0
  code = 0
  comment = 0
  mark = 0
}

/** The last line counts also where no line end follows it. */
export function finish(): void {
  if (load<u8>(end - 1) != LF) endLine(mark)
}

export function lineCount(): i32 {
  return lines
}

export function codeCount(): i32 {
  return code
}

export function commentCount(): i32 {
  return comment
}

export function isUnmarked(): bool {
  return mark == 0
}

export function unmark(): void {
  mark = 0
}

export function placeAsked(): usize {
  return place
}

/** Goes on to `to` and marks every line on the way that holds more than white space. */
export function take(from: usize, to: usize, sign: i32): void {
  let seenMark = mark
  for (let at = from; at < to; at += BLOCK) {
    const block = v128.load(at)
    let ends = i8x16.bitmask(equal(block, LF))
    let seen = i8x16.bitmask(signs(block))
    if (to - at < BLOCK) {
      const inside = (1 << <i32>(to - at)) - 1
      ends &= inside
      seen &= inside
    }
    for (; ends != 0; ends &= ends - 1) {
      const before = (ends & -ends) - 1
      if ((seen & before) != 0) seenMark |= sign
      endLine(seenMark)
      seenMark = 0
      seen &= ~before
    }
    if (seen != 0) seenMark |= sign
  }
  mark = seenMark
}

/** Each goes on behind what begins at `from` and is of the rule; where it ends. */
export function takeLineComment(from: usize): usize {
  mark |= COMMENT
  return lineEnd(from)
}

export function takeBlockComment(from: usize, inside: usize, rule: usize): usize {
  const to = after(inside, rule)
  take(from, to, COMMENT)
  return to
}

export function takeString(from: usize, inside: usize, rule: usize, sign: i32): usize {
  const closer = load<u8>(rule, CLOSE)
  const flags = load<u8>(rule, FLAGS)
  let isBroken = false
  let to: usize = 0
  let at = inside
  while (to == 0 && at < end) {
    const block = v128.load(at)
    let next = at + BLOCK
    let found = i8x16.bitmask(v128.or(v128.or(equal(block, closer), equal(block, LF)), equal(block, BACKSLASH)))
    for (; found != 0; found &= found - 1) {
      const here = at + ctz(found)
      const byte = load<u8>(here)
      if (byte == closer) {
        if (!isAt(here, rule, CLOSE, CLOSE_MASK)) continue
        to = here + load<u8>(rule, CLOSE_LENGTH)
        break
      }
      if (byte == LF) {
        if ((flags & MULTILINE) == 0) {
          to = here
          break
        }
        isBroken = true
      } else if ((flags & ESCAPE) != 0) {
        if (load<u8>(here, 1) == LF) isBroken = true
        // The character after it is passed over, also where it is in the next block.
        if (here + 2 > next) next = here + 2
        else found &= ~((found & -found) << 1)
      }
    }
    at = next
  }
  if (to == 0 || to > end) to = end
  if (isBroken) take(from, to, sign)
  else mark |= sign
  return to
}

/**
 * Takes what follows for code, and what the rules of the table say, up to the next place where a
 * rule may hold that is not judged here: the rule, and `placeAsked`; 0 at the end. With `rule`, that
 * one and those after it are tried at `from` first.
 */
export function scan(from: usize, table: usize, inTemplate: usize, rule: usize): usize {
  const openers = v128.load(table + inTemplate * BLOCK)
  asked = 0
  let at = from
  if (rule != 0) {
    at = apply(from, rule)
    if (asked != 0) return asked
  }
  while (at < end) {
    const a = v128.load(at)
    const b = v128.load(at, 16)
    const c = v128.load(at, 32)
    const d = v128.load(at, 48)
    let next = at + WINDOW
    let ends = bits(equal(a, LF), equal(b, LF), equal(c, LF), equal(d, LF))
    let seen = bits(signs(a), signs(b), signs(c), signs(d))
    let opens = bits(isIn(a, openers), isIn(b, openers), isIn(c, openers), isIn(d, openers))
    while (opens != 0) {
      const before = (opens & -opens) - 1
      takeCode(ends & before, seen & before)
      const here = at + <usize>ctz(opens)
      const to = apply(here, table + RULES + <usize>load<u16>(table + (<usize>load<u8>(here) << 1), FIRST_RULES) * RULE)
      if (asked != 0) return asked
      if (to >= next) {
        next = to
        ends = 0
        seen = 0
        break
      }
      const rest = <u64>-1 << <u64>(to - at)
      opens &= rest
      ends &= rest
      seen &= rest
    }
    takeCode(ends, seen)
    at = next
  }
  return 0
}

/** Code in a window, with a bit for each line end and each sign. */
// @ts-ignore: decorator
@inline
function takeCode(ends: u64, seen: u64): void {
  if (ends == 0) {
    mark |= i32(seen != 0)
    return
  }
  // A sign carries through the ones of its line into the place of the line end.
  const ofCode = (~ends + seen + <u64>(mark & CODE)) & ends
  const isComment = (mark & COMMENT) != 0 && (ofCode & ends & -ends) == 0
  lines += <i32>popcnt(ends)
  code += <i32>popcnt(ofCode)
  comment += i32(isComment)
  mark = i32(seen > ends)
  if (classes != 0) writeClasses(ends, ofCode, isComment)
}

function writeClasses(ends: u64, ofCode: u64, isComment: bool): void {
  let first = isComment ? COMMENT : 0
  for (let left = ends; left != 0; left &= left - 1) {
    store<u8>(classes, (ofCode & left & -left) != 0 ? <u8>CODE : <u8>first)
    classes += 1
    first = 0
  }
}

/** Tries rules in their order; where what the first of them takes ends. None: a sign of code. */
function apply(here: usize, first: usize): usize {
  for (let rule = first; load<u8>(rule, ACTION) != NO_RULE; rule += RULE) {
    const action = load<u8>(rule, ACTION)
    if (!isAt(here, rule, OPEN, OPEN_MASK)) continue
    if (action == STRING) return takeString(here, here + load<u8>(rule, OPEN_LENGTH), rule, CODE)
    if (action == LINE_COMMENT) {
      if ((load<u8>(rule, FLAGS) & FIRST) != 0 && mark != 0) continue
      return takeLineComment(here)
    }
    if (action == BLOCK_COMMENT) return takeBlockComment(here, here + load<u8>(rule, OPEN_LENGTH), rule)
    const second = load<u8>(here, 1)
    if (((load<u8>(rule + (second >> 3), SECONDS) >> (second & 7)) & 1) == 0) continue
    place = here
    asked = rule
    return here
  }
  mark |= CODE
  return here + 1
}

function lineEnd(from: usize): usize {
  for (let at = from; at < end; at += BLOCK) {
    const found = i8x16.bitmask(equal(v128.load(at), LF))
    if (found != 0) return min(end, at + ctz(found))
  }
  return end
}

function after(from: usize, rule: usize): usize {
  const closer = load<u8>(rule, CLOSE)
  for (let at = from; at < end; at += BLOCK) {
    for (let found = i8x16.bitmask(equal(v128.load(at), closer)); found != 0; found &= found - 1) {
      const here = at + ctz(found)
      if (isAt(here, rule, CLOSE, CLOSE_MASK)) return min(end, here + load<u8>(rule, CLOSE_LENGTH))
    }
  }
  return end
}

// @ts-ignore: decorator
@inline
function isAt(here: usize, rule: usize, text: usize, mask: usize): bool {
  return (load<u32>(here) & load<u32>(rule + mask)) == load<u32>(rule + text)
}

// @ts-ignore: decorator
@inline
function endLine(seenMark: i32): void {
  lines += 1
  code += seenMark & CODE
  comment += i32(seenMark == COMMENT)
  if (classes == 0) return
  store<u8>(classes, <u8>seenMark)
  classes += 1
}

/** Bytes that are no white space. */
// @ts-ignore: decorator
@inline
function signs(block: v128): v128 {
  return i8x16.gt_s(block, i8x16.splat(32))
}

// @ts-ignore: decorator
@inline
function equal(block: v128, byte: u8): v128 {
  return i8x16.eq(block, i8x16.splat(<i8>byte))
}

/** Bytes of a set of ASCII: under their four low bits, a bit for the high ones. */
// @ts-ignore: decorator
@inline
function isIn(block: v128, set: v128): v128 {
  const high = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0)
  const low = i8x16.swizzle(set, v128.and(block, i8x16.splat(15)))
  return i8x16.ne(v128.and(low, i8x16.swizzle(high, i8x16.shr_u(block, 4))), i8x16.splat(0))
}

// @ts-ignore: decorator
@inline
function bits(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>i8x16.bitmask(a) | (<u64>i8x16.bitmask(b) << 16) | (<u64>i8x16.bitmask(c) << 32) | (<u64>i8x16.bitmask(d) << 48)
  )
}
