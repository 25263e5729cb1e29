import { stringify } from 'yaml'
import type { Checkpoint, Condition, Criterion, Deliverable, Metric, Program, Source, Stream } from '#core/program/model.ts'
import { DEFAULT_ESCALATION, DEFAULT_POLICY, DEFAULT_SCHEDULE, HEALTH_METRICS, VERDICT_METRICS } from '#core/program/metrics.ts'
import { same } from '#core/plan/merge.ts'
import { BETWEEN, EXPORTED } from '#core/plan/read/exported.ts'
import { amountText, comparisonText, durationText, inline, rangeText } from '#core/plan/write/yaml.ts'
import { wallOf } from '#core/schedule/time.ts'

/**
 * A program as a plan in Markdown, for people to read and for `muster import` to read back as the
 * same program. Sources, policy, escalations, templates, schedule, channels and notices stand at its
 * end as YAML. Not carried: comments, the layout of the file, which values were defaults, the second
 * of two equal wall times when clocks are put back, runs of white space, and what made a checkpoint
 * come again: each of its times is there, as a checkpoint of its own.
 */
export function exportMarkdown(program: Program): string {
  const { calendar } = program
  const blocks = [
    `# ${text(program.name)}`,
    fields([
      ['Program', program.id],
      ['Repository', program.repository],
      ['Target branch', program.target],
      ['Time zone', calendar.zone],
      ['Work days', calendar.workDays.join(', ')],
      ['Working hours', `${calendar.hours.start}-${calendar.hours.end}`],
      ['Holidays', calendar.holidays.join(', ')],
    ]),
    ...section('People', [
      table(
        EXPORTED.people,
        program.people.map((one) => [
          one.id,
          one.name,
          one.roles.join(BETWEEN),
          one.handle ?? '',
          one.email ?? '',
          one.slack ?? '',
          one.github ?? '',
          one.allocation === undefined ? '' : amountText(one.allocation, 'ratio'),
        ]),
      ),
    ]),
    ...section(
      'Streams',
      program.streams.flatMap((one) => streamBlocks(one)),
    ),
    ...section(
      'Meetings with a decision',
      program.checkpoints.flatMap((one) => checkpointBlocks(one, program)),
    ),
    ...(program.syncs.length === 0
      ? []
      : [
          '## Syncs',
          table(
            EXPORTED.syncs,
            program.syncs.map((one) => [
              one.id,
              one.name,
              one.days.join(', '),
              one.time,
              durationText(one.durationSeconds),
              one.format,
              one.attendees.join(BETWEEN),
              one.topics.join(BETWEEN),
            ]),
          ),
        ]),
    '## How it is measured and ruled',
    yamlBlock(program),
  ]
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}

const section = (title: string, blocks: readonly string[]): readonly string[] =>
  blocks.some((block) => block !== '') ? [`## ${title}`, ...blocks] : []

function streamBlocks(one: Stream): readonly string[] {
  return [
    `### Stream ${/^[a-z0-9]/.test(one.id) ? one.id : one.id.toLowerCase()}: ${text(one.name)}`,
    fields([
      ['Id', one.id],
      ['Name', one.name],
      ['Lead', one.lead],
      ['Support', one.support.join(', ')],
      ['Reviewers', one.reviewers.join(', ')],
      ['Branch', one.branch],
      ['Depends on', one.dependsOn.map((edge) => `${edge.stream} (${amountText(edge.reaches, 'ratio')})`).join(', ')],
    ]),
    ...(one.paths.length === 0
      ? []
      : [
          table(
            EXPORTED.paths,
            one.paths.map((path) => [path]),
          ),
        ]),
    table(
      EXPORTED.deliverables,
      one.deliverables.map((owed) => [
        owed.id,
        owed.title,
        owed.kind,
        owed.measure ?? '',
        owed.full ? rangeText(owed.full.low, owed.full.high, owed.full.unit) : '',
      ]),
    ),
    table(
      EXPORTED.integration,
      one.integrationPoints.map((point) => [point.id, point.title, point.with, point.measure ?? '']),
    ),
  ]
}

