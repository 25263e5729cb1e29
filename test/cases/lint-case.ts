import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, isScalar, isSeq, LineCounter, parse, parseDocument } from 'yaml'
import { KINDS } from '#collect/registry.ts'
import { lint } from '#core/lint/lint.ts'
import { lintProgram } from '#core/lint/program.ts'
import type { Known } from '#core/lint/rule.ts'
import type { Plan, PlanAmount } from '#core/plan/model.ts'
import { loadProgram } from '#core/program/load.ts'
import type { Comparison } from '#core/program/model.ts'
import type { Place, Problem } from '#core/problems.ts'

/**
 * The findings of a case: `muster.yaml` is a program file, `*.md` are the documents of one plan,
 * `plan.yaml` is a plan in short form, where each fact has its place in that very file;
 * `known.yaml` says what the repository and the ledger hold.
 */
export async function lintCase(folder: string): Promise<readonly Problem[]> {
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8')
  const known = existsSync(join(folder, 'known.yaml')) ? (parse(text('known.yaml')) as Known) : {}
  if (existsSync(join(folder, 'muster.yaml')))
    return lintProgram(loadProgram('muster.yaml', readFileSync(join(folder, 'muster.yaml')), KINDS), known)
  if (existsSync(join(folder, 'plan.yaml'))) return lint(readShortPlan('plan.yaml', text('plan.yaml')), known)
  const { readPlan } = await import('#core/plan/read/index.ts')
  const files = readdirSync(folder).filter((name) => name.endsWith('.md'))
  return lint(
    readPlan(
      files.map((file) => ({ file, text: text(file) })),
      {},
    ),
    known,
  )
}

type Entry = Place & Readonly<Record<string, unknown>>

/**
 * A plan in short form. Mappings become facts with their place; where the model has a fact and the
 * file a plain value, `{ value }` is made of it; `amount: 150/400 lines`, `asks: above 95%` and
 * `date: wednesday 2026-02-25 16:00` are read; lists that are not there are empty.
 */
export function readShortPlan(file: string, text: string): Plan {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const at = (node: unknown): Place => {
    const range = typeof node === 'object' && node !== null && 'range' in node ? (node.range as readonly number[] | null) : null
    const { line, col } = lines.linePos(range?.[0] ?? 0)
    return { file, line, column: col }
  }
  const read = (node: unknown, key: string): unknown => {
    if (isMap(node)) {
      const entries = node.items.map((item): readonly [string, unknown] => {
        const name = isScalar(item.key) ? String(item.key.value) : ''
        return name === 'asks'
          ? ['comparison', asks(String(item.value))]
          : [name === 'date' && key !== 'units' ? 'when' : name, read(item.value, name)]
      })
      return fill(key, { ...at(node), ...Object.fromEntries(entries) })
    }
    if (isSeq(node)) return PLAIN_LISTS.has(key) ? node.toJSON() : node.items.map((one) => read(one, key))
    const value = isScalar(node) ? node.value : undefined
    if (key === 'amount' || key === 'full') return { ...at(node), ...amount(String(value)) }
    if (key === 'date' || key === 'dates') return time(at(node), String(value))
    return FACTS.has(key) ? { ...at(node), value } : value
  }
  return { ...EMPTY, ...(read(document.contents, 'plan') as Partial<Plan>) }
}

const EMPTY: Plan = {
  holidays: [],
  people: [],
  units: [],
  checkpoints: [],
  syncs: [],
  matrices: [],
  escalations: [],
  templates: [],
  commands: [],
  notices: [],
  unplaced: [],
}
const FACTS = new Set([
  'lead',
  'support',
  'reviewers',
  'branch',
  'paths',
  'attendees',
  'owner',
  'escalateTo',
  'question',
  'durationSeconds',
  'meetingSeconds',
  'allocation',
  'roles',
  'noDependencies',
  'title',
])
const PLAIN_LISTS = new Set(['holidays', 'workDays', 'days', 'topics', 'targetKinds', 'units of'])

/** What the model always has and the short form leaves out. */
function fill(key: string, entry: Entry): unknown {
  const own = { ...entry } as Record<string, unknown>
  const lists = (...names: readonly string[]): Record<string, unknown> => Object.fromEntries(names.map((name) => [name, own[name] ?? []]))
  const title = own['title'] as { readonly value?: string } | string | undefined
  const plainTitle = typeof title === 'object' ? title.value : title
  switch (key) {
    case 'people':
      return { name: own['id'], ...own, ...lists('roles', 'mentions') }
    case 'units':
      return {
        word: 'stream',
        name: own['id'],
        ...own,
        ...lists('support', 'reviewers', 'paths', 'deliverables', 'integrationPoints', 'dependsOn'),
      }
    case 'deliverables':
      return { kind: 'feature', ...own, title: plainTitle ?? own['id'] }
    case 'integrationPoints':
      return { value: plainTitle ?? own['with'], ...own }
    case 'dependsOn':
      return { text: typeof own['unit'] === 'string' ? own['unit'] : 'none', unit: undefined, ...own }
    case 'checkpoints':
      return { name: own['id'], ...own, ...lists('agenda', 'attendees', 'criteria', 'targets', 'go', 'noGo', 'signOff') }
    case 'criteria':
      return {
        id: own['text'],
        tier: 'critical',
        list: 'acceptance',
        about: 'other',
        ...(own['comparison'] !== undefined && { unit: 'ratio' }),
        ...own,
      }
    case 'targets':
      return { kind: 'feature', ...own, title: plainTitle ?? own['deliverable'] }
    case 'agenda':
      return { topics: [], ...own, title: plainTitle ?? '' }
    case 'syncs':
      return { format: '', name: own['id'], topics: [], ...own }
    case 'matrices':
      return { when: '', recommendation: '', ...own, title: plainTitle ?? own['id'], ...lists('immediate', 'options', 'recommend') }
    case 'escalations':
      return { id: own['scenario'], action: '', ...own }
    default:
      return own
  }
}

function amount(text: string): Omit<PlanAmount, keyof Place> {
  const [, about, first = '0', second, whole, unit = 'count', plus] =
    /^(~)?(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?(?:\/(\d+))?\s*(%|\w+)?(\+)?$/.exec(text) ?? []
  const factor = unit === '%' ? 0.01 : 1
  return {
    text,
    low: Number(first) * factor,
    high: Number(second ?? first) * factor,
    ...(whole !== undefined && { whole: Number(whole) }),
    unit: unit === '%' ? 'ratio' : (unit as PlanAmount['unit']),
    sense: about !== undefined ? 'about' : plus !== undefined ? 'at-least' : 'exact',
  }
}

function asks(text: string): Comparison {
  const [, op = '', first = '0', second, percent] = /^(\w+) (-?[\d.]+)(?:-([\d.]+))?(%)?$/.exec(text) ?? []
  const factor = percent === undefined ? 1 : 0.01
  if (op === 'between') return { op, low: Number(first) * factor, high: Number(second) * factor }
  return { op: op as 'atLeast', value: Number(first) * factor }
}

function time(place: Place, text: string): object {
  const [, weekday, date, clock] = /^(?:([a-z]+) )?(\d{4}-\d{2}-\d{2})?(?: ?(\d{2}:\d{2}))?$/.exec(text) ?? []
  const day = { ...place, column: place.column + (weekday?.length ?? -1) + 1 }
  return {
    ...day,
    text,
    ...(date !== undefined && { date }),
    ...(clock !== undefined && { time: clock }),
    ...(weekday !== undefined && { weekday: { ...place, value: weekday } }),
  }
}
