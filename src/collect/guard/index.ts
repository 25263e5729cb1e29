import { posix } from 'node:path'
import type { Change, CollectContext, Collector, Fact } from '#core/evidence/collector.ts'
import { matcher } from '#core/evidence/glob.ts'
import { plainText } from '#core/evidence/plain-text.ts'
import { LINK_MODE, openTree, resolveInTree, type TreeFiles } from '#core/evidence/tree-path.ts'
import type { Subject } from '#core/evidence/evidence.ts'
import type { Source } from '#core/program/model.ts'
import { languageByPath } from '#collect/source-code/language-of.ts'
import { reach, type Line, type Reached } from '#collect/source-code/reach.ts'
import { FAMILIES, type Family, type FamilyFiles } from './families.ts'
import { includedBy } from './included.ts'
import { leftOut } from './left-out.ts'
import { kind, options as optionsSchema } from './kind.ts'
import { changedScripts, sectionsOf } from './sections.ts'

export { kind } from './kind.ts'

type FactName = keyof typeof kind.metrics

/** A file that counts, and what of it changed. */
interface Finding {
  readonly family: Family | 'also'
  readonly path: string
  readonly what: string
}

/** Files larger than this are settings of nobody: any change of one that could be counts. */
const MAX_BYTES = 1024 * 1024
const MAX_DETAILS = 20

/** What a branch changes, against its merge base with the target, of that by which it is judged. */
export const collector: Collector = {
  async collect({ subject, options, state }, context) {
    const { target, repository } = context
    const none = (status: 'missing' | 'errored', reason: string): readonly Fact[] =>
      Object.keys(kind.metrics).map((name) => ({ name, status, source: 'git', reason }))
    for (const one of [state, target]) if (one.state !== 'present') return none(one.state === 'absent' ? 'missing' : 'errored', one.reason)
    if (state.state !== 'present' || target.state !== 'present') return []

    const base = await repository.mergeBase(target.commit, state.commit)
    if (base === undefined) return none('errored', 'the branch shares no history with the target, so nothing tells what it changed')
    const { also = [], except = [] } = optionsSchema.parse(options)
    const [isFree, isNamed] = [matcher(except), matcher(also)]
    const changes = await repository.changes(base, state.commit)
    const sides = {
      base: { id: base, ...(await openTree(repository, base, MAX_BYTES)) },
      head: { id: state.commit, ...(await openTree(repository, state.commit, MAX_BYTES)) },
    }
    const found = [
      ...changes.flatMap((change) => byName(change, isNamed)),
      ...(await bySection(changes, context)),
      ...(await byMark(changes, context)),
      ...(await byReach(subject, sides, context)),
      ...(await byCi(changes, sides)),
      ...(await byLink(changes, sides)),
    ].filter(({ path }) => !isFree(path))
    return factsOf(found, `git diff ${base.slice(0, 12)}...${state.commit.slice(0, 12)}`)
  },
}

function factsOf(found: readonly Finding[], source: string): readonly Fact[] {
  const names = Object.keys(kind.metrics) as readonly FactName[]
  return names.map((name) => {
    const own = name === 'changes' ? found : found.filter(({ family }) => family === name)
    const details = [...new Set(own.map(({ family, path, what }) => plainText(`${family}: ${path} ${what}`)))].toSorted()
    return {
      name,
      status: 'observed',
      value: new Set(own.map(({ path }) => path)).size,
      source,
      ...(details.length > 0 && { details: details.slice(0, MAX_DETAILS) }),
    }
  })
}

const FAMILY_NAMES = Object.keys(FAMILIES) as readonly Family[]
const filesOf = (family: Family): FamilyFiles => FAMILIES[family]
const HAS_SECTIONS: ReadonlySet<string> = new Set(FAMILY_NAMES.flatMap((family) => Object.keys(filesOf(family).sections)))
const MATCHERS = FAMILY_NAMES.map((family) => [family, matcher(filesOf(family).files)] as const)

/** A rename changes the file that was and the file that is. */
const pathsOf = ({ path, from }: Change): readonly string[] => (from === undefined ? [path] : [from, path])

const whatOf = ({ status, from }: Change): string => (status === 'renamed' ? `renamed (from ${from ?? ''})` : status)

