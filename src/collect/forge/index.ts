import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { CollectContext, Collector, CollectRequest, Fact } from '#core/evidence/collector.ts'
import { streamSubject } from '#core/evidence/evidence.ts'
import { redact } from '#core/evidence/redact.ts'
import type { Stream } from '#core/program/model.ts'
import { openCache } from './cache.ts'
import { Client, type Part, type Pause } from './client.ts'
import { credentialOf } from './credential.ts'
import { openWire, type Wire } from './exchange.ts'
import * as facts from './facts.ts'
import type { Finding } from './facts.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import { kind, options as optionsSchema, type FactName, type ForgeOptions } from './kind.ts'
import { ForgeError, type Forge, type PullRequest } from './model.ts'
import { placeOf, type Place } from './place.ts'

export { kind } from './kind.ts'

/** `pause` waits between tries; tests pass one that does not. */
export const createCollector = (pause: Pause): Collector => ({ collect: (request, context) => collect(request, context, pause) })

export const collector = createCollector((milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }))

const ALL = Object.keys(kind.metrics) as FactName[]
/** For one answer; the source's own time limit holds beside it. */
const ANSWER_SECONDS = 30

async function collect(request: CollectRequest, context: CollectContext, pause: Pause): Promise<readonly Fact[]> {
  const options = optionsSchema.parse(request.options)
  const placed = placeOf(options, context.program.repository, context.environment)
  const failed = (error: unknown, source: string): readonly Fact[] => {
    if (!(error instanceof ForgeError)) throw error
    return facts.without(ALL, error.status, error.message).map((finding) => ({ ...finding, source }))
  }
  if (!placed.ok) return failed(new ForgeError(placed.reason), 'forge')
  const { place } = placed
  const wire = openWire(place.isPublic ? 'public' : place.api.startsWith('http:') ? 'loopback' : 'private', ANSWER_SECONDS)
  try {
    return await ask(request, context, { options, place, wire, pause })
  } catch (error) {
    return failed(error, sourceOf(place))
  } finally {
    wire.close()
  }
}

const sourceOf = ({ web, project }: Place): string => `${new URL(web).host}/${project}`

interface Reached {
  readonly options: ForgeOptions
  readonly place: Place
  readonly wire: Wire
  readonly pause: Pause
}

async function ask(request: CollectRequest, context: CollectContext, { options, place, wire, pause }: Reached): Promise<readonly Fact[]> {
  const { signal, environment, cacheFolder } = context
  const credential = await credentialOf(options, environment, { place, wire, signal })
  const cache = openCache(join(cacheFolder, 'forge'), credential.seal)
  const client = new Client({ place, credential, wire, cache, signal, pause })
  const forge = place.forge === 'github' ? github(place.project) : gitlab(place.project)
  const brought = await new Asking({ request, context, options, place, forge, client }).all()
  const hide = (text: string): string => redact(text, credential.secrets())
  return brought.map((fact) => ({
    ...fact,
    ...(fact.reason !== undefined && { reason: hide(fact.reason) }),
    ...(fact.details && { details: fact.details.map(hide) }),
  }))
}

interface Given {
  readonly request: CollectRequest
  readonly context: CollectContext
  readonly options: ForgeOptions
  readonly place: Place
  readonly forge: Forge
  readonly client: Client
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
    const { context, forge, options } = this.#given
    const { target } = context.program
    let pull: PullRequest | undefined
    let reason = ''
    const found = await this.#part(['exists'], async (part) => {
      const { pull: chosen, others } = facts.choosePull(await forge.find(part, stream.branch), target)
      pull = chosen
      reason = `${stream.branch} has no pull request into ${target}${others.length > 0 ? `; ${others.slice(0, 3).join(', ')}` : ''}`
      return chosen ? facts.pullFindings(chosen, options, this.#head()) : [facts.noPull(reason)]
    })
    if (pull) return [...this.#about(found, pull), ...(await this.#details(stream, pull))]
    return reason === '' ? this.#withoutPull(found[0]?.reason ?? '', 'errored', found) : this.#withoutPull(reason, 'missing', found)
  }

  async #details(stream: Stream, pull: PullRequest): Promise<readonly Fact[]> {
    const { context, forge, options, place } = this.#given
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
    const { context, forge } = this.#given
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
    const { context, forge, options } = this.#given
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
    return this.#part(['blockers'], async (part) => [facts.blockerFinding(await this.#given.forge.blockers(part, filter))])
  }

  #head(): string | undefined {
    const { state } = this.#given.request
    return state.state === 'present' ? state.commit : undefined
  }

  /** Where one part fails, its facts say so and the others go on. */
  async #part(names: readonly FactName[], read: (part: Part) => Promise<readonly Finding[]>, pull?: PullRequest): Promise<readonly Fact[]> {
    const part = this.#given.client.open()
    try {
      return this.#facts(await read(part), pull, part.sha256())
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error
      return this.#facts(facts.without(names, error.status, error.message), pull)
    }
  }

  #facts(findings: readonly Finding[], pull?: PullRequest, sha256?: string): readonly Fact[] {
    const source = sourceOf(this.#given.place)
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
