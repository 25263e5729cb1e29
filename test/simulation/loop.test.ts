import { expect, test } from 'vitest'
import type { EventBody } from '#core/ledger/events.ts'
import { addSeconds, epoch } from '#core/schedule/time.ts'
import { runLoop, type LoopPorts } from '#engine/run.ts'
import { openMemory } from '#store/memory.ts'
import { StoreError } from '#store/store.ts'
import { programWith } from '../core/schedule/story.ts'
import { Inviter } from './calendars.ts'

/** The loop of `muster run` from one sleep to the next: the clock of its machine, its program file, and its store. */

const PROGRAM = programWith({ channels: { log: { send: 'file', to: 'log.jsonl' } } })
const BEGIN = '2026-02-24T08:00:00Z'
const UNUSABLE = { what: 'the program file has 1 mistake', text: 'muster.yaml:3:1 yaml-syntax' }

/** What happens while it sleeps; each is one sleep. */
interface Sleep {
  /** By how much more than it slept its clock and the time that passed went on, in seconds. */
  readonly clock?: number
  readonly passed?: number
  /** From now on. */
  readonly store?: 'away' | 'back'
  readonly file?: Awaited<ReturnType<LoopPorts['load']>>
}

async function loopThrough(sleeps: readonly Sleep[]) {
  const memory = openMemory(() => epoch(BEGIN))
  let isAway = false
  const head: typeof memory.head = async (program) => {
    if (isAway) throw new StoreError('inaccessible', 'The server is away.', 'Wait.')
    return memory.head(program)
  }
  const told: string[] = []
  const send = async ({ notice }: Parameters<ConstructorParameters<typeof Inviter>[2]>[0]) => {
    told.push(notice.title)
    return { outcome: 'delivered' as const }
  }
  const one = new Inviter(PROGRAM, BEGIN, send, 'one', { ...memory, head })
  one.kinds = []
  const slept: number[] = []
  const ended = new AbortController()
  let elapsed = 0
  let file: Awaited<ReturnType<LoopPorts['load']>> = { program: PROGRAM }
  const rest = [...sleeps]
  await runLoop(
    PROGRAM,
    one.ports,
    {
      elapsed: () => elapsed,
      load: async () => file,
      sleep: async (seconds) => {
        slept.push(seconds)
        const next = rest.shift()
        if (!next) return ended.abort()
        const { clock = 0, passed = 0 } = next
        one.now = addSeconds(one.now, seconds + clock)
        elapsed += (seconds + passed) * 1000
        if (next.store) isAway = next.store === 'away'
        file = next.file ?? file
      },
    },
    ended.signal,
  )
  const troubles: Extract<EventBody, { type: 'trouble' }>['body'][] = []
  for await (const event of memory.read(PROGRAM.id, { types: ['trouble'] })) if (event.type === 'trouble') troubles.push(event.body)
  return { troubles, told, slept, said: one.said }
}

test.each([
  ['a machine that slept', { clock: 3600 }, { trouble: 'clock' }],
  ['a process that was stopped', { clock: 3600, passed: 3600 }, { trouble: 'missed' }],
  ['a broken program file', { file: UNUSABLE }, { trouble: 'program' }],
] as const)('%s is told, once the store is back that was away then', async (_, sleep, trouble) => {
  const { troubles, told } = await loopThrough([{}, { ...sleep, store: 'away' }, {}, { store: 'back' }, {}])
  expect(troubles).toMatchObject([trouble])
  expect(told).toHaveLength(1)
})

test.each([
  ['forward', { clock: 31 }, /^the clock of this machine went 31 s forward, from .* to .*: it was set, or the machine slept$/],
  ['back', { clock: -31 }, /^the clock of this machine went 31 s back, from /],
  ['a little', { clock: 30 }, undefined],
  ['back a little', { clock: -30 }, undefined],
])('a clock that is set %s', async (_, sleep, text) => {
  const { troubles, said } = await loopThrough([{}, sleep, {}])
  expect(troubles).toEqual(
    text === undefined ? [] : [expect.objectContaining({ trouble: 'clock', text: expect.stringMatching(text) as string })],
  )
  expect(said.filter((line) => text?.test(line))).toHaveLength(text === undefined ? 0 : 1)
})

test('that nobody looked is told from when somebody was to look, and only where it was long', async () => {
  const late = (seconds: number) => loopThrough([{}, { clock: seconds, passed: seconds }, {}])
  expect((await late(120)).troubles).toEqual([])
  expect((await late(121)).troubles).toEqual([
    {
      trouble: 'missed',
      from: '2026-02-24T08:01:00Z',
      until: '2026-02-24T08:03:01Z',
      text: 'muster did not look at the clock from Tue 2026-02-24 09:01 to Tue 2026-02-24 09:03: it was stopped, or the machine was too busy',
    },
  ])
})

test('while the store is away it tries again every five seconds, and says so once', async () => {
  const { slept, said } = await loopThrough([{}, { store: 'away' }, {}, {}, { store: 'back' }, {}])
  expect(slept.slice(2)).toEqual([5, 5, 5, 30, 30])
  expect(said).toEqual(['The server is away; tries again every 5 s', 'goes on'])
})

test('a program file with mistakes is told once, each of its lines is said, and so is what it comes to', async () => {
  const other = { what: 'the program file cannot be read', text: 'muster.yaml: there is no such file' }
  const [mended, edited] = [{ program: PROGRAM }, { program: { ...PROGRAM, name: 'Another' } }]
  const { troubles, said } = await loopThrough([{}, { file: UNUSABLE }, {}, { file: other }, { file: mended }, {}, { file: edited }, {}])
  expect(troubles).toMatchObject([{ trouble: 'program', text: 'the program file has 1 mistake; the program as it was before goes on' }])
  expect(said.filter((line) => !line.endsWith('delivered'))).toEqual([
    'muster.yaml:3:1 yaml-syntax',
    'the program file has 1 mistake; the program as it was before goes on',
    'muster.yaml: there is no such file',
    'the program file cannot be read; the program as it was before goes on',
    'the program file is in order again',
    'the program file has changed, and is loaded again',
  ])
})
