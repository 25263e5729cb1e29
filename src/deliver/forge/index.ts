import { z } from 'zod'
import type { Dispatch, Sent } from '#core/notify/channel.ts'
import type { Notice } from '#core/notify/notice.ts'
import type { ChannelConfig, Program } from '#core/program/model.ts'
import { Calls, Refused } from '#deliver/forge/calls.ts'
import { github } from '#deliver/forge/github.ts'
import { gitlab } from '#deliver/forge/gitlab.ts'
import type { ForgeWriter, Verdict } from '#deliver/forge/writer.ts'
import { failed, reasonOf } from '#deliver/shared/outcome.ts'
import type { OpenChannel } from '#deliver/ports.ts'
import { openWire } from '#net/exchange.ts'
import { FORGES } from '#net/forge/access.ts'
import { credentialOf } from '#net/forge/credential.ts'
import { ForgeError } from '#net/forge/error.ts'
import { placeOf } from '#net/forge/place.ts'
import { markdownNotice } from '#render/notice/markdown.ts'
import { wordNotice } from '#render/notice/word.ts'

/**
 * How a stream stands, at its pull request: one comment that is edited in place, and the verdict at
 * the commit that was judged. Both are found again by what they are, so doing it twice is doing it once.
 */
export const open: OpenChannel = (config, { environment }) => ({
  async send(dispatch) {
    const { notice, program, signal } = dispatch
    if (notice.kind !== 'status') return failed(`a pull request is told no ${notice.kind}`)
    const access = accessOf(program, config)
    if (!access) return failed(`channel ${config.id}: no source collects from a forge`)
    const placed = placeOf(access, program.repository, environment)
    if (!placed.ok) return failed(placed.reason)
    const { place } = placed
    const wire = openWire(place.isPublic ? 'public' : place.api.startsWith('http:') ? 'loopback' : 'private', ANSWER_SECONDS)
    let secrets: readonly string[] = []
    try {
      const credential = await credentialOf(access, environment, { place, wire, signal })
      const calls = new Calls({ place, credential, wire, signal })
      secrets = credential.secrets()
      const writer = place.forge === 'github' ? github(calls, place.project, credential.isApp) : gitlab(calls, place.project)
      return await tell(writer, dispatch, notice, place.forge)
    } catch (error) {
      if (error instanceof Refused) return { ...error.sent, reason: reasonOf(error.sent.reason, secrets) }
      if (error instanceof ForgeError) return failed(reasonOf(error.message, secrets))
      throw error
    } finally {
      wire.close()
    }
  },
  // Nothing stays open between two messages.
  async close() {},
})

const ANSWER_SECONDS = 20

const access = z.object({
  forge: z.enum(FORGES).optional(),
  project: z.string().optional(),
  url: z.string().optional(),
  token: z.string().optional(),
  app: z
    .object({
      id: z.union([z.string(), z.number()]),
      installation: z.union([z.string(), z.number()]).optional(),
      key: z.string().optional(),
    })
    .optional(),
})

function accessOf(program: Program, config: ChannelConfig) {
  const source = program.sources.find((one) => one.collect === 'forge' && (config.to === undefined || one.id === config.to))
  return source && access.parse(source.options)
}

async function tell(writer: ForgeWriter, dispatch: Dispatch, notice: Notice<'status'>, forge: 'github' | 'gitlab'): Promise<Sent> {
  const { program, config } = dispatch
  const { stream } = notice.data
  const verdict = verdictOf(notice, program)
  if (stream.commit !== null) await writer.verdict(stream.commit, verdict)
  const pull = await writer.pull(stream.branch, program.target)
  if (pull === undefined)
    return stream.commit === null
      ? failed(`${stream.branch} has neither a commit nor a pull request into ${program.target}`)
      : { outcome: 'delivered', reference: `commit ${stream.commit}` }
  const marker = markerOf(program, stream.id)
  const body = `${marker}\n${markdownNotice(wordNotice(notice, program, config), { people: program.people, forge })}`
  const shown = body.length <= MOST_BODY ? body : `${body.slice(0, MOST_BODY - 100)}\n\n… and more than a comment holds.\n`
  // Only the mark says which comment it is: what came before in the thread may be another stream's, at its own pull request.
  // One with our mark that is not ours cannot be edited by us: then the next one is tried, or one is written.
  for (const id of await writer.comments(pull, marker))
    if (await writer.edit(pull, id, shown)) return { outcome: 'delivered', reference: `comment ${id}` }
  return { outcome: 'delivered', reference: `comment ${await writer.comment(pull, shown)}` }
}

/** Longer ones are refused. */
const MOST_BODY = 60_000

/** Not shown, and the first line: what a comment of this program about this stream begins with. */
const markerOf = (program: Program, stream: string): string =>
  `<!-- muster:${encodeURIComponent(program.id)}/${encodeURIComponent(stream)} -->`

function verdictOf({ data }: Notice<'status'>, program: Program): Verdict {
  const { decision, stream, checkpoint } = data
  const state =
    decision.verdict === 'GO' || decision.verdict === 'CONDITIONAL GO'
      ? stream.ready
        ? 'success'
        : 'failure'
      : decision.verdict === 'NO-GO'
        ? 'failure'
        : 'neutral'
  return {
    name: `muster/${program.id}/${checkpoint.id}`.slice(0, 250),
    state,
    title: `${decision.verdict}; ${stream.name} is ${stream.health}${stream.ready ? ' and ready' : ''}`,
    summary: decision.rule,
  }
}
