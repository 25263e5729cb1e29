import type { CollectContext, Collector, CollectRequest, Fact } from '#core/evidence/collector.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import type { Stream } from '#core/program/model.ts'
import { fetchArtifacts } from './artifacts.ts'
import type { Part, Pause } from './client.ts'
import * as facts from './facts.ts'
import type { Finding } from './facts.ts'
import { kind, options as optionsSchema, type FactName, type ForgeOptions } from './kind.ts'
import { ForgeError } from '#net/forge/error.ts'
import type { PullRequest } from './model.ts'
import { onForge, pauseFor, type Opened } from './open.ts'

export { kind } from './kind.ts'

/** `pause` waits between tries; tests pass one that does not. */
export const createCollector = (pause: Pause): Collector => ({
  collect: (request, context) => collect(request, context, pause),
  artifacts: (request, context) => fetchArtifacts(request, context, pause),
})

export const collector = createCollector(pauseFor)

const ALL = Object.keys(kind.metrics) as FactName[]

async function collect(request: CollectRequest, context: CollectContext, pause: Pause): Promise<readonly Fact[]> {
  const options = optionsSchema.parse(request.options)
  const { environment, cacheFolder, signal } = context
  const asked = { options, repository: context.program.repository, environment, cacheFolder, signal, pause }
  const brought = await onForge(asked, async (opened) => {
    const all = await new Asking({ request, context, options, opened }).all()
    return all.map((fact) => ({
      ...fact,
      ...(fact.reason !== undefined && { reason: opened.hide(fact.reason) }),
      ...(fact.details && { details: fact.details.map(opened.hide) }),
    }))
  })
  if (brought.ok) return brought.value
  return facts.without(ALL, brought.status, brought.reason).map((finding) => ({ ...finding, source: brought.source }))
}

interface Given {
  readonly request: CollectRequest
  readonly context: CollectContext
  readonly options: ForgeOptions
  readonly opened: Opened
}

/** One subject of one source: which questions are asked, and what is said where an answer fails. */
class Asking {
  readonly #given: Given

  constructor(given: Given) {
    this.#given = given
  }

  async all(): Promise<readonly Fact[]> {
    const { context, request } = this.#given
    const stream = context.program.streams.find(({ id }) => streamSubject(id) === request.subject)
    const about = stream
      ? this.#pull(stream)
      : this.#withoutPull('the program is what others merge into; pull requests belong to streams', 'missing')
    return (await Promise.all([about, this.#blockers()])).flat()
  }

  /** Everything about the pull request of a branch, and about the checks where it stands. */
  async #pull(stream: Stream): Promise<readonly Fact[]> {
    const { context, options, opened } = this.#given
    const { target } = context.program
    let pull: PullRequest | undefined
    let reason = ''
    const found = await this.#part(['exists'], async (part) => {
      const { pull: chosen, others } = facts.choosePull(await opened.forge.find(part, stream.branch), target)
      pull = chosen
      reason = `${stream.branch} has no pull request into ${target}${others.length > 0 ? `; ${others.slice(0, 3).join(', ')}` : ''}`
      return chosen ? facts.pullFindings(chosen, options, this.#head()) : [facts.noPull(reason)]
    })
    if (pull) return [...this.#about(found, pull), ...(await this.#details(stream, pull))]
    return reason === '' ? this.#withoutPull(found[0]?.reason ?? '', 'errored', found) : this.#withoutPull(reason, 'missing', found)
  }

  async #details(stream: Stream, pull: PullRequest): Promise<readonly Fact[]> {
    const { context, options, opened } = this.#given
    const { forge, place } = opened
    const reviewers = facts.reviewersOf(context.program, stream, place.forge)
    const parts = await Promise.all([
      this.#part(['mergeable'], async (part) => [facts.mergingFinding(await forge.merging(part, pull))], pull),
      this.#part(REVIEW_FACTS, async (part) => facts.reviewFindings(await forge.reviews(part, pull), pull, reviewers, options.stale), pull),
      this.#part(['review.age'], async (part) => [await this.#age(part, pull)], pull),
      this.#part(['conversations.open'], async (part) => [facts.conversationFinding(await forge.conversations(part, pull))], pull),
      this.#part(['issues.linked', 'issues.open'], async (part) => facts.linkedFindings(await forge.linked(part, pull)), pull),
      this.#checks(pull.head, pull),
    ])
    return parts.flat()
  }

  async #age(part: Part, pull: PullRequest): Promise<Finding> {
    const { context, opened } = this.#given
    const { forge } = opened
    const reviews = await forge.reviews(part, pull)
    return facts.settledAge(reviews, pull) ?? facts.waitingAge(await forge.asked(part, pull), context.at)
  }

  /** Checks need no pull request: they are reported at commits. */
  async #withoutPull(reason: string, status: 'missing' | 'errored', found: readonly Fact[] = []): Promise<readonly Fact[]> {
    const head = this.#head()
    const checks =
      head === undefined
        ? this.#facts(facts.without(facts.CHECK_FACTS, 'missing', 'there is no commit to look at'))
        : await this.#checks(head)
    const have = new Set([...found, ...checks].map(({ name }) => name))
    const rest = ALL.filter((name) => name !== 'blockers' && !have.has(name))
    return [...found, ...checks, ...this.#facts(facts.without(rest, status, reason))]
  }

  #checks(commit: string, pull?: PullRequest): Promise<readonly Fact[]> {
    const { context, options, opened } = this.#given
    const { forge } = opened
    return this.#part(
      facts.CHECK_FACTS,
      async (part) => {
        const required = options.checks?.map((name) => ({ name })) ?? (await forge.required(part, context.program.target))
        return facts.checkFindings(required, required.length === 0 ? [] : await forge.checks(part, commit))
      },
      pull,
    )
  }

  async #blockers(): Promise<readonly Fact[]> {
    const { blockers } = this.#given.options
    if (!blockers)
      return this.#facts(facts.without(['blockers'], 'missing', 'the source says nothing of blockers: add blockers: { label: ... }'))
    const filter = { labels: facts.listOf(blockers.label), ...(blockers.query !== undefined && { query: blockers.query }) }
    return this.#part(['blockers'], async (part) => [facts.blockerFinding(await this.#given.opened.forge.blockers(part, filter))])
  }

  #head(): string | undefined {
    const { state } = this.#given.request
    return state.state === 'present' ? state.commit : undefined
  }

  /** Where one part fails, its facts say so and the others go on. */
  async #part(names: readonly FactName[], read: (part: Part) => Promise<readonly Finding[]>, pull?: PullRequest): Promise<readonly Fact[]> {
    const part = this.#given.opened.client.open()
    try {
      return this.#facts(await read(part), pull, part.sha256())
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error
      return this.#facts(facts.without(names, error.status, error.message), pull)
    }
  }

  #facts(findings: readonly Finding[], pull?: PullRequest, sha256?: string): readonly Fact[] {
    const { source } = this.#given.opened
    const made = findings.map((finding) => ({ ...finding, source, ...(sha256 !== undefined && { sha256 }) }))
    return pull ? this.#about(made, pull) : made
  }

  /** Facts of a pull request that stands elsewhere than the branch say where it stands: they are stale. */
  #about(made: readonly Fact[], pull: PullRequest): readonly Fact[] {
    const elsewhere = pull.head === this.#head() ? {} : { commit: pull.head, tree: null }
    return made.map((fact) => ({ ...fact, source: `${fact.source}${pull.name}`, ...elsewhere }))
  }
}

const REVIEW_FACTS = ['approvals', 'approvals.required', 'approvals.missing', 'changes.requested'] as const satisfies readonly FactName[]
