import type { CheckReport } from '#core/decide/report.ts'
import type { Explanation } from '#core/evaluate/model.ts'

/** The report as people read it: names in place of the ids that decisions and records use. */
export function withNames(report: CheckReport): CheckReport {
  const name = (id: string): string => (Object.hasOwn(report.people, id) ? (report.people[id] ?? id) : id)
  const names = (ids: readonly string[]): string[] => ids.map(name)
  const explained = (one: Explanation): Explanation => ({
    ...one,
    ...(one.flip && { flip: { ...one.flip, who: names(one.flip.who) } }),
    ...(one.claim && { claim: { ...one.claim, by: name(one.claim.by) } }),
    children: one.children.map(explained),
  })
  const criteria = report.criteria.map((one) => ({ ...one, explanation: explained(one.explanation) }))
  const { decision } = report
  return {
    ...report,
    checkpoint: {
      ...report.checkpoint,
      ...(report.checkpoint.moved && { moved: { ...report.checkpoint.moved, by: name(report.checkpoint.moved.by) } }),
    },
    criteria,
    streams: report.streams.map((stream) => ({
      ...stream,
      criteria: criteria.filter((one) => one.subject === `stream:${stream.id}`),
      blockers: stream.blockers.map((one) => ({ ...one, owner: name(one.owner) })),
      ...(stream.checkIn && { checkIn: { ...stream.checkIn, actor: name(stream.checkIn.actor) } }),
      ...(stream.matrix && {
        matrix: {
          ...stream.matrix,
          ...(stream.matrix.escalateTo !== undefined && { escalateTo: name(stream.matrix.escalateTo) }),
          ...(stream.matrix.chosen && { chosen: { ...stream.matrix.chosen, by: name(stream.matrix.chosen.by) } }),
        },
      }),
    })),
    decision: {
      ...decision,
      ...(decision.override && { override: { ...decision.override, by: name(decision.override.by) } }),
      against: decision.against.map((one) => ({ ...one, who: names(one.who) })),
      conditions: decision.conditions.map((one) => ({ ...one, owner: name(one.owner) })),
      escalations: decision.escalations.map((one) => ({ ...one, owner: name(one.owner), escalateTo: name(one.escalateTo) })),
      signOffs: decision.signOffs.map((one) => ({
        ...one,
        approved: names(one.approved),
        refused: names(one.refused),
        waitingFor: names(one.waitingFor),
      })),
    },
  }
}
