import { z } from 'zod'
import type { ConflictFile, Lines } from '#core/merge/probe.ts'
import type { Radar } from '#core/merge/radar.ts'
import { formatZoned } from '#core/schedule/time.ts'
import { kindWords, list } from '#render/radar/words.ts'
import { short } from '#render/words.ts'
import { meantStream, streamField } from '#server/mcp/meant.ts'
import { READS, tool, type Asked } from '#server/mcp/tool.ts'
import { quoted } from '#server/mcp/words.ts'

/** A look takes a second or few; behind a check that runs it would take as long as that, and there may be one from before. */
const LOOK_SECONDS = 20
/** The first look is waited for as long as clients wait. */
const FIRST_LOOK_SECONDS = 50

export const radar = tool({
  name: 'radar',
  title: 'Which branches collide',
  description:
    'Which branches conflict with yours once they land, in which files and since which commits, who must rework, and the order to merge in. Looks at what is committed now; nothing is written into the repository.',
  input: z.strictObject({ stream: streamField }),
  annotations: { ...READS, openWorldHint: true },
  run: async (asked, input) => {
    const meant = meantStream(asked, input.stream)
    if (!meant.ok) return meant
    const fault = await look(asked)
    const found = await asked.live.served.radar()
    if (!found)
      return {
        ok: false,
        code: 'no-radar',
        message: `the branches were not looked at yet${fault === undefined ? '' : `: ${fault}`}`,
        remedy: 'Ask again in a moment.',
      }
    const shown = aboutOne(found, meant.stream?.id)
    return {
      ok: true,
      lines: [
        ...radarLines(found, shown, asked.live.program.calendar.zone),
        ...(fault === undefined ? [] : [`This look is not new: ${fault}`]),
      ],
      data: { ...shown, stale: fault },
    }
  },
})

/** Looks anew where the caller may ask for that, as the API holds it; why the last look is all there is. */
async function look({ jobs, live, newId, who, signal }: Asked): Promise<string | undefined> {
  if (who.kind === 'machine') return 'a token of a stream reads the last one'
  // One look that waits will see what is there by then.
  const waiting = jobs.list().find((one) => one.kind === 'radar' && one.state === 'waiting')
  const started =
    waiting ??
    jobs.start({ id: `mcp:${newId()}`, kind: 'radar' }, async () => {
      await live.served.look()
      live.changed()
    })
  if (!started) return 'too much is waiting already'
  const seconds = (await live.served.radar()) ? LOOK_SECONDS : FIRST_LOOK_SECONDS
  const job = await jobs.ended(started.id, AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]))
  if (job?.state === 'done') return undefined
  return job?.reason ?? 'a check runs, and a new one waits for it'
}

/** The names are those of `muster radar --format json`; pairs that are not listed are clean. */
function aboutOne(found: Radar, stream: string | undefined) {
  const { schemaVersion, at, target, streams, pairs, plan, trespasses, surprises, exitCode } = found
  const mine = stream === undefined ? pairs : pairs.filter(({ a, b }) => a === stream || b === stream)
  const shown = new Set(stream === undefined ? streams.map((one) => one.id) : [stream, ...mine.flatMap(({ a, b }) => [a, b])])
  return {
    schemaVersion,
    exitCode,
    at,
    stream,
    target,
    streams: streams
      .filter((one) => shown.has(one.id))
      .map(({ id, name, branch, lead, commit, state, reason, ahead, files }) => ({
        id,
        name,
        branch,
        lead,
        commit,
        state,
        reason,
        ahead,
        files: files.map(fileOf),
      })),
    pairs: mine.map(({ a, b, verdict, reason, onlyWhenFirst, files, owners }) => ({
      a,
      b,
      verdict,
      reason,
      onlyWhenFirst,
      files: files.map(fileOf),
      owners,
    })),
    order: plan.order,
    waves: plan.waves,
    rework: plan.rework.filter((one) => stream === undefined || one.stream === stream || one.because.includes(stream)),
    held: plan.held,
    trespasses: trespasses.filter((one) => stream === undefined || one.stream === stream || one.owner === stream),
    surprises: surprises.filter((one) => stream === undefined || one.stream === stream || one.after.includes(stream)),
  }
}

const fileOf = ({ path, kind, detail, hunks, since }: ConflictFile): ConflictFile => ({
  path,
  kind,
  ...(detail !== undefined && { detail }),
  ...(hunks && { hunks: hunks.map(({ base, a, b }) => ({ base: withoutText(base), a: withoutText(a), b: withoutText(b) })) }),
  ...(since && { since }),
})

const withoutText = ({ line, count }: Lines): Lines => ({ line, count })

function radarLines(found: Radar, shown: ReturnType<typeof aboutOne>, zone: string): readonly string[] {
  const { target, streams, pairs, order, waves, rework, held, trespasses } = shown
  const whose = shown.stream === undefined ? 'No two streams collide' : `${shown.stream} collides with no other stream`
  return [
    `Looked at ${formatZoned(found.at, zone)}, onto ${target.branch} at ${short(target.commit)}`,
    ...streams
      .filter((one) => one.state !== 'clean' || one.id === shown.stream)
      .map((one) => {
        const on =
          one.state === 'conflicted'
            ? `conflicts with ${target.branch} in ${list(
                one.files.map(({ path }) => path),
                MOST_NAMED,
              )}`
            : one.state
        return `${one.id} at ${short(one.commit)}: ${on}${one.reason === undefined ? '' : `, ${one.reason}`}`
      }),
    ...(pairs.length === 0 ? [whose] : pairs.flatMap(pairLines)),
    ...(waves.length === 0 ? [] : [`Order to land: ${order.join(', ')} (waves: ${waves.map((one) => one.join(' + ')).join('; ')})`]),
    ...rework.map((one) => `${one.stream} must rebase and solve conflicts once these have landed: ${one.because.join(', ')}`),
    ...held.map((one) => `${one.stream} is held: ${one.because}`),
    ...trespasses.map(
      (one) =>
        `${one.stream} changes ${one.path}, which is ${one.owner}'s alone${one.allowed === undefined ? '' : `; allowed: ${quoted(one.allowed)}`}`,
    ),
  ]
}

const MOST_NAMED = 5

const pairLines = ({ a, b, verdict, reason, onlyWhenFirst, files }: ReturnType<typeof aboutOne>['pairs'][number]): readonly string[] => [
  `${a} × ${b}: ${verdict}${reason === undefined ? '' : `, ${reason}`}${onlyWhenFirst === undefined ? '' : `, only when ${onlyWhenFirst} lands first`}`,
  ...files.map((file) => {
    const since = [file.since?.a, file.since?.b].flatMap((one) => (one ? [`${short(one.commit)} ${quoted(one.subject)}`] : []))
    return `  ${file.path} (${kindWords(file)})${since.length === 0 ? '' : `, since ${since.join(' and ')}`}`
  }),
]
