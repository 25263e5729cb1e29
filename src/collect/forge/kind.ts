import { z } from 'zod'
import type { CollectorKind } from '#core/evidence/collector.ts'
import { FORGES } from '#net/forge/access.ts'
import { nameGlobProblem } from '#collect/source-code/name-glob.ts'

const name = z.string().min(1).max(250)
const nameGlob = name.superRefine((pattern, context) => {
  const problem = nameGlobProblem(pattern)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})
const names = z.union([name, z.array(name).min(1).max(50)])

/** Only names of tokens, so that a program file cannot have any other secret sent away. */
const tokenName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,60}TOKEN[A-Z0-9_]{0,60}$/, 'a token is named as its environment variable, with TOKEN in it')
const keyName = z.string().regex(/^[A-Z][A-Z0-9_]{0,60}KEY[A-Z0-9_]{0,60}$/, 'a key is named as its environment variable, with KEY in it')
const id = z.union([z.int().positive(), z.string().regex(/^[A-Za-z0-9.]{1,40}$/)])

export const options = z.strictObject({
  forge: z.enum(FORGES).optional().describe('Which one, where the address of the repository does not tell.'),
  project: z
    .string()
    .regex(/^[\w.-]+(?:\/[\w.-]+){1,20}$/, 'a project is written owner/name')
    .refine((path) => path.split('/').every((part) => part !== '.' && part !== '..'), 'a project is written owner/name')
    .optional()
    .describe('owner/name, or group/subgroup/name; read from the address of the repository unless said.'),
  url: z
    .url()
    .max(500)
    .optional()
    .describe('Address of a forge of your own, such as https://git.example.org; the environment must name it too.'),
  token: tokenName
    .optional()
    .describe(
      'Environment variable that holds the token (or, with _FILE added, the path of a file that does): MUSTER_GITHUB_TOKEN or GITHUB_TOKEN, MUSTER_GITLAB_TOKEN or GITLAB_TOKEN unless said.',
    ),
  app: z
    .strictObject({ id, installation: id.optional(), key: keyName.optional() })
    .optional()
    .describe(
      'GitHub App in place of a token; its private key is in MUSTER_GITHUB_APP_KEY (or _FILE) unless `key` names another variable.',
    ),
  stale: z.literal('accept').optional().describe('Approvals of an older commit count too.'),
  checks: z.array(name).min(1).max(100).optional().describe('Checks that are required; those that the forge requires unless said.'),
  artifacts: z
    .array(nameGlob)
    .min(1)
    .max(50)
    .optional()
    .describe(
      'Globs of what CI uploads at the head of a stream, for sources of report files with `from`: artifacts on GitHub, jobs on GitLab, each a folder of that name. Each glob must find one.',
    ),
  labels: z
    .strictObject({ with: names.optional(), without: names.optional() })
    .optional()
    .describe('Labels that the pull request must bear, and must not bear.'),
  milestone: name.optional().describe('Milestone that the pull request must be in; any unless said.'),
  blockers: z
    .strictObject({ label: names.optional(), query: name.optional() })
    .refine(({ label, query }) => label !== undefined || query !== undefined, 'blockers are found by label, query or both')
    .optional()
    .describe('Open issues that block: those with all of these labels, found by this search, or both.'),
})

export type ForgeOptions = z.infer<typeof options>

export const kind = {
  kind: 'forge',
  title: 'Pull request, reviews, checks and issues on GitHub or GitLab',
  options,
  boundToTree: true,
  metrics: {
    exists: { unit: 'boolean', better: 'higher', title: 'the branch has a pull request into the target', boundToTree: false },
    open: { unit: 'boolean', better: 'none', title: 'the pull request is open', boundToTree: false },
    merged: { unit: 'boolean', better: 'higher', title: 'the pull request is merged, and nothing was pushed since', boundToTree: false },
    draft: { unit: 'boolean', better: 'lower', title: 'the pull request is a draft', boundToTree: false },
    mergeable: { unit: 'boolean', better: 'higher', title: 'the forge would merge it as it stands' },
    approvals: { unit: 'count', better: 'higher', title: 'people who approve the head' },
    'approvals.required': { unit: 'count', better: 'higher', title: 'of the stream’s reviewers, those who approve the head' },
    'approvals.missing': { unit: 'count', better: 'lower', title: 'of the stream’s reviewers, those who do not approve the head' },
    'changes.requested': { unit: 'count', better: 'lower', title: 'people whose request for changes still stands' },
    'conversations.open': { unit: 'count', better: 'lower', title: 'unresolved conversations' },
    'review.age': { unit: 'seconds', better: 'lower', title: 'how long the head has waited for a review; 0 once it has one' },
    'checks.passed': { unit: 'count', better: 'higher', title: 'required checks that passed at the head' },
    'checks.failed': { unit: 'count', better: 'lower', title: 'required checks that failed at the head' },
    'checks.pending': { unit: 'count', better: 'lower', title: 'required checks that still run at the head' },
    'checks.missing': {
      unit: 'count',
      better: 'lower',
      title: 'required checks without a result at the head: not reported, skipped, cancelled',
    },
    'checks.ratio': { unit: 'ratio', better: 'higher', title: 'required checks that passed at the head, of all' },
    'labels.wrong': { unit: 'count', better: 'lower', title: 'labels that it lacks or ought not to bear', boundToTree: false },
    milestone: { unit: 'boolean', better: 'higher', title: 'it is in the milestone', boundToTree: false },
    'issues.linked': { unit: 'count', better: 'higher', title: 'issues that it closes', boundToTree: false },
    'issues.open': { unit: 'count', better: 'lower', title: 'issues that it closes and that are still open', boundToTree: false },
    blockers: { unit: 'count', better: 'lower', title: 'open issues that block', boundToTree: false },
  },
} as const satisfies CollectorKind

export type FactName = keyof (typeof kind)['metrics']
