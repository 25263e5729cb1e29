import type { LineHandler } from '#collect/scan/lines.ts'
import { Incomplete, LineError, lineParser } from '#collect/scan/lines.ts'
import type { NewCase } from '#collect/test-results/builder.ts'
import { TestReportBuilder } from '#collect/test-results/builder.ts'
import type { CaseStatus, TestReport } from '#collect/test-results/cases.ts'
import type { ByteParser } from '#collect/scan/text.ts'
import { decoding } from '#collect/scan/text.ts'

/** The Test Anything Protocol: https://testanything.org/tap-version-13-specification.html and -14-. */
export const tapReader = (): ByteParser<TestReport> => decoding(lineParser(new Tap()))

/** A stream of test points: the document, or the subtests of one point. */
interface Level {
  /** Names of the points around it; undefined until the one that ends it says so. */
  readonly suite: number | undefined
  plan: number | undefined
  points: number
  /** Of the point before; mocha gives a hook that failed the number of the test after it. */
  last: { readonly number: number; readonly isOk: boolean }
  failed: number
  disorder: string | undefined
  /** What waits for the name of the suite. */
  readonly held: { readonly names: readonly string[]; readonly one: NewCase }[]
  readonly troubles: string[]
}

/** The line of a test point. */
interface Head {
  readonly level: number
  readonly isOk: boolean
  readonly number: number | undefined
  readonly description: string
}

interface Point {
  readonly level: number
  readonly one: { -readonly [K in keyof NewCase]: NewCase[K] }
  /** It ended a stream of subtests. */
  readonly isParent: boolean
  readonly hasFailingSubtest: boolean
}

