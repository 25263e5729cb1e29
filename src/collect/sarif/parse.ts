import { plainText } from '#core/evidence/plain-text.ts'
import { redact } from '#core/evidence/redact.ts'
import type { Json, JsonObject } from '#collect/scan/json.ts'
import { JsonError } from '#collect/scan/json.ts'
import { arrayOf, jsonFile, memberOf, objectOf, stringOf, textAt } from '#collect/scan/json-file.ts'
import type { ByteParser } from '#collect/scan/text.ts'

export type Level = 'error' | 'warning' | 'note'

export interface SarifResult {
  readonly tool: string
  readonly rule: string
  readonly level: Level
  readonly isSuppressed: boolean
  /** As the file gives it, decoded; empty where the result is about no file. */
  readonly uri: string
  readonly line?: number
  readonly message: string
  /** What stays the same when lines move: a fingerprint, the code, or the message. */
  readonly identity: string
}

export interface SarifFile {
  /** Names of the tools that ran, one a run. */
  readonly tools: readonly string[]
  readonly results: readonly SarifResult[]
  /** Results that ask for a review or are open: no failures, and no passes. */
  readonly undecided: number
}

/** Reads SARIF 2.1.0 (OASIS, with errata 01). A run that failed, or did not look, is refused. */
export const sarifReader = (): ByteParser<SarifFile> =>
  jsonFile((json) => {
    const root = objectOf(json, 'the document')
    const version = memberOf(root, 'version', 'the document')
    if (stringOf(version, 'version') !== '2.1.0') throw new JsonError('the version is not 2.1.0, the only one that is read', version.at)
    const inline = root.entries.get('inlineExternalProperties')
    if (inline) throw new JsonError('results in inlineExternalProperties are not read', inline.at)
    const runs = arrayOf(memberOf(root, 'runs', 'the document'), 'runs')
    if (runs.items.length === 0) throw new JsonError('there is no run: nothing was analysed', runs.at)
    const read = runs.items.map(runOf)
    return {
      tools: read.map(({ tool }) => tool),
      results: read.flatMap(({ results }) => results),
      undecided: read.reduce((sum, { undecided }) => sum + undecided, 0),
    }
  })

interface Run {
  readonly tool: string
  readonly results: readonly SarifResult[]
  readonly undecided: number
}

function runOf(json: Json): Run {
  const run = objectOf(json, 'a run')
  const tool = objectOf(memberOf(run, 'tool', 'a run'), 'tool')
  const driver = objectOf(memberOf(tool, 'driver', 'a tool'), 'driver')
  const name = plainText(stringOf(memberOf(driver, 'name', 'a tool'), 'name').slice(0, 200))
  if (name.trim() === '') throw new JsonError('a tool has an empty name', driver.at)
  refuseFailed(run, name)
  refuseOutside(run, name)
  const results = run.entries.get('results')
  if (!results || results.kind === 'null')
    throw new JsonError(`${name}: the run has no results, so it did not look (an empty list would say it found none)`, run.at)

  const context: Context = {
    tool: name,
    rules: rulesOf(driver),
    extensions: listAt(tool, 'extensions').map((one) => rulesOf(objectOf(one, 'an extension'))),
    artifacts: listAt(run, 'artifacts'),
  }
  const found: SarifResult[] = []
  let undecided = 0
  for (const item of arrayOf(results, 'results').items) {
    const result = objectOf(item, 'a result')
    const kind = textAt(result, 'kind') ?? 'fail'
    if (kind === 'open' || kind === 'review') undecided += 1
    // What a baseline comparison of the tool found gone is no result of this run.
    if (kind !== 'fail' || textAt(result, 'baselineState') === 'absent') continue
    const one = resultOf(result, context)
    if (one) found.push(one)
  }
  return { tool: name, results: found, undecided }
}

