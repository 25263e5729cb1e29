import type { Fact } from '#core/evidence/collector.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import type { Person, Program, Stream } from '#core/program/model.ts'
import type { ForgeName } from '#net/forge/access.ts'
import type { FactName, ForgeOptions } from './kind.ts'
import type { Asked, Check, CheckResult, Conversation, Issue, Merging, PullRequest, RequiredCheck, Review } from './model.ts'

/** A fact before it is said where it was read and which commit it is about. */
export type Finding = Pick<Fact, 'status' | 'value' | 'reason' | 'details'> & { readonly name: FactName }

const MAX_DETAILS = 20
const MAX_TEXT = 300

/** What others wrote, on one line and no longer than it is read. */
function shown(text: string): string {
  const line = plainText(text).replaceAll('\n', ' ')
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT - 1)}…` : line
}

interface Remarks {
  readonly reason?: string | undefined
  readonly details?: readonly string[]
}

const remarks = ({ reason, details = [] }: Remarks): Pick<Finding, 'reason' | 'details'> => ({
  ...(reason !== undefined && { reason: shown(reason) }),
  ...(details.length > 0 && {
    details: (details.length > MAX_DETAILS
      ? [...details.slice(0, MAX_DETAILS - 1), `and ${details.length - MAX_DETAILS + 1} more`]
      : details
    ).map(shown),
  }),
})

const observed = (name: FactName, value: number | boolean, more: Remarks = {}): Finding => ({
  name,
  status: 'observed',
  value,
  ...remarks(more),
})

/** The same status and reason for each of these facts. */
export const without = (names: readonly FactName[], status: 'missing' | 'errored' | 'inconclusive', reason: string): readonly Finding[] =>
  names.map((name) => ({ name, status, ...remarks({ reason }) }))

const short = (commit: string): string => commit.slice(0, 12)

/**
 * The pull request that stands for the branch: the open one into the target, else the newest into
 * it. `others`: what goes elsewhere, in words.
 */
export function choosePull(
  pulls: readonly PullRequest[],
  target: string,
): { readonly pull: PullRequest | undefined; readonly others: readonly string[] } {
  const into = pulls.filter(({ base }) => base === target)
  const others = pulls.filter(({ base }) => base !== target).map(({ name, base, state }) => `${name} goes into ${base} (${state})`)
  return { pull: into.find(({ state }) => state === 'open') ?? into[0], others }
}

export const noPull = (reason: string): Finding => observed('exists', false, { reason })

export function pullFindings(pull: PullRequest, options: ForgeOptions, branchHead: string | undefined): readonly Finding[] {
  const details = [`${pull.name} ${pull.url}`]
  const isLeftBehind = pull.state === 'merged' && branchHead !== undefined && branchHead !== pull.head
  return [
    observed('exists', true, { details }),
    observed('open', pull.state === 'open', { reason: `it is ${pull.state}`, details }),
    observed('merged', pull.state === 'merged' && !isLeftBehind, {
      reason: isLeftBehind ? `merged at ${short(pull.head)}, and the branch is at ${short(branchHead)}` : `it is ${pull.state}`,
      details,
    }),
    observed('draft', pull.draft, { details }),
    labelFinding(pull, options),
    milestoneFinding(pull, options),
  ]
}

export const listOf = (names: string | readonly string[] | undefined): readonly string[] =>
  names === undefined ? [] : typeof names === 'string' ? [names] : names

const fold = (text: string): string => text.toLowerCase()

function labelFinding({ labels }: PullRequest, options: ForgeOptions): Finding {
  if (!options.labels)
    return { name: 'labels.wrong', status: 'missing', reason: 'the source names no labels: add labels: { with: [...], without: [...] }' }
  const borne = new Set(labels.map(fold))
  const lacking = listOf(options.labels.with).filter((label) => !borne.has(fold(label)))
  const unwanted = listOf(options.labels.without).filter((label) => borne.has(fold(label)))
  const details = [...lacking.map((label) => `${label}: it lacks it`), ...unwanted.map((label) => `${label}: it bears it`)]
  return observed('labels.wrong', details.length, { details })
}

function milestoneFinding({ milestone }: PullRequest, { milestone: wanted }: ForgeOptions): Finding {
  const reason = milestone === undefined ? 'it is in no milestone' : `it is in ${milestone}`
  return observed('milestone', wanted === undefined ? milestone !== undefined : milestone === wanted, { reason })
}

export const mergingFinding = ({ will, says }: Merging): Finding =>
  will === undefined
    ? { name: 'mergeable', status: 'inconclusive', ...remarks({ reason: `the forge has not worked it out yet (${says})` }) }
    : observed('mergeable', will, { reason: says })

/** The last word of each person, without the author: nobody reviews themselves. */
function lastWords(reviews: readonly Review[], { author }: PullRequest): readonly Review[] {
  const decisive = reviews.filter(({ says, by }) => says !== 'comments' && fold(by) !== fold(author))
  return [...new Map(decisive.map((one) => [fold(one.by), one])).values()]
}

const ofReview = ({ by, says, commit }: Review, { head }: PullRequest): string =>
  commit === head
    ? `${by} ${says}`
    : `${by} ${says}, of ${commit === undefined ? 'a commit that the forge does not tell' : `the older commit ${short(commit)}`}`

const NOT_COUNTED: Readonly<Record<Review['who'], string>> = { person: '', bot: ' (a bot)', outsider: ' (without a voice in the project)' }

/** Who has to approve: a person, or anyone who holds a role. */
interface Reviewer {
  /** Person or role, as the program calls it. */
  readonly id: string
  /** User names on the forge. */
  readonly handles: readonly string[]
}

export function reviewersOf(program: Pick<Program, 'people'>, stream: Pick<Stream, 'reviewers'>, forge: ForgeName): readonly Reviewer[] {
  const handle = (person: Person): readonly string[] => {
    const name = person[forge]?.trim().replace(/^@/, '')
    return name === undefined || name === '' ? [] : [fold(name)]
  }
  return stream.reviewers.map((id) => ({
    id,
    handles: program.people.filter((person) => person.id === id || person.roles.includes(id)).flatMap(handle),
  }))
}

export function reviewFindings(
  reviews: readonly Review[],
  pull: PullRequest,
  reviewers: readonly Reviewer[],
  stale: ForgeOptions['stale'],
): readonly Finding[] {
  const words = lastWords(reviews, pull)
  const approving = words.filter(({ says, who }) => says === 'approves' && who === 'person')
  const counted = approving.filter(({ commit }) => commit === pull.head || stale === 'accept')
  const older = approving.length - counted.length
  const requesting = words.filter(({ says, who }) => says === 'requests changes' && who !== 'outsider')
  const details = words.map((one) => `${ofReview(one, pull)}${NOT_COUNTED[one.who]}`)
  return [
    observed('approvals', counted.length, {
      reason: older === 0 ? undefined : `${older} more approve an older commit than the head ${short(pull.head)}`,
      details,
    }),
    ...requiredFindings(counted, reviewers, details),
    observed('changes.requested', requesting.length, { details: requesting.map((one) => ofReview(one, pull)) }),
  ]
}

function requiredFindings(counted: readonly Review[], reviewers: readonly Reviewer[], details: readonly string[]): readonly Finding[] {
  if (reviewers.length === 0)
    return without(['approvals.required', 'approvals.missing'], 'missing', 'the stream names no reviewers: add reviewers: to it')
  const approved = new Set(counted.map(({ by }) => fold(by)))
  const lacking = reviewers.filter(({ handles }) => !handles.some((handle) => approved.has(handle)))
  const gaps = lacking.map(({ id, handles }) =>
    handles.length === 0
      ? `${id}: the program does not say who that is on the forge`
      : `${id} (${handles.join(', ')}): no approval of the head`,
  )
  return [
    observed('approvals.required', reviewers.length - lacking.length, {
      reason: `${reviewers.length - lacking.length} of ${reviewers.length}`,
      details,
    }),
    observed('approvals.missing', lacking.length, { reason: `${lacking.length} of ${reviewers.length}`, details: gaps }),
  ]
}

const unknownAge = (reason: string): Finding => ({ name: 'review.age', status: 'inconclusive', ...remarks({ reason }) })

/** Whether the head waits at all. A comment on it ends the waiting; the author's own and a bot's do not. */
export function settledAge(reviews: readonly Review[], pull: PullRequest): Finding | undefined {
  const reading = reviews.find(({ by, who, commit }) => who === 'person' && commit === pull.head && fold(by) !== fold(pull.author))
  if (reading) return observed('review.age', 0, { reason: `${reading.by} has reviewed the head` })
  if (pull.state !== 'open') return unknownAge(`it is ${pull.state}, and nobody reviewed its last commit`)
  return pull.draft ? unknownAge('it is a draft, so nobody is asked to review it') : undefined
}

/** How long the head has waited: from its push, or from the first time after that when a review was asked for. */
export function waitingAge({ pushedAt, askedAt }: Asked, at: string): Finding {
  const pushed = Date.parse(pushedAt)
  const first = askedAt
    .map(Date.parse)
    .filter((time) => time >= pushed)
    .toSorted((a, b) => a - b)[0]
  const seconds = (Date.parse(at) - (first ?? pushed)) / 1_000
  if (!Number.isFinite(seconds)) return unknownAge(`the forge gives ${pushedAt} as the time of the push, which is no time`)
  if (seconds < 0) return unknownAge(`the head is said to be of ${pushedAt}, which lies after the time of the check`)
  return observed('review.age', seconds, {
    reason: first === undefined ? `pushed at ${pushedAt}` : `asked for at ${new Date(first).toISOString()}`,
  })
}

export const conversationFinding = (open: readonly Conversation[]): Finding =>
  observed('conversations.open', open.length, { details: open.map(({ by, where, url }) => `${by} at ${where}: ${url}`) })

/** The worst comes first: where one name was reported several times, all of them must pass. */
const WORST: readonly CheckResult[] = ['failed', 'pending', 'none', 'passed']

interface Judged {
  readonly name: string
  readonly result: CheckResult
  readonly says: string
}

function judgeCheck({ name, app }: RequiredCheck, checks: readonly Check[]): Judged {
  const named = checks.filter((one) => one.name === name)
  const own = named.filter((one) => app === undefined || one.app === app)
  const [worst] = own.toSorted((a, b) => WORST.indexOf(a.result) - WORST.indexOf(b.result))
  if (worst) return { name, result: worst.result, says: `${worst.says}${worst.url === undefined ? '' : ` ${worst.url}`}` }
  return { name, result: 'none', says: named.length > 0 ? `reported, but not by app ${app} that has to` : 'not reported' }
}

/** Never green before everything that is required has a result: what is still open may yet fail. */
export function checkFindings(required: readonly RequiredCheck[], checks: readonly Check[]): readonly Finding[] {
  if (required.length === 0) {
    const reason = 'nothing says which checks are required: the forge requires none, and the source names none under checks:'
    return without(CHECK_FACTS, 'missing', reason)
  }
  const judged = required.map((one) => judgeCheck(one, checks))
  const of = (result: CheckResult): readonly Judged[] => judged.filter((one) => one.result === result)
  const details = (some: readonly Judged[]): Remarks => ({ details: some.map(({ name, says }) => `${name}: ${says}`) })
  const [passed, failed, pending, none] = [of('passed'), of('failed'), of('pending'), of('none')]
  const open = [...pending, ...none]
  const isOpen = failed.length === 0 && open.length > 0
  const undecided = remarks({ reason: `${open.length} of ${judged.length} required checks have no result at the head`, ...details(open) })
  return [
    observed('checks.passed', passed.length, details(passed)),
    isOpen ? { name: 'checks.failed', status: 'missing', ...undecided } : observed('checks.failed', failed.length, details(failed)),
    observed('checks.pending', pending.length, details(pending)),
    observed('checks.missing', none.length, details(none)),
    isOpen
      ? { name: 'checks.ratio', status: 'missing', ...undecided }
      : observed('checks.ratio', passed.length / judged.length, {
          reason: `${passed.length} of ${judged.length}`,
          ...details([...failed, ...open]),
        }),
  ]
}

export const CHECK_FACTS = [
  'checks.passed',
  'checks.failed',
  'checks.pending',
  'checks.missing',
  'checks.ratio',
] as const satisfies readonly FactName[]

const ofIssue = ({ name, title, url }: Issue): string => `${name} ${title}: ${url}`

export function linkedFindings(issues: readonly Issue[]): readonly Finding[] {
  const open = issues.filter((one) => one.open)
  return [
    observed('issues.linked', issues.length, { details: issues.map(ofIssue) }),
    issues.length === 0
      ? { name: 'issues.open', status: 'inconclusive', reason: 'it closes no issue, and 0 of 0 proves nothing' }
      : observed('issues.open', open.length, { details: open.map(ofIssue) }),
  ]
}

export const blockerFinding = (issues: readonly Issue[]): Finding => observed('blockers', issues.length, { details: issues.map(ofIssue) })
