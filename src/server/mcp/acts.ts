import type { z } from 'zod'
import { seriesKey } from '#core/api/record.ts'
import { act, ACTS, type ActName } from '#core/people/act.ts'
import { refuseMachine } from '#core/people/machine.ts'
import { refuseInput } from '#core/people/refusal.ts'
import { formatValue } from '#core/program/quantity.ts'
import type { LiveProgram } from '#server/live-program.ts'
import { keyedCall, keyField, KEY_REUSED } from '#server/mcp/keys.ts'
import { ADDS, type Answer, type Asked, type Refused, type Tool } from '#server/mcp/tool.ts'
import { givenOf, perform } from '#server/perform.ts'

/** What stands is other than before; the record keeps both. */
const CHANGES = { ...ADDS, destructiveHint: true } as const

/** Acts that take a stream, which is the caller's own unless said. */
const OF_A_STREAM: ReadonlySet<ActName> = new Set(['check-in', 'open-blocker'])

/**
 * What is reported. Nothing that decides is here: who signs, waives, overrides, moves or cancels is a
 * person, at the dashboard, the command line or the API. See docs/decisions/0013-agents-report.md.
 */
export const ACT_TOOLS: readonly Tool[] = [
  actTool(
    'check-in',
    'Say for your stream what is done, what comes next, what may go wrong, what it waits for and how sure you are; `claim` takes numbers, which stand beside the measured ones and never in their place. Amounts are written as people do: { "tests": 12, "documentation": "50%" }.',
    ADDS,
  ),
  actTool('open-blocker', 'Say what stops a stream, how bad it is and what it keeps from happening.', ADDS),
  actTool('update-blocker', 'Change severity, impact, workaround, owner or deadline of an open blocker.', CHANGES),
  actTool('acknowledge-blocker', 'Say that somebody is on a blocker, for a while. It changes no verdict.', ADDS),
  actTool('resolve-blocker', 'Say how a blocker ended, and what was done.', CHANGES),
]

function actTool(name: ActName, description: string, annotations: Tool['annotations']): Tool {
  const { title, input } = ACTS[name]
  // What is written is read where it is decided, every mistake at once; this says what may be.
  const described = (input as z.ZodObject).safeExtend({ key: keyField })
  return { name, title, description, input: described, annotations, run: (asked, written) => run(asked, name, written) }
}

async function run(asked: Asked, name: ActName, written: Readonly<Record<string, unknown>>): Promise<Answer | Refused> {
  const { live, server, who } = asked
  const { key: wanted, ...rest } = written
  const input =
    OF_A_STREAM.has(name) && rest['stream'] === undefined && asked.stream !== undefined ? { ...rest, stream: asked.stream } : rest
  if (who.kind === 'machine') return refuseMachine(await givenOf(server, live, name), who.stream, name, input)
  const read = keyField.safeParse(wanted)
  const { keyed, key } = keyedCall(asked, name, read.success ? read.data : undefined, {
    ...input,
    ...(who.person !== undefined && { as: who.person }),
  })
  if (!read.success) {
    const decided = act(await givenOf(server, live, name), who.person, name, input as never)
    const others = decided.ok ? [] : (decided.mistakes ?? [])
    return refuseInput([{ path: ['key'], kind: 'value', message: read.error.issues[0]?.message ?? '' }, ...others])
  }
  const outcome = await perform(live, server, { name, keyed, person: who.person, input })
  if ('problem' in outcome) return KEY_REUSED
  if ('ok' in outcome)
    return outcome.code === 'who-acts' ? { ...outcome, remedy: `${outcome.remedy ?? ''}. ${asked.nameYourself}` } : outcome
  const { events, said } = outcome
  const claims = name === 'check-in' ? await claimsBeside(live, events[0]?.id ?? '') : []
  return {
    ok: true,
    lines: [
      said === '' ? 'This key was used before: it is on record, and was not recorded again' : `Recorded: ${said}`,
      ...claims.map((one) => `  ${one.name}: ${one.text}`),
    ],
    data: { schemaVersion: 1, said, key, again: said === '', events, claims: claims.length > 0 ? claims : undefined },
  }
}

/** Each claim of a check-in beside what is measured of the same thing, where a number of it is. */
async function claimsBeside(live: LiveProgram, id: string) {
  const event = await live.served.ledger.find(live.id, id)
  if (event?.type !== 'check-in') return []
  const { stream, claims } = event.body
  const { program, record } = live
  const owed = program.streams.find((one) => one.id === stream)?.deliverables ?? []
  return Object.entries(claims).map(([name, claimed]) => {
    const measure = owed.find((one) => one.id === name)?.measure ?? name
    const unit = program.metrics[measure]?.unit
    const measured = record.series.get(seriesKey(stream, measure))?.at(-1)?.value
    const beside = measured === undefined ? 'no number of it is measured yet' : `measured ${formatValue(measured, unit)}`
    return { name, claimed, measured, unit, text: `claimed ${formatValue(claimed, unit)}, ${beside}` }
  })
}
