import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { lcovReader } from '#collect/coverage/lcov.ts'
import { compareCpu, report } from './measure.ts'

const BYTES = 100_000_000
const PIECE = 1 << 16

/** What a large program leaves: files of 20 to 700 lines, their functions, lines and branches. */
export function generate(bytes: number): string {
  let random = 1
  const below = (end: number): number => (random = (random * 1_103_515_245 + 12_345) % 2_147_483_648) % end
  const files: string[] = []
  for (let size = 0, index = 0; size < bytes; index += 1) {
    const last = 20 + below(680)
    const lines: string[] = [`TN:`, `SF:src/part${index % 61}/unit${index % 7}/file${index}.ts`]
    const functions = Array.from({ length: Math.ceil(last / 25) }, (_, number) => number)
    for (const number of functions) lines.push(`FN:${25 * number + 1},function${number}of${index}`)
    lines.push(`FNF:${functions.length}`, `FNH:${functions.length}`)
    for (const number of functions) lines.push(`FNDA:${1 + below(90)},function${number}of${index}`)
    let [found, hit] = [0, 0]
    for (let line = 1; line <= last; line += 1 + below(3)) {
      const count = below(7) === 0 ? 0 : below(5_000)
      found += 1
      if (count > 0) hit += 1
      lines.push(`DA:${line},${count}`)
    }
    lines.push(`LF:${found}`, `LH:${hit}`)
    for (let line = 3; line <= last; line += 8) lines.push(`BRDA:${line},${line >> 3},0,${below(50)}`, `BRDA:${line},${line >> 3},1,-`)
    lines.push('end_of_record', '')
    const text = lines.join('\n')
    files.push(text)
    size += text.length
  }
  return files.join('')
}

function readWhole(bytes: Buffer): number {
  const reader = lcovReader()
  for (let at = 0; at < bytes.length; at += PIECE) reader.write(bytes.subarray(at, at + PIECE))
  const outcome = reader.end()
  if (!outcome.ok) throw new Error(outcome.reason)
  return outcome.value.files.length
}

/** The package's own parser where it is installed, else what it does at the least: split, and look at every line. */
async function contestant(): Promise<{ readonly name: string; readonly parse: (text: string) => unknown }> {
  try {
    const { default: parse } = createRequire(import.meta.url)('parse-lcov') as { default: (text: string) => unknown }
    return { name: 'parse-lcov', parse }
  } catch {
    return {
      name: 'splitting at line ends, colons and commas',
      parse: (text) => text.split('\n').map((line) => line.split(':')[1]?.split(',')),
    }
  }
}

/** Largest size of a process that reads the file as sources are read, or only starts, in MiB. */
function peak(file?: string): number {
  const args = [
    '--conditions=source',
    '--max-semi-space-size=8',
    import.meta.filename,
    ...(file === undefined ? ['--bare'] : ['--read', file]),
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return Number(stdout) / 1024
}

export async function bench(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  try {
    const text = generate(BYTES)
    const bytes = Buffer.from(text)
    const file = join(folder, 'lcov.info')
    writeFileSync(file, bytes)
    const { name, parse } = await contestant()
    const [, other] = await compareCpu(
      [
        { name: 'muster', run: () => readWhole(bytes) },
        { name, run: () => parse(text) },
      ],
      5,
      2,
    )
    const bare = peak()
    return [
      report(`${name} against lcov of ${BYTES / 1e6} MB`, other?.ratio ?? NaN, 15, 'at least'),
      report(`peak above the bare process, lcov of ${BYTES / 1e6} MB, in MiB`, peak(file) - bare, 120, 'at most', ' MiB'),
    ].every(Boolean)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The process that `peak` looks at. */
if (import.meta.main) {
  const { values } = parseArgs({ options: { bare: { type: 'boolean' }, read: { type: 'string' } } })
  if (values.read !== undefined) {
    const reader = lcovReader()
    for await (const piece of createReadStream(values.read, { highWaterMark: PIECE })) reader.write(piece as Buffer)
    if (!reader.end().ok) process.exitCode = 1
  }
  console.log(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1])
}
