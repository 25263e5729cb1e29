import { stringify } from 'yaml'
import type { CollectorKind } from '#core/evidence/collector.ts'
import type { Fact, Plan } from '#core/plan/model.ts'
import { sourceLines, type Needs } from '#core/plan/write/sources.ts'
import { peopleOf, type People } from '#core/plan/write/people.ts'
import { streamLines, streamsOf } from '#core/plan/write/streams.ts'
import { checkpointLines } from '#core/plan/write/checkpoints.ts'
import { ruleLines } from '#core/plan/write/rules.ts'
import { comment, q, type Writing } from '#core/plan/write/yaml.ts'
import { loadProgram } from '#core/program/load.ts'
import { isZone } from '#core/schedule/time.ts'
import { isBranchName } from '#core/program/resolve/scope.ts'
import { oneLine, slug } from '#core/plan/read/text.ts'

export interface WriteOptions {
  readonly kinds: readonly CollectorKind[]
  /** Day for a checkpoint whose day is not known, `YYYY-MM-DD`. */
  readonly day: string
  /** Zone of a plan that names none. */
  readonly zone: string
  /** Documents the plan was read from, for the head of the file. */
  readonly documents: readonly string[]
}

export interface Written {
  readonly text: string
  /** What was written otherwise than the plan says it, and why. */
  readonly notices: readonly Fact<string>[]
}

/** How many lines that were not understood are repeated in the file; all of them are in the summary. */
const MOST_UNPLACED = 300

/**
 * A plan as a commented program file. What is written always loads: where the plan says something
 * that no program can hold, the author's words stand in a comment beside the nearest thing that
 * loads, and a notice says so.
 */
export function writeProgram(whole: Plan, options: WriteOptions): Written {
  const { plan, said: cut } = fitting(whole)
  const attempts: readonly (readonly [Plan, string | undefined])[] = [
    [plan, undefined],
    [withoutVerbatim(plan), 'the YAML in the document does not make a program that loads, and was left out'],
    [
      bare(plan),
      'the criteria, targets and rules of the plan do not make a program that loads, and were left out: please report this plan',
    ],
  ]
  for (const [one, said] of attempts) {
    const written = write(one, options)
    const { program } = loadProgram('muster.yaml', new TextEncoder().encode(written.text), options.kinds)
    if (program)
      return { ...written, notices: [...written.notices, ...cut, ...(said === undefined ? [] : [{ ...start(plan), value: said }])] }
  }
  const empty = write(
    { ...bare(plan), units: [], people: [], syncs: [], checkpoints: [], unplaced: [], notices: [], commands: [] },
    options,
  )
  return {
    ...empty,
    notices: [...empty.notices, ...cut, { ...start(plan), value: 'the plan is too large for a program file; only its head was written' }],
  }
}

const MOST = { units: 1000, people: 2000, checkpoints: 1000, entries: 10_000 } as const

/** The plan cut to what a program file can hold and people can read; what was cut is said. */
function fitting(plan: Plan): { readonly plan: Plan; readonly said: readonly Fact<string>[] } {
  const said: Fact<string>[] = []
  const first = <T>(list: readonly T[], most: number, words: string): readonly T[] => {
    if (list.length > most) said.push({ ...start(plan), value: `the plan has ${list.length} ${words}; the first ${most} were written` })
    return list.length > most ? list.slice(0, most) : list
  }
  const units = first(plan.units, MOST.units, 'units')
  const people = first(plan.people, MOST.people, 'people')
  let left: number = MOST.entries
  const take = <T>(list: readonly T[]): readonly T[] => {
    const taken = list.slice(0, Math.max(0, left))
    left -= list.length
    return taken
  }
  const shortUnits = units.map((one) => ({
    ...one,
    deliverables: take(one.deliverables),
    dependsOn: one.dependsOn.slice(0, 200),
    integrationPoints: one.integrationPoints.slice(0, 200),
  }))
  const checkpoints = first(plan.checkpoints, MOST.checkpoints, 'checkpoints').map((one) => ({
    ...one,
    criteria: take(one.criteria),
    targets: take(one.targets),
    agenda: one.agenda.slice(0, 200),
  }))
  if (left < 0)
    said.push({
      ...start(plan),
      value: `the plan has ${MOST.entries - left} deliverables, criteria and targets; the first ${MOST.entries} were written`,
    })
  return { plan: { ...plan, units: shortUnits, people, checkpoints }, said }
}

const start = (plan: Plan): { readonly file: string; readonly line: number; readonly column: number } =>
  plan.title ?? { file: plan.units[0]?.file ?? '', line: 1, column: 1 }

const withoutVerbatim = (plan: Plan): Plan => ({ ...plan, verbatim: {} })