function refuseFailed(run: JsonObject, tool: string): void {
  for (const item of listAt(run, 'invocations')) {
    const invocation = objectOf(item, 'an invocation')
    const isSuccess = invocation.entries.get('executionSuccessful')
    if (isSuccess?.kind === 'boolean' && isSuccess.value) continue
    if (isSuccess && isSuccess.kind !== 'boolean') throw new JsonError('executionSuccessful is neither true nor false', isSuccess.at)
    const why = textAt(invocation, 'exitCodeDescription') ?? messageOf(invocation)
    throw new JsonError(
      `${tool}: ${isSuccess ? 'the run failed' : 'an invocation does not say that it succeeded'}${why === undefined ? '' : `: ${redact(plainText(why.slice(0, 300)))}`}`,
      isSuccess?.at ?? invocation.at,
    )
  }
}

/** What decides which results there are and how grave: taxonomies in another file, such as the CWE, do not. */
const DECIDES = ['results', 'driver', 'extensions', 'policies', 'invocations', 'externalizedProperties']

function refuseOutside(run: JsonObject, tool: string): void {
  const outside = run.entries.get('externalPropertyFileReferences')
  if (outside?.kind !== 'object') return
  for (const key of DECIDES) {
    const found = outside.entries.get(key)
    if (found) throw new JsonError(`${tool}: ${key} in other files are not read`, found.at)
  }
}

/** What the tool said last about itself: ESLint calls a file that it cannot parse a matter of configuration. */
function messageOf(invocation: JsonObject): string | undefined {
  const told = ['toolExecutionNotifications', 'toolConfigurationNotifications'].flatMap((key) => listAt(invocation, key)).at(-1)
  const message = told?.kind === 'object' ? told.entries.get('message') : undefined
  return message?.kind === 'object' ? textAt(message, 'text') : undefined
}

interface Context {
  readonly tool: string
  readonly rules: Rules
  readonly extensions: readonly Rules[]
  readonly artifacts: readonly Json[]
}

interface Rules {
  readonly list: readonly JsonObject[]
  readonly byId: ReadonlyMap<string, JsonObject>
}

function rulesOf(component: JsonObject): Rules {
  const list = listAt(component, 'rules').map((rule) => objectOf(rule, 'a rule'))
  return { list, byId: new Map(list.map((rule) => [textAt(rule, 'id') ?? '', rule])) }
}

/** Undefined for a result of level none, which is no failure. */
function resultOf(result: JsonObject, context: Context): SarifResult | undefined {
  const reference = result.entries.get('rule')
  const named = reference?.kind === 'object' ? reference : undefined
  const id = textAt(result, 'ruleId') ?? (named && textAt(named, 'id'))
  const rule = ruleOf(result, named, id, context)
  const level = levelOf(result, rule)
  if (level === undefined) return undefined
  const location = listAt(result, 'locations')[0]
  const physical = location?.kind === 'object' ? location.entries.get('physicalLocation') : undefined
  const place = physical?.kind === 'object' ? physical : undefined
  const region = place?.entries.get('region')
  const line = region?.kind === 'object' ? region.entries.get('startLine') : undefined
  const text = textOf(result, rule)
  return {
    tool: context.tool,
    rule: id ?? (rule && textAt(rule, 'id')) ?? '',
    level,
    isSuppressed: isSuppressed(result),
    uri: uriOf(place, context),
    ...(line?.kind === 'number' && { line: line.value }),
    message: text,
    identity: fingerprintOf(result) ?? snippetOf(place) ?? `message ${text}`,
  }
}

/** By index where there is one, else by id; `A1/b` is a kind of `A1`. */
function ruleOf(
  result: JsonObject,
  named: JsonObject | undefined,
  id: string | undefined,
  { rules, extensions }: Context,
): JsonObject | undefined {
  const component = named?.entries.get('toolComponent')
  const extension = component?.kind === 'object' ? numberAt(component, 'index') : undefined
  const within = extension === undefined ? rules : (extensions[extension] ?? rules)
  const index = numberAt(result, 'ruleIndex') ?? (named && numberAt(named, 'index'))
  if (index !== undefined && index >= 0) return within.list[index]
  for (let name = id; name !== undefined && name !== ''; name = name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : undefined) {
    const found = within.byId.get(name)
    if (found) return found
  }
  return undefined
}

