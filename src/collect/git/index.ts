import { createHash } from 'node:crypto'
import {
  type Change,
  type CollectContext,
  type Collector,
  type CollectRequest,
  type CommitInfo,
  type Fact,
  type Repository,
  RepositoryError,
} from '#core/evidence/collector.ts'
import { streamSubject, type SubjectState } from '#core/evidence/evidence.ts'
import { matcher } from '#core/evidence/glob.ts'
import { squashOf } from '#core/evidence/squash.ts'
import { attributeRemarks } from './attributes.ts'
import { type FactName, observed, shown, SOURCE } from './fact.ts'
import { entriesOf, type Fork, forkOf, lackingIn } from './fork.ts'
import { type GitOptions, kind, options as optionsSchema } from './kind.ts'
import { lineFacts } from './line-facts.ts'
import { notInTarget, secondsSince, sharedPaths, touchedPaths } from './measure.ts'

type Present = Extract<SubjectState, { state: 'present' }>

export const collector: Collector = {
  async collect(request, context) {
    const { state } = request
    if (state.state === 'unavailable') return allBut([], 'errored', state.reason)
    if (state.state !== 'present')
      return [observed('exists', false, { reason: state.reason }), ...allBut(['exists'], 'missing', state.reason)]
    try {
      return await facts(request, state, context)
    } catch (error) {
      if (!(error instanceof RepositoryError || error instanceof RangeError)) throw error
      return [observed('exists', true), ...allBut(['exists'], 'errored', error.message)]
    }
  },
}

/** Where the work of a branch begins, and what became of it in the target. */
const facts = async (request: CollectRequest, head: Present, context: CollectContext): Promise<readonly Fact[]> => {
  const { repository, target, signal } = context
  const options = optionsSchema.parse(request.options)
  const exists = observed('exists', true, {
    ...(head.deleted && { reason: `it is deleted; where it was recorded last, ${head.commit.slice(0, 12)}, is in the target` }),
  })
  if (head.deleted && (await repository.read([head.commit]))[0] === undefined) {
    const merged = observed('merged', true, { reason: 'squashed or rebased, as is on record from before git forgot its commits' })
    return [exists, merged, ...allBut(['exists', 'merged'], 'missing', 'git has forgotten the commits of the deleted branch')]
  }
  if (request.subject === 'program')
    return [
      exists,
      idleFact(head, [], context.at),
      ...allBut(['exists', 'idle'], 'missing', 'this is about streams, not about the program'),
    ]
  if (target.state !== 'present') {
    return [
      exists,
      idleFact(head, [], context.at),
      ...allBut(['exists', 'idle'], 'missing', `there is no target to compare with: ${target.reason}`),
    ]
  }
  const fork = await forkOf(repository, head.commit, target.commit)
  if (fork.how === 'unrelated') {
    const reason = 'the branch shares no commit with the target; where the clone is shallow, fetch the whole history'
    return [exists, idleFact(head, [], context.at), ...allBut(['exists', 'idle'], 'missing', reason)]
  }
  signal.throwIfAborted()
  const chosen = chosenFiles(options, context.streams.find(({ id }) => streamSubject(id) === request.subject)?.paths ?? [])
  const [own, behind, lines] = await Promise.all([
    repository.commits(fork.base, head.commit),
    lackingIn(repository, head.commit, target.commit),
    repository.changedLines(fork.base, head.commit),
  ])
  const changes = await repository.changes(fork.base, head.commit)
  signal.throwIfAborted()
  const touched = changes.filter((change) => touchedPaths([change]).some(chosen))
  const onOwnLine =
    fork.how === 'own-line'
      ? { reason: "the head lies on the target's own line: the branch has not begun, or was fast-forwarded into it" }
      : {}
  const sha256 = digestOf(fork.base, head, target, changes)
  const found = [
    exists,
    observed('commits', own.length, {
      ...onOwnLine,
      details: own.slice(0, 20).map(({ commit, subject }) => shown(`${commit.slice(0, 12)} ${subject}`)),
    }),
    ...(await lineFacts(repository, lines, touched, chosen, options, signal)),
    await filesFact(repository, head, touched, onOwnLine.reason),
    testsFact(touched, options),
    await sharedFact(request, context, target, touchedPaths(touched).filter(chosen)),
    await mergedFact(repository, { fork, head, target }, changes),
    idleFact(head, own, context.at),
    observed('behind', behind.length),
  ]
  return found.map((fact) => ({ ...fact, sha256 }))
}

/** Of what the facts were counted from: the commits compared, and every change by its object ids. */
const digestOf = (base: string, head: Present, target: Present, changes: readonly Change[]): string => {
  const hash = createHash('sha256').update(`${base} ${head.commit} ${target.commit}\n`)
  for (const { status, path, from, oldOid, newOid, mode } of changes)
    hash.update(`${JSON.stringify([status, path, from ?? null, oldOid, newOid, mode])}\n`)
  return hash.digest('hex')
}

const chosenFiles = (options: GitOptions, streamPaths: readonly string[]): ((path: string) => boolean) => {
  const patterns = options.paths ?? streamPaths
  const isIncluded = patterns.length === 0 ? () => true : matcher(patterns)
  const isExcluded = matcher(options.exclude)
  return (path) => isIncluded(path) && !isExcluded(path)
}

/** Attribute files are only looked at, and only the first of them: no count follows them. */
const MOST_ATTRIBUTE_FILES = 50
const LARGEST_ATTRIBUTE_FILE = 100_000

