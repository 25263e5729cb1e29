import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Channel, Dispatch, Sent } from '#core/notify/channel.ts'
import type { Notice } from '#core/notify/notice.ts'
import type { ChannelConfig, Person, Program } from '#core/program/model.ts'

/** How the other side treats what comes next. */
export type Behaviour = 'take' | 'limit' | 'fail-after-effect' | 'reset-after-effect' | 'hang-after-effect' | 'refuse'

/** A channel that is opened against a double of its other side. */
export interface Rig {
  readonly channel: Channel
  readonly config: ChannelConfig
  readonly program: Program
  readonly notice: Notice
  readonly person?: Person
  /** What must appear in no reason. */
  readonly secret?: string
  behave(behaviour: Behaviour): void
  /** How often a reader sees the message, copies that show as one counted once. */
  seen(): Promise<number>
  close(): Promise<void>
}

export interface Promise_ {
  /** What a second attempt after a doubtful one comes to, and how often the message is seen then. */
  readonly again: { readonly outcome: Sent['outcome']; readonly seen: number }
  /** Seconds that the other side asks for when it limits; absent where it cannot say. */
  readonly limitSeconds?: number
  /** It has no other side that could fail. */
  readonly isLocal?: true
}

/** Signatures are good for minutes. */
const NOW = new Date().toISOString()

/** What every channel promises of one message. */
export function channelContract(name: string, open: () => Promise<Rig>, promise: Promise_): void {
  const rigged = (what: string, run: (rig: Rig, send: (more?: Partial<Dispatch>) => Promise<Sent>) => Promise<void>): void =>
    test(`${name}: ${what}`, async () => {
      const rig = await open()
      const send = (more: Partial<Dispatch> = {}): Promise<Sent> => {
        const { config, program, notice, person } = rig
        const signal = AbortSignal.timeout(10_000)
        const dispatch = {
          key: 'cause/1',
          attempt: 1,
          maybeSent: false,
          program,
          config,
          notice,
          now: NOW,
          signal,
          ...(person && { person }),
        }
        return rig.channel.send({ ...dispatch, ...more })
      }
      try {
        await run(rig, send)
      } finally {
        await rig.channel.close()
        await rig.close()
      }
    })

  rigged('a message is delivered once', async (rig, send) => {
    expect(await send()).toMatchObject({ outcome: 'delivered' })
    expect(await rig.seen()).toBe(1)
  })

  rigged('after a crash before it was settled, it is not there twice', async (rig, send) => {
    expect((await send()).outcome).toBe('delivered')
    expect((await send({ attempt: 2, maybeSent: true })).outcome).toBe(promise.again.outcome)
    expect(await rig.seen()).toBe(promise.again.seen)
  })

  if (promise.isLocal) return

  rigged('a limit is a retry, not before its time', async (rig, send) => {
    rig.behave('limit')
    const sent = await send()
    expect(sent).toMatchObject({ outcome: 'retry', ...(promise.limitSeconds !== undefined && { afterSeconds: promise.limitSeconds }) })
    rig.behave('take')
    expect((await send({ attempt: 2 })).outcome).toBe('delivered')
    expect(await rig.seen()).toBe(1)
  })

  for (const behaviour of ['fail-after-effect', 'reset-after-effect', 'hang-after-effect'] as const)
    rigged(`${behaviour} is said to be in doubt, and the second attempt makes no copy`, async (rig, send) => {
      rig.behave(behaviour)
      const hangs = behaviour === 'hang-after-effect'
      const limit = new AbortController()
      const sending = send(hangs ? { signal: limit.signal } : {})
      // The time is over once the other side has done what it was asked for.
      if (hangs) while ((await rig.seen()) === 0) await wait(5)
      limit.abort(new DOMException('The time limit is over', 'TimeoutError'))
      const first = await sending
      expect([first.outcome, first.outcome === 'retry' && first.maybeSent]).toEqual(
        promise.again.outcome === 'uncertain' ? ['uncertain', false] : ['retry', true],
      )
      rig.behave('take')
      expect((await send({ attempt: 2, maybeSent: true })).outcome).toBe(promise.again.outcome)
      expect(await rig.seen()).toBe(promise.again.seen)
    })

  rigged('a credential that is refused fails, with a reason and without the secret', async (rig, send) => {
    rig.behave('refuse')
    const sent = await send()
    expect(sent.outcome).toBe('failed')
    expect(JSON.stringify(sent)).not.toContain(rig.secret ?? 'nothing secret')
    expect('reason' in sent && sent.reason.length).toBeGreaterThan(10)
    expect(await rig.seen()).toBe(0)
  })
}