const byName = (change: Change, isNamed: (path: string) => boolean): readonly Finding[] =>
  pathsOf(change).flatMap((path) => [
    ...MATCHERS.flatMap(([family, matches]) => (matches(path) ? [{ family, path, what: whatOf(change) }] : [])),
    ...(isNamed(path) ? [{ family: 'also' as const, path, what: whatOf(change) }] : []),
  ])

/** Files of which only some sections count. */
async function bySection(changes: readonly Change[], { repository }: CollectContext): Promise<readonly Finding[]> {
  const sides = changes.flatMap((change) =>
    pathsOf(change).map((path) => ({
      path,
      name: posix.basename(path),
      // The old name of a renamed file is gone, the new one is new.
      old: change.status === 'added' || (change.from !== undefined && path === change.path) ? undefined : change.oldOid,
      now: change.status === 'deleted' || path === change.from ? undefined : change.newOid,
    })),
  )
  const wanted = sides.filter(({ name }) => HAS_SECTIONS.has(name))
  const findings: Finding[] = []
  for (const { path, name, old, now } of wanted) {
    const [before, after] = [await textOf(old, repository), await textOf(now, repository)]
    for (const family of FAMILY_NAMES) {
      const keys = Object.hasOwn(filesOf(family).sections, name) ? (filesOf(family).sections[name] ?? []) : []
      const changed = keys.filter((key) => differs(before, after, (text) => sectionsOf(name, text, [key])))
      if (changed.length > 0) findings.push({ family, path, what: changed.join(', ') })
    }
    if (name !== 'package.json') continue
    const scripts = before === undefined || after === undefined ? undefined : changedScripts(before, after)
    if (scripts === undefined || scripts.length > 0)
      findings.push({ family: 'commands', path, what: scripts?.map((one) => `scripts.${one}`).join(', ') ?? 'scripts' })
  }
  return findings
}

/**
 * Code that newly asks to be left out of coverage. What only moves between the files of the branch
 * was left out before.
 */
async function byMark(changes: readonly Change[], { repository }: CollectContext): Promise<readonly Finding[]> {
  const grown: { readonly path: string; readonly marks: number; readonly added: readonly string[] }[] = []
  const gone: string[] = []
  for (const { path, status, oldOid, newOid } of changes) {
    if (!isCode(path)) continue
    const now = leftOut((await textOf(status === 'deleted' ? undefined : newOid, repository)) ?? '')
    const old = leftOut((await textOf(status === 'added' ? undefined : oldOid, repository)) ?? '')
    if (now.length > old.length) grown.push({ path, marks: now.length - old.length, added: without(now, old) })
    else gone.push(...without(old, now))
  }
  return grown.flatMap(({ path, marks, added }) => {
    const moved = added.length - without(added, gone).length
    if (marks <= moved) return []
    const more = marks - moved
    return [{ family: 'coverage' as const, path, what: `leaves code out at ${more} more ${more === 1 ? 'place' : 'places'}` }]
  })
}

/** Each of the others takes one of its like away. */
function without(all: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const one of others) left.set(one, (left.get(one) ?? 0) + 1)
  return all.filter((one) => {
    const count = left.get(one) ?? 0
    if (count > 0) left.set(one, count - 1)
    return count === 0
  })
}

function isCode(path: string): boolean {
  const language = languageByPath(path)
  return typeof language === 'object' ? language.role === 'programming' || language.role === 'markup' : language !== undefined
}

/** True also where either side cannot be read. */
function differs(before: string | undefined, after: string | undefined, part: (text: string) => string | undefined): boolean {
  if (before === undefined || after === undefined) return true
  const [old, now] = [part(before), part(after)]
  return old === undefined || now === undefined || old !== now
}