const filesFact = async (
  repository: Repository,
  head: Present,
  touched: readonly Change[],
  onOwnLine: string | undefined,
): Promise<Fact> => {
  const entries = (await entriesOf(repository, head.tree)).filter(
    ({ path, mode, size }) =>
      (path === '.gitattributes' || path.endsWith('/.gitattributes')) && mode.startsWith('100') && size <= LARGEST_ATTRIBUTE_FILE,
  )
  const looked = entries.slice(0, MOST_ATTRIBUTE_FILES)
  const contents = await repository.read(looked.map(({ oid }) => oid))
  const remarks = looked.flatMap(({ path }, index) => attributeRemarks(path, new TextDecoder().decode(contents[index] ?? new Uint8Array())))
  const reasons = [
    ...(onOwnLine === undefined ? [] : [onOwnLine]),
    ...(remarks.length === 0
      ? []
      : [
          `attributes in the tree say how others merge, show or filter files; no count follows them (${shown(remarks.slice(0, 3).join('; '))})`,
        ]),
  ]
  return observed('files', touched.length, {
    ...(reasons.length === 0 ? {} : { reason: reasons.join('; ') }),
    details: [...remarks.slice(0, 10).map(shown), ...touched.map(described)].slice(0, 20),
  })
}

const described = ({ status, path, from }: Change): string =>
  from === undefined ? `${status} ${shown(path)}` : `${status} ${shown(from)} -> ${shown(path)}`

/** A deleted test is no test touched: it is said beside the count. */
const testsFact = (touched: readonly Change[], options: GitOptions): Fact => {
  const isTest = matcher(options.tests)
  const deleted = touched.filter(({ status, path }) => status === 'deleted' && isTest(path))
  const kept = touched.filter(({ status, path }) => status !== 'deleted' && isTest(path))
  return observed('tests', kept.length, {
    ...(deleted.length === 0 ? {} : { reason: `${deleted.length} more ${deleted.length === 1 ? 'was' : 'were'} deleted` }),
    details: [...deleted, ...kept].slice(0, 20).map(described),
  })
}

const sharedFact = async (request: CollectRequest, context: CollectContext, target: Present, own: readonly string[]): Promise<Fact> => {
  const others: { id: string; paths: ReadonlySet<string> }[] = []
  const absent: string[] = []
  const unrelated: string[] = []
  for (const { id, state } of context.streams) {
    if (streamSubject(id) === request.subject) continue
    if (state.state !== 'present') {
      absent.push(id)
      continue
    }
    const fork = await forkOf(context.repository, state.commit, target.commit)
    if (fork.how === 'unrelated') unrelated.push(id)
    else others.push({ id, paths: new Set(touchedPaths(await context.repository.changes(fork.base, state.commit))) })
    context.signal.throwIfAborted()
  }
  const shared = sharedPaths(own, others)
  const details = shared.slice(0, 20).map(({ path, streams }) => `${shown(path)}: ${streams.join(', ')}`)
  if (unrelated.length > 0) {
    return {
      name: 'shared',
      status: 'inconclusive',
      source: SOURCE,
      reason: `${unrelated.join(', ')} cannot be compared: no commit shared with the target`,
      details,
    }
  }
  return observed('shared', shared.length, {
    ...(absent.length === 0 ? {} : { reason: `without ${absent.join(', ')}, whose branch is absent` }),
    details,
  })
}

const mergedFact = async (
  repository: Repository,
  { fork, head, target }: { readonly fork: Exclude<Fork, { how: 'unrelated' }>; readonly head: Present; readonly target: Present },
  changes: readonly Change[],
): Promise<Fact> => {
  if (fork.how === 'merged') return observed('merged', true, { reason: `merged by ${fork.by.slice(0, 12)}` })
  if (fork.how === 'own-line') {
    // It counts as deleted, and not as gone, because commits of its own were on record.
    if (head.deleted) return observed('merged', true, { reason: 'fast-forwarded: its commits are on the own line of the target' })
    return unproved(
      "the head lies on the target's own line, with no commit of the branch beside it: it was fast-forwarded, or has not begun",
    )
  }
  if (changes.length === 0) return unproved('the commits of the branch change nothing, so nothing shows whether they were merged')
  const left = notInTarget(changes, await entriesOf(repository, target.tree))
  if (left.length === 0) {
    return observed('merged', true, { reason: 'squashed or rebased: every file the branch touches is in the target as the branch left it' })
  }
  const squashed = await squashOf(repository, head.commit, target.commit)
  if (squashed) {
    const at = squashed.commit.slice(0, 12)
    if (squashed.isTakenBack)
      return observed('merged', false, { reason: `it was squashed or rebased into the target by ${at}, and taken back since` })
    return observed('merged', true, {
      reason: `squashed or rebased: every file the branch touches stood in the target as the branch left it, as of ${at}`,
    })
  }
  return observed('merged', false, {
    reason: `${left.length} of ${changes.length} touched files ${left.length === 1 ? 'is' : 'are'} not in the target as the branch left them`,
    details: left.slice(0, 20).map(shown),
  })
}

const unproved = (reason: string): Fact => ({ name: 'merged', status: 'inconclusive', source: SOURCE, reason })

const idleFact = (head: Present, own: readonly CommitInfo[], at: string): Fact => {
  const seconds = secondsSince([head.committedAt, ...own.map(({ committedAt }) => committedAt)], at)
  return seconds < 0 ? observed('idle', 0, { reason: `the last commit is dated ${-seconds} s after the check` }) : observed('idle', seconds)
}

const allBut = (names: readonly FactName[], status: 'missing' | 'errored', reason: string): readonly Fact[] =>
  Object.keys(kind.metrics)
    .filter((name) => !names.some((taken) => taken === name))
    .map((name) => ({ name, status, source: SOURCE, reason }))
