import { planLanding, waitsFor, type Conflict, type PlanInput, type PlanStream } from '#core/merge/landing.ts'
import type { Probed } from '#core/merge/probe.ts'
import type { LandingPlan, WhatIf } from '#core/merge/radar.ts'

/** What to change about the plan. `depth`: how many folders deep a part is; 1 where absent. */
export type Question =
  | { readonly kind: 'without' | 'first'; readonly stream: string }
  | { readonly kind: 'split'; readonly stream: string; readonly depth?: number }

/**
 * The plan as it would be, and how many conflicts between streams that land, and reworks, there
 * would be more. `plan` is that of the input as it is. A stream that does not land leaves
 * everything as it is.
 */
export function askWhatIf(question: Question, input: PlanInput, plan: LandingPlan, probed: Probed): WhatIf {
  const changed = plan.order.includes(question.stream) ? change(question, input, probed) : input
  const next = changed === input ? plan : planLanding(changed)
  return {
    question: WORDS[question.kind](question.stream),
    pairs: pairsIn(next, changed) - pairsIn(plan, input),
    reworks: next.rework.length - plan.rework.length,
    plan: next,
  }
}

const WORDS = {
  without: (stream: string) => `without ${stream}`,
  first: (stream: string) => `${stream} first`,
  split: (stream: string) => `${stream} split by folder`,
}

function pairsIn(plan: LandingPlan, { conflicts }: PlanInput): number {
  const lands = new Set(plan.order)
  return conflicts.filter(([a, b]) => lands.has(a) && lands.has(b)).length
}

function change(question: Question, input: PlanInput, probed: Probed): PlanInput {
  const { kind, stream } = question
  switch (kind) {
    case 'without':
      // Neither does what depends on it.
      return {
        ...input,
        streams: input.streams.filter((one) => one.id !== stream),
        held: [...(input.held ?? []), { stream, because: 'it is left out' }],
      }
    case 'first': {
      const needed = neededBy(stream, input.streams)
      return {
        ...input,
        streams: input.streams.map((one) => (needed.has(one.id) ? one : { ...one, after: [...new Set([...one.after, stream])] })),
      }
    }
    case 'split':
      return splitByFolder(input, stream, question.depth ?? 1, probed)
  }
}

/** The stream and what must land before it. */
function neededBy(stream: string, streams: readonly PlanStream[]): ReadonlySet<string> {
  const byId = new Map(streams.map((one) => [one.id, one]))
  const needed = new Set([stream])
  for (const id of needed) {
    const one = byId.get(id)
    if (one) for (const other of waitsFor(one)) needed.add(other)
  }
  return needed
}

/**
 * Each folder of its changes becomes a stream `id:folder`, files outside any folder `id:.`. A part
 * conflicts with another stream exactly when files of that pair's conflict lie in its folder, and
 * parts do not conflict with each other; where the files are not known, every part conflicts.
 */
function splitByFolder(input: PlanInput, stream: string, depth: number, probed: Probed): PlanInput {
  const folderOf = (path: string): string => path.split('/').slice(0, -1).slice(0, depth).join('/') || '.'
  const partOf = (path: string): string => `${stream}:${folderOf(path)}`
  const pairs = probed.pairs.filter((one) => one.a === stream || one.b === stream)
  const changes = probed.streams.find((one) => one.id === stream)?.changes ?? []
  const paths = [...changes.map((one) => one.path), ...pairs.flatMap((one) => one.files.map((file) => file.path))]
  const parts = [...new Set(paths.map(partOf))].toSorted()
  if (parts.length === 0) return input
  return {
    ...input,
    streams: input.streams.flatMap((one) =>
      one.id === stream
        ? parts.map((id) => ({ ...one, id }))
        : [{ ...one, after: one.after.flatMap((id) => (id === stream ? parts : [id])) }],
    ),
    conflicts: input.conflicts.flatMap((conflict): readonly Conflict[] => {
      const [a, b, onlyWhenFirst] = conflict
      if (a !== stream && b !== stream) return [conflict]
      const other = a === stream ? b : a
      const files = pairs.find((one) => one.a === other || one.b === other)?.files ?? []
      const hit = files.length === 0 ? parts : [...new Set(files.map((file) => partOf(file.path)))]
      return hit.map((part) => [part, other, onlyWhenFirst === stream ? part : onlyWhenFirst])
    }),
  }
}
