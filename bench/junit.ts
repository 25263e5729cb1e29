import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dense, suites, writeReport } from './junit-file.ts'
import { median, report } from './measure.ts'

const MEGABYTE = 1_000_000
/** How many times the time of ours each of them is to take at least. The first figure is what parsing alone costs the fastest. */
const GOALS: Readonly<Record<string, number | undefined>> = {
  'easysax events': undefined,
  easysax: 2,
  saxes: undefined,
  xml2js: 10,
  junit2json: 10,
}
const ROUNDS = 3

/** Processor time of one reading, in milliseconds. */
const millisecondsOf = (name: string, path: string): number =>
  Number(
    execFileSync(process.execPath, ['-C', 'source', join(import.meta.dirname, 'junit-contestant.ts'), name, path], { encoding: 'utf8' }),
  )

async function speed(folder: string): Promise<boolean[]> {
  const reached: boolean[] = []
  for (const [shape, pieces] of Object.entries({ mixed: suites(50 * MEGABYTE), dense: dense(50 * MEGABYTE) })) {
    const path = join(folder, `${shape}.xml`)
    await writeReport(path, pieces)
    const ratios: Record<string, number[]> = {}
    const own: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const ours = millisecondsOf('ours', path)
      own.push(ours)
      for (const name of Object.keys(GOALS)) (ratios[name] ??= []).push(millisecondsOf(name, path) / ours)
    }
    console.log(`     50 MB of JUnit, ${shape}: ${median(own).toFixed(0)} ms`)
    for (const [name, goal] of Object.entries(GOALS)) {
      const ratio = median(ratios[name] ?? [])
      if (goal === undefined) console.log(`     ${name} against ours, ${shape}: ${ratio.toFixed(2)}x`)
      else reached.push(report(`${name} against ours, ${shape}`, ratio, goal, 'at least'))
    }
  }
  return reached
}

interface Peak {
  /** KiB */
  readonly peak: number
  readonly seconds: number
  readonly outcome: string
}

const peakOf = (path: string): Peak =>
  JSON.parse(
    execFileSync(process.execPath, ['-C', 'source', join(import.meta.dirname, 'junit-peak.ts'), path], { encoding: 'utf8' }),
  ) as Peak

const MAX_PEAK_KIB = 120 * 1024

/** `<system-out>` of so many bytes, and then the end of the file, whole or not. */
function* oneOutput(bytes: number, end: string): Generator<string> {
  const line = 'INFO  took 12 items from the queue & gave back 3\n'.replace('&', '&amp;')
  const block = line.repeat(20_000)
  yield '<testsuite name="one"><testcase name="a"/><system-out>'
  for (let written = 0; written < bytes; written += block.length) yield block
  yield end
}

async function memory(folder: string): Promise<boolean[]> {
  const file = async (name: string, pieces: Iterable<string>): Promise<Peak> => {
    const path = join(folder, name)
    await writeReport(path, pieces)
    const peak = peakOf(path)
    rmSync(path)
    return peak
  }
  const bare = await file('bare.xml', ['<testsuite><testcase name="a"/></testsuite>'])
  const large = await file('large.xml', suites(500 * MEGABYTE, 600))
  const output = await file('output.xml', oneOutput(565 * MEGABYTE, '</system-out></testsuite>'))
  const damaged = await file('damaged.xml', oneOutput(565 * MEGABYTE, '</system-err></testsuite>'))
  const many = await file('many.xml', dense(499_900 * 119))
  const within = (what: string, { peak, seconds, outcome }: Peak, kib = MAX_PEAK_KIB): boolean => {
    const more = peak - bare.peak
    console.log(
      `${more <= kib ? 'ok  ' : 'MISS'} ${what}: ${(more / 1024).toFixed(0)} MiB more than a bare process, ${seconds.toFixed(1)} s: ${outcome}`,
    )
    return more <= kib
  }
  return [
    within('500 MB of suites', large),
    within('one <system-out> of 565 MB', output),
    within('the same, damaged at its end', damaged) && damaged.outcome !== 'read',
    within('500,000 cases', many, 256 * 1024) && many.seconds <= 2,
  ]
}

export async function bench(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  try {
    return [...(await speed(folder)), ...(await memory(folder))].every(Boolean)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
