import { stringify } from 'yaml'
import type { PlanEscalation, PlanMatrix } from '#core/plan/model.ts'
import { findAmount } from '#core/plan/read/amount.ts'
import { Ids, slug } from '#core/plan/read/text.ts'
import { healthOf } from '#core/plan/read/words.ts'
import type { People } from '#core/plan/write/people.ts'
import type { Needs } from '#core/plan/write/sources.ts'
import { amountText, block, comment, durationText, flow, q, type Writing } from '#core/plan/write/yaml.ts'

/** Syncs, matrices, escalations and templates; parts that the document gives as YAML go first. */
export function ruleLines(writing: Writing, people: People, needs: Needs): readonly string[] {
  const { plan } = writing
  const given = (key: string): readonly string[] | undefined =>
    plan.verbatim?.[key] === undefined
      ? undefined
      : ['', stringify({ [key]: plan.verbatim[key] }, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()]
  return [
    ...syncLines(writing, people),
    ...(given('policy') ?? matrixLines(writing, people)),
    ...(given('escalation') ?? escalationLines(writing, people, needs)),
    ...(given('templates') ?? templateLines(writing)),
  ]
}

function syncLines({ plan, say }: Writing, people: People): readonly string[] {
  if (plan.syncs.length === 0) return []
  const ids = new Ids()
  return [
    '',
    'syncs:',
    ...plan.syncs.slice(0, 500).flatMap((one) => {
      if (one.time === undefined) say(one, `${one.name} has no time of day; 09:30 was written`)
      if (one.durationSeconds === undefined) say(one, `${one.name} has no length; 15 minutes were written`)
      const attendees = [
        ...new Set(
          (one.attendees ?? []).flatMap((fact) =>
            fact.value === 'leads' || people.hasRole(fact.value) ? fact.value : (people.id(fact.value) ?? []),
          ),
        ),
      ]
      return [
        `  ${q(ids.take(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(one.id) ? one.id : slug(one.id), 'sync'))}:`,
        `    name: ${q(one.name === '' ? one.id : one.name)}`,
        `    days: [${(one.days.length > 0 ? one.days : ['monday']).join(', ')}]`,
        ...(one.time === undefined ? [comment('The plan gives no time of day.', 4)] : []),
        `    time: '${one.time ?? '09:30'}'`,
        `    duration: ${durationText(one.durationSeconds ?? 900)}`,
        ...(one.format === '' ? [] : [`    format: ${q(one.format)}`]),
        ...(attendees.length > 0 ? [`    attendees: ${flow(attendees)}`] : []),
        ...(one.topics.length > 0
          ? ['    topics:', ...one.topics.slice(0, 200).map((topic) => `      - ${q(topic === '' ? '-' : topic)}`)]
          : []),
      ]
    }),
  ]
}

function matrixLines(writing: Writing, people: People): readonly string[] {
  const usable = writing.plan.matrices.filter((one) => one.options.length > 0)
  for (const one of writing.plan.matrices)
    if (one.options.length === 0) writing.say(one, `"${one.title}" has no options, so no matrix was written`)
  const without = writing.plan.matrices.flatMap((one) =>
    one.options.length > 0
      ? []
      : [
          '',
          comment(`${one.title}: no options, so no matrix. The plan says:`),
          ...[...one.immediate, one.recommendation].filter((text) => text !== '').map((text) => comment(`- ${text}`)),
        ],
  )
  if (usable.length === 0) return without
  const ids = new Ids()
  return [
    ...without,
    '',
    comment('What can be done about a stream that is behind, ahead or blocked.'),
    'policy:',
    '  matrices:',
    ...usable.slice(0, 100).flatMap((one) => matrix(writing, people, one, ids)),
  ]
}

function matrix({ say }: Writing, people: People, one: PlanMatrix, ids: Ids): readonly string[] {
  const optionIds = new Ids()
  const options = one.options.slice(0, 100).map((option) => ({
    ...option,
    key: optionIds.take(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/.test(option.id) ? option.id : slug(option.title), 'option'),
  }))
  const recommended = options.filter((option) => one.recommend.includes(option.id)).map((option) => option.key)
  if (recommended.length === 0) say(one, `"${one.title}" recommends no option; the first was written`)
  const to = one.escalateTo && (people.id(one.escalateTo.value) ?? (one.escalateTo.value === 'lead' ? 'lead' : undefined))
  const points = (key: string, texts: readonly string[]): readonly string[] =>
    texts.length === 0 ? [] : [`          ${key}:`, ...texts.slice(0, 50).map((text) => `            - ${q(text === '' ? '-' : text)}`)]
  return [
    ...(one.when === one.title ? [] : [comment(one.when, 4)]),
    `    ${q(ids.take(one.id, 'matrix'))}:`,
    `      title: ${q(one.title === '' ? one.id : one.title)}`,
    `      health: [${healthOf(one.title) ?? healthOf(one.when) ?? 'BEHIND'}]`,
    ...(one.withinSeconds === undefined ? [] : [`      within: ${durationText(one.withinSeconds)}`]),
    ...(one.immediate.length === 0
      ? []
      : ['      immediate:', ...one.immediate.slice(0, 100).map((text) => `        - ${q(text === '' ? '-' : text)}`)]),
    '      options:',
    ...options.flatMap((option) => [
      `        ${q(option.key)}:`,
      `          title: ${q(option.title === '' ? option.key : option.title)}`,
      ...points('pros', option.pros),
      ...points('cons', option.cons),
    ]),
    ...(recommended.length === 0 ? [comment('The plan recommends none of them.', 6)] : []),
    `      recommend: ${flow(recommended.length > 0 ? recommended : options.slice(0, 1).map((option) => option.key))}`,
    `      recommendation: ${q(one.recommendation === '' ? 'The plan recommends none of them' : one.recommendation)}`,
    ...(to === undefined ? [] : [`      escalateTo: ${q(to)}`]),
  ]
}

/** What a scenario in words is measured by; a key of the default rules, so that it takes the place of one. */
function conditionOf({ scenario, afterSeconds }: PlanEscalation, needs: Needs): { readonly id: string; readonly when: string } | undefined {
  if (/coverage|abdeckung|cobertura|覆盖率/i.test(scenario)) {
    const found = findAmount(scenario)
    if (found?.amount.unit === 'ratio' && found.amount.low <= 1) {
      needs.add('coverage')
      return { id: 'coverage', when: `{ metric: coverage.lines, below: ${amountText(found.amount.low, 'ratio')} }` }
    }
    return undefined
  }
  if (/secur|sicherheit|seguridad|安全/i.test(scenario)) return { id: 'security', when: '{ metric: blockers.security, atLeast: 1 }' }
  if (/merge|konflikt|conflict|fusi[oó]n|冲突/i.test(scenario)) return { id: 'merge', when: '{ metric: blockers.merge, atLeast: 1 }' }
  if (/block|bloque|阻塞/i.test(scenario))
    return {
      id: 'blocker',
      when:
        afterSeconds === undefined || afterSeconds === 0
          ? '{ metric: blockers.open, atLeast: 1 }'
          : `{ metric: blockers.age, above: ${durationText(afterSeconds)} }`,
    }
  if (
    /behind|rückstand|verzug|retras|atras|落后|延迟|(?:stream|track|team|agent|session|schedule|milestone|deadline).{0,20}(?:late|delay|slip)/i.test(
      scenario,
    )
  )
    return { id: 'behind', when: '{ metric: health.behind, equals: true }' }
  if (/performance|benchmark|leistung|rendimiento|性能/i.test(scenario))
    return { id: 'performance', when: '{ not: { targets: [performance] } }' }
  if (/documentation|docs\b|dokumentation|documentaci[oó]n|文档/i.test(scenario))
    return { id: 'documentation', when: '{ not: { targets: [documentation] } }' }
  return undefined
}

function escalationLines(writing: Writing, people: People, needs: Needs): readonly string[] {
  const { plan, say } = writing
  if (plan.escalations.length === 0) return []
  const ids = new Ids()
  const lines = plan.escalations.slice(0, 500).flatMap((one) => {
    const owner = one.owner.value === 'lead' ? 'lead' : (people.id(one.owner.value) ?? 'lead')
    const to = one.escalateTo.value === 'lead' ? 'lead' : people.id(one.escalateTo.value)
    if (to === undefined || to === owner) {
      say(
        one.escalateTo,
        `"${one.scenario}" goes from ${one.owner.text ?? one.owner.value} to ${one.escalateTo.text ?? one.escalateTo.value}, who is the same; it was left out`,
      )
      return [comment(`${one.scenario}: ${one.owner.text ?? owner} escalates to ${one.escalateTo.text ?? owner}`, 2)]
    }
    const known = conditionOf(one, needs)
    if (!known) say(one, `nothing measures "${one.scenario}"; it is escalated once a lead signs that it has come to pass`)
    return [
      ...(known ? [] : [comment('Nothing measures it: it is escalated once a lead signs that it has come to pass.', 2)]),
      `  ${q(ids.take(known?.id ?? one.id, 'rule'))}:`,
      `    scenario: ${q(one.scenario === '' ? one.id : one.scenario)}`,
      `    when: ${known?.when ?? '{ signOff: lead }'}`,
      `    owner: ${q(owner)}`,
      `    escalateTo: ${q(to)}`,
      `    action: ${q(one.action === '' ? 'Decide what to do' : one.action)}`,
    ]
  })
  return lines.some((line) => !line.trim().startsWith('#')) ? ['', 'escalation:', ...lines] : ['', ...lines]
}

function templateLines({ plan }: Writing): readonly string[] {
  if (plan.templates.length === 0) return []
  const ids = new Ids()
  return [
    '',
    comment('As the plan has them, figures and all: put placeholders such as {{ stream.name }} where they belong.'),
    'templates:',
    ...plan.templates.slice(0, 200).flatMap((one) => {
      const [first = '""', ...rest] = block(one.text, 6)
      return [`  ${q(ids.take(one.id, 'template'))}:`, `    channel: ${q(one.channel)}`, `    text: ${first}`, ...rest]
    }),
  ]
}
