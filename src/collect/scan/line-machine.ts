import type { Language, StringForm } from '#collect/source-code/languages.ts'
import { grammarOf, type Rule } from './line-grammar.ts'
import { LINE_SCAN } from './line-scan-wasm.ts'

/** What `assembly/line-scan.ts` exports; places and rules are addresses in its memory. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  begin(from: number, length: number, classes: number): void
  finish(): void
  lineCount(): number
  codeCount(): number
  commentCount(): number
  isUnmarked(): number
  unmark(): void
  placeAsked(): number
  take(from: number, to: number, sign: number): void
  takeLineComment(from: number): number
  takeBlockComment(from: number, inside: number, rule: number): number
  takeString(from: number, inside: number, rule: number, sign: number): number
  scan(from: number, table: number, inTemplate: number, rule: number): number
}

/** Node has it; the types of browsers declare it, which are not among ours. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

/** Bits of what was seen of a line. */
export const [CODE, COMMENT] = [1, 2]

/**
 * The table of a language: the set of characters that rules begin with, and the same where a template
 * is open (a byte for each low half of a character, with a bit for each high one); for each character
 * the number of its first rule; rules, with an empty one after the last of each character.
 */
const [FIRST_RULES, RULES, RULE_BYTES] = [32, 288, 64]
/** As in `assembly/line-scan.ts`; what is `asked` is judged by the caller. */
const ACTIONS = { string: 1, line: 2, block: 3, asked: 4 } as const
const [ESCAPE, MULTILINE, FIRST] = [1, 2, 4]
/** Of texts in a rule: so many characters at most. */
const MOST_CHARACTERS = 4
/** In a rule, a bit for each character that may come second. */
const SECONDS = 32

const PAGE_BYTES = 1 << 16
/** Where tables begin (a rule or table at 0 means none) and, behind those of all languages, the text. */
const [TABLES, TEXT] = [64, 1 << 18]
/** What is read in blocks is read beyond the end. */
const MORE_BYTES = 96
/** Shared memory is copied by words where both places lie alike in them, and else by bytes. */
const WORD_BYTES = 8
/** Memory for a larger text is let go afterwards. */
const MOST_KEPT_BYTES = 1 << 23

interface Table {
  readonly address: number
  /** By number. */
  readonly rules: readonly (Rule | undefined)[]
}

let compiled: object | undefined
let kept: LineMachine | undefined

/** Has one text at a time: whoever begins another one is done with the one before. */
export function lineMachine(): LineMachine {
  if (kept === undefined || kept.isLarge) kept = new LineMachine((compiled ??= new WebAssembly.Module(Buffer.from(LINE_SCAN, 'base64'))))
  return kept
}

/** Goes over a text by vectors, and asks where a rule takes more than that. All places are indices of the text. */
export class LineMachine {
  readonly #exports: Exports
  readonly #tables = new Map<Language, Table>()
  #memory: Buffer
  /** Where the tables end. */
  #end = TABLES
  #table: Table = { address: 0, rules: [] }
  /** The text. */
  #from = TEXT
  #length = 0
  /** The address of the rule that was asked for last. */
  #asked = 0

  constructor(module: object) {
    this.#exports = new WebAssembly.Instance(module).exports as Exports
    this.#memory = Buffer.from(this.#exports.memory.buffer)
  }

  get isLarge(): boolean {
    return this.#memory.length > MOST_KEPT_BYTES
  }

  /** Begins a text, which is then written: a byte for each character. `byteOffset`: where it lies now. */
  begin(
    language: Language,
    { length, byteOffset = 0 }: { readonly length: number; readonly byteOffset?: number },
    hasClasses: boolean,
  ): void {
    this.#from = TEXT + (byteOffset % WORD_BYTES)
    const classes = this.#from + length + MORE_BYTES
    const missing = classes + (hasClasses ? length + 1 : 0) - this.#memory.length
    if (missing > 0) {
      this.#exports.memory.grow(Math.ceil(missing / PAGE_BYTES))
      this.#memory = Buffer.from(this.#exports.memory.buffer)
    }
    this.#length = length
    this.#table = this.#tables.get(language) ?? this.#placeTable(language)
    this.#exports.begin(this.#from, length, hasClasses ? classes : 0)
  }

  /** The text at hand; gone with the next `begin`. */
  get codes(): Buffer {
    return this.#memory.subarray(this.#from, this.#from + this.#length)
  }

  write(ascii: Uint8Array): void {
    this.#memory.set(ascii, this.#from)
  }

  /** The next rule that has to be judged, and `place`; undefined at the end. */
  ask(from: number, inTemplate: boolean): Rule | undefined {
    return this.#scan(from, inTemplate, 0)
  }

  /** The same where the rule asked for last does not hold. */
  askOn(inTemplate: boolean): Rule | undefined {
    return this.#scan(this.place, inTemplate, this.#asked + RULE_BYTES)
  }