const MAX_DEPTH = 64
const MAX_HELD = 500_000
const POINT = /^(not )?ok\b(?:[ \t]+(\d{1,9}))?(?:[ \t]+(.*))?$/
const BRACE = /(?:^|[ \t])\{$/
/** A time stands behind the name, so that this brace is none of the name's. */
const TIMED_BRACE = /#[ \t]*time=[\d.]{1,20}(?:ms|s)?[ \t]+\{$/
const DIRECTIVE = /(?:^|[ \t])#[ \t]*(skip\S*|todo)\b[ \t]*(.*)$/i

class Tap implements LineHandler<TestReport> {
  readonly #builder = new TestReportBuilder()
  readonly #levels: Level[] = [newLevel(0)]
  /** Said by `# Subtest: name`, for the stream that comes. */
  #announced: string | undefined
  /** It waits for its YAML block. */
  #point: Point | undefined
  /** It ends with a brace, and the next line tells whether its subtests follow or its name ends so. */
  #opening: Head | undefined
  /** Points whose subtests follow in braces, the outermost first. */
  readonly #blocks: Head[] = []
  /** Its indentation, within one. */
  #yaml: number | undefined
  /** That of its keys, which the first of them tells. */
  #keys: number | undefined
  /** A message stands on the lines that follow. */
  #isText = false
  #hasBailed = false
  #hasTap = false
  #held = 0

  line(text: string, isLast: boolean): void {
    if (this.#hasBailed) return
    const plain = text.trimEnd()
    const content = plain.trimStart()
    const indent = plain.length - content.length
    if (this.#yaml !== undefined) return this.#inYaml(indent, content)
    if (content === '') return
    this.#open(indent, content)
    if (content === '---' && this.#point && indent > this.#point.level * 4) {
      this.#yaml = indent
      this.#keys = undefined
      return
    }
    const block = this.#blocks.at(-1)
    if (content === '}' && block && indent === block.level * 4) {
      this.#blocks.pop()
      return this.#testPoint({ ...block, description: block.description.replace(BRACE, '') })
    }
    const bail = /^Bail out!\s*(.*)$/i.exec(content)
    if (bail && indent % 4 === 0) return this.#bail(bail[1] ?? '')
    const level = indent / 4
    if (Number.isInteger(level) && level <= this.#levels.length) this.#tap(level, content, isLast)
  }

  end(): TestReport {
    if (TIMED_BRACE.test(this.#opening?.description ?? '')) throw new Incomplete('a brace opens subtests, and none follow')
    this.#open(0, '')
    if (!this.#hasTap) throw new LineError('no line is TAP: neither a plan nor a test point')
    if (this.#yaml !== undefined) throw new Incomplete('a YAML block is not closed')
    this.#settle()
    if (!this.#hasBailed) {
      if (this.#levels.length > 1) throw new Incomplete('subtests have no test point that ends them')
      this.#close(this.#levels[0] as Level)
    }
    return this.#builder.end()
  }

  #tap(level: number, content: string, isLast: boolean): void {
    const version = /^TAP version (\d{1,4})$/i.exec(content)
    if (version) {
      if (level === 0 && this.#hasTap) throw new LineError('a second TAP version: the file holds more than one document')
      if (version[1] !== '13' && version[1] !== '14') throw new LineError(`TAP version ${version[1]} is not known, 13 and 14 are`)
      if (level === 0) this.#hasTap = true
      return
    }
    const subtest = /^# Subtest(?:: (.*))?$/.exec(content)
    if (subtest) {
      this.#at(level)
      this.#announced = subtest[1] ?? ''
      return
    }
    const plan = /^1\.\.(\d{1,9})(?:\s*#\s*(.*))?$/.exec(content)
    if (plan) return this.#plan(this.#at(level), Number(plan[1]), plan[2])
    const point = POINT.exec(content)
    if (!point) return
    // The mark of a skip may be what is cut off.
    if (isLast) throw new Incomplete('the last test point has no end of line')
    const head = {
      level,
      isOk: point[1] === undefined,
      number: point[2] === undefined ? undefined : Number(point[2]),
      description: point[3] ?? '',
    }
    if (!BRACE.test(head.description)) return this.#testPoint(head)
    this.#hasTap = true
    this.#settle()
    this.#opening = head
  }

  /** Subtests in braces are one level deeper than their point, which node-tap and Vitest write before them. */
  #open(indent: number, content: string): void {
    const head = this.#opening
    this.#opening = undefined
    if (!head) return
    if (content === '---' || indent !== (head.level + 1) * 4) return this.#testPoint(head)
    this.#blocks.push(head)
    this.#announced = described(head.description.replace(BRACE, '')).name
  }

  /** The stream that an indentation means; it begins with its first line. */
  #at(level: number): Level {
    this.#hasTap = true
    this.#settle()
    if (level === this.#levels.length) {
      if (level > MAX_DEPTH) throw new LineError(`subtests are nested more than ${MAX_DEPTH} deep`)
      const around = this.#levels.at(-1)?.suite
      const isNamed = this.#announced !== undefined && this.#announced !== '' && around !== undefined
      this.#levels.push(newLevel(isNamed ? this.#builder.suite(nameOf(this.#announced ?? ''), { parent: around }) : undefined))
      this.#announced = undefined
    }
    if (level < this.#levels.length - 1) throw new LineError('subtests end without a test point')
    return this.#levels[level] as Level
  }

  #plan(level: Level, count: number, remark: string | undefined): void {
    if (level.plan !== undefined) throw new LineError('a second plan: the file holds more than one document')
    level.plan = count
    if (count === 0 && level === this.#levels[0])
      this.#add(level, [], { name: 'the whole plan', status: 'skipped', message: remark?.replace(/^skip\S*\s*/i, '') })
  }

  #testPoint({ level: index, isOk, number, description }: Head): void {
    this.#settle()
    this.#announced = index === this.#levels.length ? this.#announced : undefined
    const children = index === this.#levels.length - 2 ? this.#levels.pop() : undefined
    const level = this.#at(index)
    level.points += 1
    const { last } = level
    level.last = { number: number ?? last.number + 1, isOk }
    if (number !== undefined && number !== last.number + 1 && (number !== last.number || last.isOk))
      level.disorder ??= `test ${number} stands in the place of test ${last.number + 1}`
    const { directive, seconds, ...said } = described(description)
    const name = said.name || `test ${level.points}`
    const isTodo = directive?.[1]?.toLowerCase() === 'todo'
    const isEmpty = children?.plan === 0
    const status: CaseStatus = directive || (isOk && isEmpty) ? 'skipped' : isOk ? 'passed' : 'failed'
    if (children) this.#endOf(children, level, name)
    this.#point = {
      level: index,
      one: {
        name,
        status,
        seconds,
        message: directive?.[2] || (isTodo ? 'to do' : undefined),
      },
      isParent: children !== undefined && !isEmpty,
      hasFailingSubtest: children !== undefined && children.failed > 0,
    }
    if (status === 'failed' || (children?.failed ?? 0) > 0) level.failed += 1
  }

  /** What a YAML block says of the point before it, as far as it is of use. */
  #inYaml(indent: number, content: string): void {
    if (content === '...' && indent === this.#yaml) {
      this.#yaml = undefined
      return this.#settle()
    }
    const { one } = this.#point ?? {}
    if (!one || content === '') return
    this.#keys ??= indent
    const isText = this.#isText
    this.#isText = false
    const found = indent === this.#keys ? /^(duration_ms|error|message):\s*(.*)$/.exec(content) : undefined
    const text = found?.[2]?.replace(/^(['"])(.*)\1$/, '$2') ?? ''
    if (!found) {
      if (isText) one.message ??= content
    } else if (found[1] !== 'duration_ms') {
      if (/^[|>][-+]?$/.test(text)) this.#isText = true
      else one.message ??= text
    } else if (/^\d{1,12}(?:\.\d{1,12})?$/.test(text)) one.seconds = Number(text) / 1_000
  }

  /** Counts the point that waited for its YAML block. */
  #settle(): void {
    const point = this.#point
    this.#point = undefined
    if (!point) return
    const { one, isParent, hasFailingSubtest } = point
    // What passes or fails with its subtests is counted there.
    if (isParent && (one.status === 'passed' || (one.status === 'failed' && hasFailingSubtest))) return
    this.#add(this.#levels[point.level] as Level, [], one)
  }

  #add(level: Level, names: readonly string[], one: NewCase): void {
    if (level.suite !== undefined) return this.#builder.add(this.#builder.suites(names, '', level.suite), one)
    this.#held += 1
    if (this.#held > MAX_HELD) throw new LineError(`more than ${MAX_HELD} subtests wait for the name of their suite`)
    level.held.push({ names, one })
  }

  /** A stream of subtests has ended with the point of this name. */
  #endOf(level: Level, parent: Level, name: string): void {
    this.#close(level)
    for (const { names, one } of level.held) {
      this.#held -= 1
      this.#add(parent, [name, ...names], one)
    }
    for (const trouble of level.suite === undefined ? level.troubles : []) parent.troubles.push(`${name}: ${trouble}`)
  }

  #close(level: Level): void {
    const { plan, points, disorder } = level
    if (plan === undefined) throw new Incomplete('there is no plan')
    if (plan > points) throw new Incomplete(`the plan says ${plan} tests, and ${points} are there`)
    const trouble = plan < points ? `the plan says ${plan} tests, and ${points} ran` : disorder
    if (trouble !== undefined) {
      level.failed += 1
      level.troubles.push(trouble)
    }
    if (level.suite === undefined) return
    for (const one of level.troubles) this.#builder.fail(level.suite, one)
  }

  /** Nothing runs after it, in whichever stream it stands. */
  #bail(reason: string): void {
    this.#settle()
    this.#hasTap = true
    this.#hasBailed = true
    for (const level of this.#levels) {
      for (const { names, one } of level.held) this.#builder.add(this.#builder.suites(names), one)
      for (const trouble of level.troubles) this.#builder.fail(level.suite ?? 0, trouble)
    }
    this.#builder.fail(0, reason === '' ? 'Bail out!' : `Bail out! ${reason}`)
  }
}

const newLevel = (suite: number | undefined): Level => ({
  suite,
  plan: undefined,
  points: 0,
  last: { number: 0, isOk: true },
  failed: 0,
  disorder: undefined,
  held: [],
  troubles: [],
})

/** What stands behind the number of a test point. */
function described(description: string) {
  const directive = DIRECTIVE.exec(description)
  const title = (directive ? description.slice(0, directive.index) : description).replace(/^- ?/, '')
  const time = /(?:^|\s)#\s*time=([\d.]{1,20})(ms|s)?\s*$/.exec(title)
  return {
    directive,
    name: nameOf(time ? title.slice(0, time.index) : title),
    seconds: time ? Number(time[1]) / (time[2] === 's' ? 1 : 1_000) : undefined,
  }
}

/** Without the escapes of version 14. */
const nameOf = (text: string): string => text.replace(/\\([#\\])/g, '$1').trim()
