import type { Outcome } from '#collect/scan/text.ts'
import { decoding } from '#collect/scan/text.ts'
import type { BenchmarkFormat } from './format.ts'
import type { Benchmark, BenchmarkFile } from './model.ts'

/**
 * The text of `go test -bench`, with `-count` for several runs, also joined from several packages
 * (Go proposal 14313, the benchmark data format: lines `key: value`, `Unit`, and results).
 */
export const go: BenchmarkFormat = {
  name: 'go-bench',
  title: 'go test -bench',
  recognises: ({ text }) => /^(?:goos|goarch|pkg): \S/m.test(text) || /^Benchmark\S*\s+\d+\s+[\d.eE+-]+ \S+\/op\b/m.test(text),
  open: () => {
    const reader = createReader()
    return decoding(reader)
  },
}

const MAX_SAMPLES = 500_000
const MAX_LINE = 100_000
const RESULT = /^Benchmark(?![a-z])\S*\s/
const CONFIGURATION = /^([a-z][^\s:A-Z]*):(?:\s+(.*))?$/
const FAILURE = /^(?:--- FAIL:|FAIL\b|panic:|\*\*\* Test killed)/

interface Gathered {
  readonly benchmark: Omit<Benchmark, 'samples' | 'better'>
  readonly samples: number[]
}

function createReader() {
  let rest = ''
  let line = 0
  let refused: Extract<Outcome<never>, { ok: false }> | undefined
  let packageName = ''
  let isRunning = false
  let count = 0
  let failed: string | undefined
  const gathered = new Map<string, Gathered>()
  const better = new Map<string, 'lower' | 'higher'>()

  const refuse = (reason: string, column = 1): void => {
    refused ??= { ok: false, line: Math.max(1, line), column, reason }
  }

  function take(text: string): void {
    if (refused) return
    line += 1
    const plain = text.endsWith('\r') ? text.slice(0, -1) : text
    if (RESULT.test(plain)) return result(plain)
    if (FAILURE.test(plain)) failed ??= `line ${line} says ${JSON.stringify(plain.slice(0, 60))}`
    if (/^(?:PASS|FAIL|ok\s)/.test(plain)) isRunning = false
    const unit = /^Unit (\S+)(?:\s.*)?\sbetter=(lower|higher)(?:\s|$)/.exec(plain)
    if (unit?.[1] !== undefined) better.set(unit[1], unit[2] as 'lower' | 'higher')
    const [, key, value = ''] = CONFIGURATION.exec(plain) ?? []
    if (key === 'pkg') {
      if (isRunning) refuse(`package ${packageName} has no end (PASS, FAIL or ok): the output is not whole`)
      packageName = value.trim()
      isRunning = true
    }
  }

  function result(text: string): void {
    const [name = '', iterations = '', ...fields] = text.trim().split(/\s+/)
    // With -v the name stands on a line of its own, and a log may follow it.
    if (fields.length === 0 || !/^\d+$/.test(iterations)) return
    if (fields.length % 2 === 1) return refuse(`a figure of ${JSON.stringify(name.slice(0, 60))} has no unit: the line is not whole`)
    for (let at = 0; at < fields.length; at += 2) {
      const [figure = '', unit = ''] = fields.slice(at, at + 2)
      const value = /^\d/.test(figure) ? Number(figure) : Number.NaN
      if (!Number.isFinite(value))
        return refuse(`${JSON.stringify(figure.slice(0, 40))} of ${JSON.stringify(name.slice(0, 60))} is no figure`)
      if ((count += 1) > MAX_SAMPLES) return refuse(`more than ${MAX_SAMPLES} figures`)
      const key = `${packageName}\0${name}\0${unit}`
      const known = gathered.get(key)
      if (known) known.samples.push(value)
      else {
        const full = packageName === '' ? name : `${packageName}.${name}`
        gathered.set(key, { benchmark: { name: full, short: name, metric: unit, unit }, samples: [value] })
      }
    }
  }

  return {
    write(piece: string): void {
      if (refused) return
      let from = 0
      for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
        take(rest + piece.slice(from, end))
        rest = ''
        from = end + 1
      }
      rest += piece.slice(from)
      if (rest.length > MAX_LINE) {
        line += 1
        refuse(`a line has more than ${MAX_LINE} characters`)
      }
    },
    refuse(reason: string): void {
      line += 1
      refuse(reason, Array.from(rest).length + 1)
    },
    end(): Outcome<BenchmarkFile> {
      if (!refused && rest !== '') {
        if (RESULT.test(rest)) {
          line += 1
          refuse('the last line has no end: the output is not whole')
        } else take(rest)
      }
      if (!refused && isRunning) refuse(`package ${packageName} has no end (PASS, FAIL or ok): the output is not whole`)
      if (!refused && gathered.size === 0) refuse('there is no result of a benchmark')
      if (refused) return refused
      const doubt = failed === undefined ? {} : { doubt: `the run failed: ${failed}` }
      const benchmarks = [...gathered.values()].map(({ benchmark, samples }) => {
        const way = better.get(benchmark.unit)
        return { ...benchmark, samples, ...doubt, ...(way && { better: way }) }
      })
      return { ok: true, value: { benchmarks } }
    },
  }
}
