import type { CollectorKind } from '#core/evidence/collector.ts'
import type { Unit } from '#core/evidence/evidence.ts'
import type { Source } from '#core/program/model.ts'
import type { Path } from '#core/program/source-text.ts'
import type { Scope } from '#core/program/resolve/scope.ts'
import { SOURCE_KEYS } from '#core/program/schema.ts'

/** Sources of evidence; the metrics they bring are known to the scope from then on. */
export function readSources(scope: Scope): Source[] {
  return Object.entries(scope.input.sources ?? {}).map(([id, one]) => {
    const path = ['sources', id]
    const kind = scope.kinds.get(one.collect)
    const options = Object.fromEntries(Object.entries(one).filter(([key]) => !SOURCE_KEYS.includes(key)))
    const { timeLimit, maxAge, host } = one
    const maxAgeSeconds = maxAge === undefined ? undefined : scope.seconds([...path, 'maxAge'], maxAge)
    const rules = { ...(maxAgeSeconds !== undefined && { maxAgeSeconds }), ...(host !== undefined && { host }) }
    if (kind) metricsOfSource(scope, id, kind, options, rules)
    if (Array.isArray(one.for)) for (const [index, stream] of one.for.entries()) scope.streamId([...path, 'for', index], stream)
    const from = options['from']
    if (typeof from === 'string') sayOfMaker(scope, [...path, 'from'], from, one.for ?? 'streams')
    const base = options['base']
    if (isMapping(base) && typeof base['from'] === 'string') sayOfMaker(scope, [...path, 'base', 'from'], base['from'], 'program')
    return {
      id,
      collect: one.collect,
      for: one.for ?? 'streams',
      options,
      ...(typeof from === 'string' && { from }),
      timeLimitSeconds: timeLimit === undefined ? 600 : scope.seconds([...path, 'timeLimit'], timeLimit),
      ...rules,
    }
  })
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** Whether the source that is to leave the files does so, and where they are looked for. */
function sayOfMaker(scope: Scope, path: Path, from: string, wanted: Source['for']): void {
  const maker = scope.input.sources?.[from]
  const say = (message: string, remedy: string): void => scope.say(path, 'unknown-source', message, remedy)
  if (maker?.collect === 'forge') {
    if (!('artifacts' in maker)) say(`"${from}" names no artifacts`, `add artifacts: [name] to ${from}`)
  } else if (maker?.collect !== 'command') {
    say(`"${from}" is not a source with collect: command`, 'name the source whose run leaves these files')
  } else if (wanted === 'program' && maker.for !== 'program') {
    say(`"${from}" runs at the streams, and never at the target branch`, 'name a command with for: program')
  } else if (wanted !== 'program' && maker.for === 'program') {
    say(`"${from}" runs at the target branch, and never at a stream`, 'name a command without for: program')
  }
}

/** What a source of that kind brings is known to the scope from then on. */
export function metricsOfSource(
  scope: Scope,
  id: string,
  kind: CollectorKind,
  options: Readonly<Record<string, unknown>>,
  rules: Pick<Source, 'maxAgeSeconds' | 'host'>,
): void {
  for (const [name, metric] of Object.entries(kind.metrics)) {
    const unit = 'unit' in options && (name === 'number' || name === 'value') ? (options['unit'] as Unit) : metric.unit
    // A change is good or bad as the source says of what it measures, so that a target of it is a floor or a ceiling.
    const better =
      name === 'change' && (options['better'] === 'lower' || options['better'] === 'higher') ? options['better'] : metric.better
    scope.metrics[`${id}.${name}`] = {
      ...metric,
      unit,
      better,
      source: id,
      boundToTree: metric.boundToTree ?? kind.boundToTree,
      ...rules,
    }
  }
}