/** SARIF 2.1.0, 3.27.10: its own, else that of the rule, else warning. */
function levelOf(result: JsonObject, rule: JsonObject | undefined): Level | undefined {
  const own = result.entries.get('level')
  const defaults = rule?.entries.get('defaultConfiguration')
  const level = own ?? (defaults?.kind === 'object' ? defaults.entries.get('level') : undefined)
  if (!level) return 'warning'
  const text = stringOf(level, 'level')
  if (text === 'none') return undefined
  if (text !== 'error' && text !== 'warning' && text !== 'note')
    throw new JsonError(`the level ${JSON.stringify(text.slice(0, 40))} is not known`, level.at)
  return text
}

/** One that is still under review, or was rejected, suppresses nothing (3.27.23, 3.35.3). */
function isSuppressed(result: JsonObject): boolean {
  const all = listAt(result, 'suppressions')
  return all.length > 0 && all.every((one) => one.kind === 'object' && [undefined, 'accepted'].includes(textAt(one, 'status')))
}

function uriOf(place: JsonObject | undefined, { artifacts }: Context): string {
  const location = place?.entries.get('artifactLocation')
  if (location?.kind !== 'object') return ''
  const artifact = artifacts[numberAt(location, 'index') ?? -1]
  const listed = artifact?.kind === 'object' ? artifact.entries.get('location') : undefined
  const uri = textAt(location, 'uri') ?? (listed?.kind === 'object' ? textAt(listed, 'uri') : undefined) ?? ''
  try {
    return decodeURIComponent(uri)
  } catch {
    return uri
  }
}

/** The fingerprint of the tool; of the partial ones the hash of the line alone, where it is there, because the others move with columns. */
function fingerprintOf(result: JsonObject): string | undefined {
  for (const key of ['fingerprints', 'partialFingerprints']) {
    const all = result.entries.get(key)
    if (all?.kind !== 'object' || all.entries.size === 0) continue
    const entries = [...all.entries].map(([name, value]) => [name, stringOf(value, 'a fingerprint')] as const)
    const line = entries.filter(([name]) => name.startsWith('primaryLocationLineHash'))
    return `${key} ${(line.length > 0 ? line : entries.toSorted(([a], [b]) => (a < b ? -1 : 1))).map((pair) => pair.join('=')).join(' ')}`
  }
  return undefined
}

/** The code that a result is about, with its white space evened out. */
function snippetOf(place: JsonObject | undefined): string | undefined {
  const region = place?.entries.get('region')
  const snippet = region?.kind === 'object' ? region.entries.get('snippet') : undefined
  const text = snippet?.kind === 'object' ? textAt(snippet, 'text')?.replace(/\s+/g, ' ').trim() : undefined
  return text ? `code ${text.slice(0, 2_000)}` : undefined
}

/** The message, or that of the rule which it names, cut to what a line of details holds. */
function textOf(result: JsonObject, rule: JsonObject | undefined): string {
  const message = result.entries.get('message')
  if (message?.kind !== 'object') return ''
  const text = textAt(message, 'text') ?? textAt(message, 'markdown')
  if (text !== undefined) return text.slice(0, 500)
  const strings = rule?.entries.get('messageStrings')
  const named = strings?.kind === 'object' ? strings.entries.get(textAt(message, 'id') ?? '') : undefined
  const values = listAt(message, 'arguments').map((one) => (one.kind === 'string' ? one.value.slice(0, 200) : ''))
  const template = named?.kind === 'object' ? (textAt(named, 'text') ?? '') : ''
  return template
    .slice(0, 500)
    .replace(/\{(\d{1,2})\}/g, (written, index: string) => values[Number(index)] ?? written)
    .slice(0, 500)
}

function listAt(object: JsonObject, key: string): readonly Json[] {
  const value = object.entries.get(key)
  return !value || value.kind === 'null' ? [] : arrayOf(value, key).items
}

function numberAt(object: JsonObject, key: string): number | undefined {
  const value = object.entries.get(key)
  return value?.kind === 'number' ? value.value : undefined
}