  #scan(from: number, inTemplate: boolean, rule: number): Rule | undefined {
    this.#asked = this.#exports.scan(this.#from + from, this.#table.address, inTemplate ? 1 : 0, rule)
    return this.#asked === 0 ? undefined : this.#table.rules[(this.#asked - this.#table.address - RULES) / RULE_BYTES]
  }

  get place(): number {
    return this.#exports.placeAsked() - this.#from
  }

  take(from: number, to: number, sign: number): void {
    this.#exports.take(this.#from + from, this.#from + to, sign)
  }

  /** These three go on behind what begins at `from` by the rule asked for last, and give its end. */
  takeLineComment(from: number): number {
    return this.#exports.takeLineComment(this.#from + from) - this.#from
  }

  takeBlockComment(from: number, inside: number): number {
    return this.#exports.takeBlockComment(this.#from + from, this.#from + inside, this.#asked) - this.#from
  }

  takeString(from: number, inside: number, sign: number): number {
    return this.#exports.takeString(this.#from + from, this.#from + inside, this.#asked, sign) - this.#from
  }

  /** Whether nothing but white space was seen of the line at hand. */
  get isUnmarked(): boolean {
    return this.#exports.isUnmarked() === 1
  }

  unmark(): void {
    this.#exports.unmark()
  }

  finish(): { readonly code: number; readonly comment: number; readonly blank: number } {
    if (this.#length > 0) this.#exports.finish()
    const [code, comment] = [this.#exports.codeCount(), this.#exports.commentCount()]
    return { code, comment, blank: this.#exports.lineCount() - code - comment }
  }

  /** What was seen of each line, where `begin` asked for it. */
  classes(): Uint8Array {
    const from = this.#from + this.#length + MORE_BYTES
    return this.#memory.subarray(from, from + this.#exports.lineCount())
  }

  #placeTable(language: Language): Table {
    const address = this.#end
    const memory = this.#memory
    const rules: (Rule | undefined)[] = [undefined]
    const addOpener = (set: number, code: number): void => {
      const at = address + set * 16 + (code & 15)
      memory.writeUInt8(memory.readUInt8(at) | (1 << (code >> 4)), at)
    }
    for (const [code, those] of grammarOf(language).entries()) {
      if (those.length === 0) continue
      addOpener(1, code)
      // Braces matter only where a template is open.
      if (those.some(({ kind }) => kind !== 'brace')) addOpener(0, code)
      memory.writeUInt16LE(rules.length, address + FIRST_RULES + 2 * code)
      for (const rule of those) this.#writeRule(address + RULES + RULE_BYTES * (rules.push(rule) - 1), rule)
      rules.push(undefined)
    }
    this.#end = address + RULES + RULE_BYTES * rules.length
    if (this.#end > TEXT) throw new RangeError('The tables of all languages take more than the room for them.')
    const table = { address, rules }
    this.#tables.set(language, table)
    return table
  }

  #writeRule(at: number, rule: Rule): void {
    const { open, close, form } = textsOf(rule)
    const memory = this.#memory
    const first = rule.kind === 'line' && rule.first
    memory.writeUInt8(actionOf(rule), at)
    memory.writeUInt8((form?.escape ? ESCAPE : 0) | (form?.multiline ? MULTILINE : 0) | (first ? FIRST : 0), at + 1)
    memory.writeUInt8(open.length, at + 2)
    memory.writeUInt8(close.length, at + 3)
    for (const [offset, text] of [
      [4, open],
      [12, close],
    ] as const) {
      memory.write(text, at + offset, 'latin1')
      memory.fill(0xff, at + offset + 4, at + offset + 4 + text.length)
    }
    for (const [code, may] of rule.seconds.entries()) {
      const byte = at + SECONDS + (code >> 3)
      if (may === 1) memory.writeUInt8(memory.readUInt8(byte) | (1 << (code & 7)), byte)
    }
  }
}

/** What the machine compares by itself: of openers the beginning at most. */
function textsOf(rule: Rule): { readonly open: string; readonly close: string; readonly form: StringForm | undefined } {
  const form = rule.kind === 'string' || rule.kind === 'docstring' ? rule.form : undefined
  const close = form?.close ?? (rule.kind === 'block' && rule.nested === undefined ? rule.close : '')
  if (close.length > MOST_CHARACTERS) throw new RangeError(`"${close}" is longer than a rule may hold.`)
  return { open: (rule.plain ?? '').slice(0, MOST_CHARACTERS), close, form }
}

function actionOf(rule: Rule): number {
  if (rule.plain === undefined || rule.plain.length > MOST_CHARACTERS) return ACTIONS.asked
  if (rule.kind === 'string' || rule.kind === 'line') return ACTIONS[rule.kind]
  return rule.kind === 'block' && rule.nested === undefined ? ACTIONS.block : ACTIONS.asked
}
