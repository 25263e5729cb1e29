import type { Program, Verdict, VerdictRule } from '#core/program/model.ts'

export type Fired = Pick<VerdictRule, 'id' | 'title'> & { readonly verdict: Verdict }

export const ALL_MET: Fired = { id: 'all-met', title: 'every critical and supporting criterion is met', verdict: 'GO' }
export const GREEN_NEEDS_EVIDENCE: Fired = {
  id: 'green-needs-evidence',
  title: 'the policy would go on, yet a critical criterion is open or none was judged',
  verdict: 'INCONCLUSIVE',
}

/** Every rule by which a verdict can come about in a program. */
export const verdictRules = ({ policy }: Program): readonly Fired[] => [...policy.verdict, GREEN_NEEDS_EVIDENCE, ALL_MET]