/** Empty where there is no such file; undefined where it cannot be read as text. */
async function textOf(oid: string | undefined, repository: CollectContext['repository']): Promise<string | undefined> {
  if (oid === undefined) return ''
  const [bytes] = await repository.read([oid])
  if (!bytes || bytes.length > MAX_BYTES) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

interface Side extends TreeFiles {
  /** Of its commit. */
  readonly id: string
}

/** Both sides of what a branch changes. */
interface Sides {
  readonly base: Side
  readonly head: Side
}

/** Scripts that the commands of the program reach, on either side. */
async function byReach(subject: Subject, sides: Sides, { program }: CollectContext): Promise<readonly Finding[]> {
  const stream = program.streams.find((one) => `stream:${one.id}` === subject)
  const commands = program.sources.filter((source) => source.collect === 'command' && isFor(source, stream?.id))
  const fill = (text: string): string =>
    text.replaceAll('${stream}', stream?.id ?? 'program').replaceAll('${branch}', stream?.branch ?? program.target)
  const findings: Finding[] = []
  for (const source of commands) {
    const { run, setup, folder = '.' } = source.options as { readonly run: string; readonly setup?: string; readonly folder?: string }
    const line = { run: fill(run), ...(setup !== undefined && { setup: fill(setup) }), folder: fill(folder) }
    for (const path of await reachedOtherwise(line, line, sides)) {
      // Of these the sections tell, which hold less than what a tool may read of them.
      if (HAS_SECTIONS.has(posix.basename(path))) continue
      const [file = path, script] = path.split('#')
      const what = path === '.' ? 'something changed' : `${script === undefined ? '' : `${script} `}is reached by source ${source.id}`
      findings.push({ family: 'commands', path: file, what })
    }
  }
  return findings
}

/** What the configuration of CI includes, and shell scripts and makefiles that it reaches. Other code that it names is under test. */
async function byCi(changes: readonly Change[], sides: Sides): Promise<readonly Finding[]> {
  const changed = new Set(changes.flatMap(pathsOf).filter((path) => isScript(path) || isYaml(path)))
  if (changed.size === 0) return []
  const all = new Set([...sides.base.paths, ...sides.head.paths])
  const isOfCi = matcher(FAMILIES.ci.files)
  // It grows by what its files include.
  const files = new Set([...all].filter(isOfCi).slice(0, MAX_CI_FILES))
  const findings: Finding[] = []
  const find = (paths: Iterable<string>, what: string): void => {
    for (const path of paths) if (changed.has(path)) findings.push({ family: 'ci', path, what })
  }
  for (const file of files) {
    const lineOf = async (side: Side): Promise<CommandLine> => {
      const found = side.entry(file)
      return { run: (found && (await side.text(found))) ?? '', folder: '.' }
    }
    const [before, after] = [await lineOf(sides.base), await lineOf(sides.head)]
    const [old, now] = [includedBy(file, before.run), includedBy(file, after.run)]
    const included = [...all].filter((path) => !files.has(path) && (old(path) || now(path))).slice(0, MAX_CI_FILES)
    find(included, `is included by ${file}`)
    for (const path of included) if (files.size < MAX_CI_FILES) files.add(path)
    find((await reachedOtherwise(before, after, sides)).filter(isScript), `is reached by ${file}`)
  }
  return findings
}

const MAX_CI_FILES = 100
const isScript = (path: string): boolean => /(?:^|\/)(?:[^./]+|[^/]+\.(?:sh|bash|zsh|ksh|mk))$/.test(path)
const isYaml = (path: string): boolean => /\.ya?ml$/.test(path)

/** What settings that are links lead to. */
async function byLink(changes: readonly Change[], { base, head }: Sides): Promise<readonly Finding[]> {
  const changed = new Set(changes.flatMap(pathsOf))
  const findings: Finding[] = []
  for (const side of [base, head]) {
    for (const link of side.paths) {
      if (side.entry(link)?.mode !== LINK_MODE) continue
      const families = MATCHERS.flatMap(([family, matches]) => (matches(link) ? [family] : []))
      const path = families.length > 0 ? (await resolveInTree(link, side)).entry?.path : undefined
      if (path !== undefined && changed.has(path))
        findings.push(...families.map((family) => ({ family, path, what: `is what ${link} leads to` })))
    }
  }
  return findings
}

type CommandLine = Omit<Line, 'tree'>

/** What is reached on one side and not, or otherwise, on the other. */
async function reachedOtherwise(before: CommandLine, after: CommandLine, { base, head }: Sides): Promise<readonly string[]> {
  const [old, now] = [await reach({ ...before, tree: base.id }, base), await reach({ ...after, tree: head.id }, head)]
  const paths = new Set([...old, ...now].map(({ path }) => path))
  return [...paths].filter((path) => said(old, path) !== said(now, path))
}

const isFor = (source: Source, stream: string | undefined): boolean =>
  stream === undefined ? source.for === 'program' : source.for === 'streams' || (source.for !== 'program' && source.for.includes(stream))

function said(reached: readonly Reached[], path: string): string | undefined {
  const found = reached.find((one) => one.path === path)
  return found && (found.text ?? found.oid)
}
