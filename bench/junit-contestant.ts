/**
 * `node bench/junit-contestant.ts NAME FILE`: makes the distinct test cases of a report, each with
 * its names, time, outcome and message, and prints the processor time of one such reading once the
 * code is warm. A process for each, so that nobody pays for another one's garbage.
 */
import { readFileSync } from 'node:fs'
import { junitReader } from '#collect/junit/parse.ts'
import { median } from './measure.ts'

interface Case {
  readonly classname: string
  readonly name: string
  readonly seconds: number
  status: string
  message?: string
}

type Attributes = Readonly<Record<string, string>>

const PIECE_BYTES = 1 << 16
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const decoded = (text = ''): string =>
  text.includes('&') ? text.replaceAll(/&(\w+);/g, (written, name: string) => ENTITIES[name] ?? written) : text

/** What a program makes of the events of a parser, or of a tree. */
class Answer {
  readonly cases = new Map<string, Case>()
  #open: Case | undefined

  open(name: string, attributes: Attributes): void {
    if (name === 'testcase') {
      const { classname = '', name: own = '', time } = attributes
      this.#open = { classname, name: own, seconds: Number(time), status: 'passed' }
    } else if (this.#open && (name === 'failure' || name === 'error' || name === 'skipped')) {
      this.#open.status = name
      this.#open.message = attributes['message'] ?? ''
    }
  }

  close(name: string): void {
    if (name !== 'testcase' || !this.#open) return
    const key = `${this.#open.classname}\0${this.#open.name}`
    const known = this.cases.get(key)
    if (!known) this.cases.set(key, this.#open)
    else if (this.#open.status !== 'passed') known.status = this.#open.status
    this.#open = undefined
  }
}

/** So that the types of a peer are not looked for. */
const load = async (peer: string): Promise<unknown> => import(peer)

const CONTESTANTS: Readonly<Record<string, () => Promise<(bytes: Buffer) => number | Promise<number>>>> = {
  ours: async () => (bytes) => {
    const reader = junitReader()
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) reader.write(bytes.subarray(at, at + PIECE_BYTES))
    const outcome = reader.end()
    if (!outcome.ok) throw new Error(outcome.reason)
    return outcome.value.cases.size
  },
  async easysax() {
    interface EasySax {
      on(event: 'error', listener: (message: string) => void): void
      on(event: 'startNode', listener: (name: string, attributes: () => Attributes) => void): void
      on(event: 'endNode', listener: (name: string) => void): void
      parse(text: string): void
    }
    const { default: Parser } = (await load('easysax')) as { default: new () => EasySax }
    return (bytes) => {
      const [parser, answer] = [new Parser(), new Answer()]
      parser.on('error', (message) => {
        throw new Error(message)
      })
      parser.on('startNode', (name, attributes) => {
        const { classname, name: own, time, message } = attributes()
        answer.open(name, { classname: decoded(classname), name: decoded(own), time: time ?? '', message: decoded(message) })
      })
      parser.on('endNode', (name) => answer.close(name))
      parser.parse(bytes.toString())
      return answer.cases.size
    }
  },
  async 'easysax events'() {
    interface EasySax {
      on(event: 'startNode', listener: (name: string, attributes: () => Attributes) => void): void
      parse(text: string): void
    }
    const { default: Parser } = (await load('easysax')) as { default: new () => EasySax }
    return (bytes) => {
      let cases = 0
      const parser = new Parser()
      parser.on('startNode', (name, attributes) => {
        if (attributes()['name'] !== undefined && name === 'testcase') cases += 1
      })
      parser.parse(bytes.toString())
      return cases
    }
  },
  async saxes() {
    const { SaxesParser } = await import('saxes')
    return (bytes) => {
      const [parser, answer] = [new SaxesParser(), new Answer()]
      parser.on('opentag', ({ name, attributes }) => answer.open(name, attributes as Attributes))
      parser.on('closetag', ({ name }) => answer.close(name))
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) parser.write(bytes.toString('utf8', at, at + PIECE_BYTES))
      parser.close()
      return answer.cases.size
    }
  },
  async xml2js() {
    const { parseStringPromise } = (await load('xml2js')) as { parseStringPromise: (text: string) => Promise<{ testsuites: unknown }> }
    return async (bytes) => Object.keys(await parseStringPromise(bytes.toString())).length
  },
  async junit2json() {
    const { parse } = (await load('junit2json')) as { parse: (text: string) => Promise<object> }
    return async (bytes) => Object.keys(await parse(bytes.toString())).length
  },
}

const [name = '', path = ''] = process.argv.slice(2)
const run = await CONTESTANTS[name]?.()
if (!run) throw new Error(`there is no contestant ${name}`)
const bytes = readFileSync(path)
const times: number[] = []
for (let round = -2; round < 3; round += 1) {
  const before = process.cpuUsage()
  await run(bytes)
  const { user, system } = process.cpuUsage(before)
  if (round >= 0) times.push((user + system) / 1_000)
}
console.log(median(times))