function checkpointBlocks(one: Checkpoint, program: Program): readonly string[] {
  const { zone } = program.calendar
  const { date, time } = wallOf(one.at, zone)
  const wall = (instant: string): string => wallText(instant, zone)
  const targets = one.criteria.filter((criterion) => criterion.target !== undefined)
  const settings: readonly (readonly [string, string | undefined])[] = [
    ['merges', one.merge ? 'yes' : 'no'],
    ['go next', one.go.next],
    ['no-go next', one.noGo.next],
    ['extend by', one.noGo.extendSeconds === undefined ? undefined : durationText(one.noGo.extendSeconds)],
    ['decided again', one.noGo.reevaluateAt === undefined ? undefined : wall(one.noGo.reevaluateAt)],
    ['target tier', targets[0]?.tier],
  ]
  return [
    `### ${date} ${time} - ${text(one.name)}`,
    fields([
      ['Id', one.id],
      ['Name', one.name],
      ['Duration', durationText(one.durationSeconds)],
      ['Attendees', one.attendees.join(', ')],
      ['Decision', one.decision],
    ]),
    table(
      EXPORTED.agenda,
      one.agenda.map((item) => [item.title, durationText(item.seconds), item.each ? 'for each stream' : 'once', item.topics.join(BETWEEN)]),
    ),
    table(
      EXPORTED.criteria,
      one.criteria
        .filter((criterion) => !criterion.target)
        .map((criterion) => [
          criterion.id,
          criterion.title,
          criterion.tier,
          whereOf(criterion, program),
          inline(writtenCondition(criterion.condition, program.metrics)),
          criterion.owner ?? '',
        ]),
    ),
    table(
      EXPORTED.targets,
      targets.flatMap((criterion) =>
        criterion.target ? [[criterion.target.stream, criterion.target.deliverable, dueOf(criterion, program)]] : [],
      ),
    ),
    table(
      EXPORTED.go,
      one.go.actions.map((action) => [action]),
    ),
    table(
      EXPORTED.noGo,
      one.noGo.actions.map((action) => [action]),
    ),
    table(
      EXPORTED.signOff,
      one.signOff.map(({ role, quorum }) => [role, String(quorum)]),
    ),
    table(
      EXPORTED.settings,
      settings.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
  ]
}

function whereOf({ subjects }: Criterion, { streams }: Program): string {
  const [only] = subjects
  if (subjects.length === 1 && only === 'program') return 'program'
  const ids = subjects.map((subject) => subject.replace(/^stream:/, ''))
  return ids.length === streams.length && streams.every((one, index) => one.id === ids[index]) ? 'streams' : ids.join(BETWEEN)
}

function dueOf({ target, condition }: Criterion, { streams }: Program): string {
  const owed: Deliverable | undefined = streams
    .find((one) => one.id === target?.stream)
    ?.deliverables.find((one) => one.id === target?.deliverable)
  if (!('metric' in condition) || condition.comparison.op === 'equals') return 'done'
  const unit = owed?.full?.unit ?? 'count'
  const { comparison } = condition
  return comparison.op === 'between' ? rangeText(comparison.low, comparison.high, unit) : amountText(comparison.value, unit)
}

/** A condition in the words of a program file. */
export function writtenCondition(condition: Condition, metrics: Readonly<Record<string, Metric>>): Readonly<Record<string, unknown>> {
  if ('all' in condition) return { all: condition.all.map((one) => writtenCondition(one, metrics)) }
  if ('any' in condition) return { any: condition.any.map((one) => writtenCondition(one, metrics)) }
  if ('not' in condition) return { not: writtenCondition(condition.not, metrics) }
  if ('signOff' in condition) {
    const { roles, quorum, sameTree } = condition.signOff
    return { signOff: roles.length === 1 && quorum === 1 && !sameTree ? roles[0] : { roles, quorum, ...(sameTree && { sameTree }) } }
  }
  if ('targets' in condition) return { targets: condition.targets }
  const { metric, comparison, provenance } = condition
  const unit = metrics[metric]?.unit ?? 'count'
  const { key, value } = comparisonText(comparison, unit)
  const claimed = metric.startsWith('confidence.') ? 'claimed' : 'measured'
  return {
    metric,
    [key]: value === 'true' ? true : value === 'false' ? false : /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value,
    ...(provenance !== claimed && { provenance }),
  }
}

function yamlBlock(program: Program): string {
  const all = { ...program.metrics, ...HEALTH_METRICS }
  const when = (condition: Condition, metrics: Readonly<Record<string, Metric>> = all): unknown => writtenCondition(condition, metrics)
  const byId = <T extends { readonly id: string }>(entries: readonly T[], make: (one: T) => unknown): Record<string, unknown> =>
    Object.fromEntries(entries.map((one) => [one.id, make(one)]))
  const { policy } = program
  const verdict = others(policy.verdict, DEFAULT_POLICY.verdict)
  const health = others(policy.health, DEFAULT_POLICY.health)
  const matrices = others(policy.matrices, DEFAULT_POLICY.matrices)
  const rules = {
    ...(verdict.length > 0 && {
      verdict: byId(verdict, (one) => ({ title: one.title, when: when(one.when, VERDICT_METRICS), verdict: one.verdict })),
    }),
    ...(health.length > 0 && { health: byId(health, (one) => ({ title: one.title, when: when(one.when), health: one.health })) }),
    ...(matrices.length > 0 && {
      matrices: byId(matrices, (one) => ({
        title: one.title,
        health: one.health,
        immediate: one.immediate,
        ...(one.withinSeconds !== undefined && { within: durationText(one.withinSeconds) }),
        options: byId(one.options, (option) => ({ title: option.title, pros: option.pros, cons: option.cons })),
        recommend: one.recommend,
        recommendation: one.recommendation,
        ...(one.escalateTo !== undefined && { escalateTo: one.escalateTo }),
      })),
    }),
    ...(!same(policy.authority, DEFAULT_POLICY.authority) && { authority: policy.authority }),
  }
  // A default whose people are not there goes from the lead to the phase lead.
  const defaults = DEFAULT_ESCALATION.map((one) => ({
    ...one,
    owner: isKnown(program, one.owner) ? one.owner : 'lead',
    escalateTo: isKnown(program, one.escalateTo) ? one.escalateTo : 'phase-lead',
  }))
  const escalation = others(program.escalation, defaults)
  const data = {
    sources: byId(program.sources, sourceOf),
    ...(Object.keys(rules).length > 0 && { policy: rules }),
    ...(escalation.length > 0 && {
      escalation: byId(escalation, (one) => ({
        scenario: one.scenario,
        when: when(one.when),
        owner: one.owner,
        escalateTo: one.escalateTo,
        action: one.action,
        ...(one.afterSeconds > 0 && { after: durationText(one.afterSeconds) }),
        ...(one.steps.length > 0 && {
          steps: one.steps.map((step) => ({ after: durationText(step.afterSeconds), to: step.to, action: step.action })),
        }),
        ...(one.repeatSeconds !== undefined && { repeat: durationText(one.repeatSeconds) }),
      })),
    }),
    ...(program.templates.length > 0 && {
      templates: byId(program.templates, (one) => ({
        channel: one.channel,
        ...(one.notice !== undefined && { notice: one.notice }),
        text: one.text,
      })),
    }),
    merge: program.merge,
    ...runningOf(program),
  }
  const yaml = stringify(data, { lineWidth: 0, aliasDuplicateObjects: false })
  const fence = '`'.repeat(Math.max(3, ...[...yaml.matchAll(/`+/g)].map((match) => match[0].length + 1)))
  return `${fence}yaml muster\n${yaml}${fence}`
}

/** What `muster run` does, where it is not what every program has. */
function runningOf({ schedule, channels, notify, calendar }: Program): Readonly<Record<string, unknown>> {
  const { standUp } = schedule
  const { perPersonHour, quiet, ...said } = notify
  const written = {
    ...(schedule.openSeconds !== DEFAULT_SCHEDULE.openSeconds && { open: durationText(schedule.openSeconds) }),
    ...(!same(schedule.remindSeconds, DEFAULT_SCHEDULE.remindSeconds) && { remind: schedule.remindSeconds.map(durationText) }),
    ...(schedule.inviteAt !== undefined && { invite: wallText(schedule.inviteAt, calendar.zone) }),
    ...(schedule.claimsSeconds !== undefined && { checkIns: durationText(schedule.claimsSeconds) }),
    ...(schedule.watchSeconds !== undefined && { watch: durationText(schedule.watchSeconds) }),
    ...(schedule.stallDays !== undefined && { stall: schedule.stallDays }),
    ...(standUp && { standUp: { days: standUp.days, time: standUp.time, nudge: durationText(standUp.nudgeSeconds) } }),
  }
  const notices = {
    ...said,
    ...(quiet && { quiet: `${quiet.from}-${quiet.until}` }),
    ...(perPersonHour !== undefined && { perPerson: perPersonHour }),
  }
  return {
    ...(Object.keys(written).length > 0 && { schedule: written }),
    ...(channels.length > 0 && { channels: Object.fromEntries(channels.map(({ id, ...one }) => [id, one])) }),
    ...(!same(notices, { routes: {} }) && { notify: notices }),
  }
}

const wallText = (instant: string, zone: string): string => `${wallOf(instant, zone).date} ${wallOf(instant, zone).time}`

/** Those that are not what every program has. */
const others = <T extends { readonly id: string }>(entries: readonly T[], defaults: readonly T[]): readonly T[] =>
  entries.filter((one) => !defaults.some((each) => same(each, one)))

const isKnown = (program: Program, id: string): boolean =>
  id === 'lead' || program.people.some((one) => one.id === id || one.roles.includes(id))

function sourceOf(one: Source): unknown {
  const options = typeof one.options === 'object' && one.options !== null ? one.options : {}
  return {
    collect: one.collect,
    for: one.for,
    ...options,
    timeLimit: durationText(one.timeLimitSeconds),
    ...(one.maxAgeSeconds !== undefined && { maxAge: durationText(one.maxAgeSeconds) }),
    ...(one.host !== undefined && { host: one.host }),
  }
}

/** Text that reads as itself: every mark that Markdown knows is escaped. */
export const text = (value: string): string =>
  value
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>&|~#]/g, (mark) => `\\${mark}`)

const fields = (pairs: readonly (readonly [string, string])[]): string =>
  pairs
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `**${key}:** ${text(value)}`)
    .join('  \n')

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]): string => `| ${cells.map(text).join(' | ')} |`
  return [line(header), `|${header.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n')
}