const bare = (plan: Plan): Plan => ({
  ...withoutVerbatim(plan),
  matrices: [],
  escalations: [],
  templates: [],
  unplaced: plan.unplaced.slice(0, 100),
  commands: [],
  units: plan.units.slice(0, 200).map((one) => ({ ...one, dependsOn: [], deliverables: [], integrationPoints: [] })),
  checkpoints: plan.checkpoints
    .slice(0, 200)
    .map((one) => ({ ...one, criteria: [], targets: [], agenda: [], go: [], noGo: [], signOff: [], more: {} })),
})

function write(plan: Plan, options: WriteOptions): Written {
  const notices: Fact<string>[] = []
  const writing: Writing = {
    plan,
    notices,
    say: (place, value) => void notices.push({ file: place.file, line: place.line, column: place.column, value }),
  }
  const people: People = peopleOf(writing)
  const needs: Needs = new Set(['git'])
  const streams = streamsOf(writing, people, needs)
  const checkpoints = checkpointLines(writing, people, streams, needs, options.day)
  const rules = ruleLines(writing, people, needs)
  if (plan.verbatim?.['channels'] !== undefined)
    writing.say(start(plan), 'the document says where messages go; read channels: before anything is sent')
  const title = oneLine(plan.title?.value ?? 'Plan', 200) || 'Plan'
  const zone = plan.zone?.value
  if (zone !== undefined && !isZone(zone))
    writing.say(plan.zone ?? start(plan), `"${zone}" is not a time zone that Muster knows; ${options.zone} was written`)
  const target = plan.target?.value
  const lines = [
    `# Written by muster import from ${oneLine(options.documents.join(', '), 300) || 'a plan'}.`,
    '# Read it through: comments hold what the plan says otherwise, and what had to be guessed.',
    '# Check it with: muster config check. Commands run only after: muster trust.',
    '',
    `program: ${q(idOf(plan.program?.value ?? slug(title)))}`,
    `name: ${q(title)}`,
    `repository: ${q(plan.repository?.value ?? '.')}`,
    ...(target !== undefined && isBranchName(target)
      ? [`target: ${q(target.slice(0, 250))}`]
      : ['# target: the branch that the streams merge into; main unless said']),
    '',
    'calendar:',
    ...(zone === undefined ? ['  # The plan names no time zone.'] : []),
    `  zone: ${q(zone !== undefined && isZone(zone) ? zone : options.zone)}`,
    ...(plan.workDays && plan.workDays.length > 0 ? [`  workDays: [${plan.workDays.join(', ')}]`] : []),
    ...(plan.hours && plan.hours.start < plan.hours.end ? [`  hours: ${plan.hours.start}-${plan.hours.end}`] : []),
    ...(plan.holidays.length > 0
      ? [
          `  holidays: [${plan.holidays
            .slice(0, 400)
            .map((day) => `'${day}'`)
            .join(', ')}]`,
        ]
      : []),
    '',
    ...people.lines(),
    '',
    ...sourceLines(writing, needs),
    '',
    ...streamLines(writing, streams),
    '',
    ...checkpoints,
    ...rules,
    ...scheduleLines(plan),
    ...verbatim(plan, ['merge', 'channels', 'notify']),
    ...commands(plan),
    ...leftOver(plan),
  ]
  return { text: `${lines.join('\n').trimEnd()}\n`, notices }
}

const idOf = (text: string): string => (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text) ? text : slug(text) || 'program')

/** Top-level keys that the document gives as YAML. */
export const verbatim = (plan: Plan, keys: readonly string[]): readonly string[] =>
  keys.flatMap((key) =>
    plan.verbatim?.[key] === undefined
      ? []
      : ['', stringify({ [key]: plan.verbatim[key] }, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()],
  )

/** When things happen by themselves, as far as the document says it. */
function scheduleLines(plan: Plan): readonly string[] {
  const { invitations } = plan
  if (plan.verbatim?.['schedule'] !== undefined || invitations?.date === undefined) return verbatim(plan, ['schedule'])
  return [
    '',
    'schedule:',
    comment(`line ${invitations.line}: ${invitations.text}`, 2),
    `  invite: ${invitations.date} ${invitations.time ?? plan.hours?.start ?? '09:00'}`,
  ]
}

function commands(plan: Plan): readonly string[] {
  if (plan.commands.length === 0) return []
  return [
    '',
    '# Commands that the plan shows. Muster runs none of them; make a source of those that measure',
    '# something (sources: build: { collect: command, run: ... }), and trust it.',
    ...plan.commands.slice(0, 200).map((one) => comment(`line ${one.line}: ${one.value}`)),
  ]
}

function leftOver(plan: Plan): readonly string[] {
  if (plan.unplaced.length === 0) return []
  const shown = plan.unplaced.slice(0, MOST_UNPLACED)
  const more = plan.unplaced.length - shown.length
  const several = new Set(plan.unplaced.slice(0, 1000).map((one) => one.file)).size > 1
  return [
    '',
    '# Not understood, and left where it is:',
    ...shown.map((one) => comment(`${several ? `${one.file}:` : 'line '}${one.line}: ${one.value}`)),
    ...(more > 0 ? [`# and ${more} more lines; muster import --format json lists them all`] : []),
  ]
}
