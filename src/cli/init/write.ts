import { stringify } from 'yaml'
import type { Candidate, Survey } from '#cli/init/survey.ts'
import type { WorkCommand } from '#cli/init/work.ts'
import { addDays, formatZoned, wallOf, wallToInstant } from '#core/schedule/time.ts'
import { capital } from '#render/words.ts'

export interface Choices {
  readonly name: string
  /** As the program file will say it: a path from its folder, or a URL. */
  readonly repository: string
  readonly target: string
  readonly zone: string
  /** Instant, ISO 8601 in UTC. */
  readonly now: string
}

interface PersonToBe {
  readonly id: string
  readonly name: string
  readonly handle?: string
  readonly email?: string
}

/** A commented program file from what was found in a repository. */
export function programText(found: Survey, choices: Choices): string {
  const people = new People(found.owners)
  const ids = new Ids()
  const streams = found.candidates.map((candidate) => ({
    candidate,
    id: ids.take(slug(candidate.branch.split('/').at(-1) ?? ''), slug(candidate.branch), 'stream'),
    lead: people.leadOf(candidate),
  }))
  const chief = people.chief(
    streams.map((one) => one.lead),
    found.chief,
  )
  return [
    '# What the streams of work owe at which checkpoint, and how it is decided.',
    '# `muster config check` finds mistakes in this file; `muster config print --resolved` shows every',
    '# default; `muster doctor --collectors` lists what can be measured.',
    '',
    `program: ${quote(slug(choices.name) || 'program')}`,
    `name: ${quote(choices.name)}`,
    `repository: ${quote(choices.repository)}`,
    '# The branch that the streams merge into.',
    `target: ${quote(choices.target)}`,
    '',
    'calendar:',
    '  # Times in this file are wall times in this zone.',
    `  zone: ${quote(choices.zone)}`,
    '',
    ...peopleLines(people.all, chief, found),
    '',
    ...sourceLines(found),
    '',
    ...guardLines(found),
    ...streamLines(streams),
    '',
    ...checkpointLines(found, choices, streams.length),
    '',
  ].join('\n')
}

const PHASE_LEAD = 'Phase lead'

/** Owners first; then authors who lead a stream that no owner does. */
class People {
  readonly #ids = new Ids()
  readonly #people = new Map<string, PersonToBe>()

  constructor(owners: readonly string[]) {
    for (const owner of owners) this.#add(owner)
  }

  get all(): readonly PersonToBe[] {
    return [...this.#people.values()]
  }

  leadOf(candidate: Candidate): PersonToBe {
    return this.#add(candidate.lead?.name ?? 'Stream lead')
  }

  /** The owner of what nobody else owns; else who leads most streams; else the first owner; else somebody to be named: none of several who lead one each. */
  chief(leads: readonly PersonToBe[], owner: string | undefined): PersonToBe {
    if (owner !== undefined) return this.#add(owner)
    const count = (person: PersonToBe): number => leads.filter((one) => one.id === person.id).length
    const [first, second] = leads.toSorted((a, b) => count(b) - count(a))
    if (first && second && count(first) === count(second) && first.id !== second.id) return this.#add(PHASE_LEAD)
    return first ?? this.all[0] ?? this.#add(PHASE_LEAD)
  }

  #add(written: string): PersonToBe {
    const known = this.#people.get(written)
    if (known) return known
    const isHandle = written.startsWith('@')
    const isAddress = !isHandle && /^[^\s@]+@[^\s@]+$/.test(written)
    const name = isHandle
      ? (written.split('/').at(-1) ?? written).replace(/^@/, '')
      : isAddress
        ? (written.split('@')[0] ?? written)
        : printable(written)
    const id = this.#ids.take(slug(name), slug(written), 'person')
    const person = { id, name: name || id, ...(isHandle && { handle: written }), ...(isAddress && { email: written }) }
    this.#people.set(written, person)
    return person
  }
}

/** Ids that are not taken yet. */
class Ids {
  readonly #taken = new Set<string>()

  take(short: string, long: string, word: string): string {
    // A number alone says nothing to a reader, and JavaScript would sort it before its elders.
    const [first = word, ...others] = [short, long, `${word}-${short}`].filter((one) => one !== '' && !/^\d+$/.test(one))
    let id = [first, ...others].find((one) => !this.#taken.has(one)) ?? first
    for (let count = 2; this.#taken.has(id); count += 1) id = `${first.slice(0, 56)}-${count}`
    this.#taken.add(id)
    return id
  }
}

/** Letters, digits and dashes, at most 60; empty when nothing of the text is one. */
export const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+/, '')
    .slice(0, 60)
    .replace(/[-.]+$/, '')

/** Names come from commits, which anyone can write: no control or direction characters, one line. */
const printable = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 200)

const quote = (text: string): string => stringify(text, { lineWidth: 0, defaultStringType: 'PLAIN', singleQuote: true }).trim()

/** The last part of a branch's name in words, with the part before it where it is no word by itself: `agent/3` is `Agent 3`. */
const title = (branch: string): string => {
  const parts = branch.split('/')
  const words = (from: number): string => printable(parts.slice(from).join(' ').replace(/[-_]+/g, ' '))
  const last = words(-1)
  return capital(/\p{L}{2}/u.test(last) ? last : words(-2) || printable(branch))
}

function peopleLines(people: readonly PersonToBe[], chief: PersonToBe, found: Survey): string[] {
  const from =
    found.codeownersPath === undefined
      ? 'The authors of the branches; there is no CODEOWNERS.'
      : `From ${found.codeownersPath}, and the authors of branches whose paths nobody owns there.`
  return [
    `# ${from}`,
    '# Roles are words of your own; phase-lead may waive a criterion, override a verdict, and is escalated to.',
    'people:',
    ...people.flatMap((person) => [
      `  ${quote(person.id)}:`,
      ...(person.name === PHASE_LEAD ? ['    # Nobody could be told from the branches.'] : []),
      `    name: ${quote(person.name)}`,
      ...(person.handle === undefined ? [] : [`    handle: ${quote(person.handle)}`]),
      ...(person.email === undefined ? [] : [`    email: ${quote(person.email)}`]),
      ...(person.id === chief.id ? ['    roles: [phase-lead]'] : []),
    ]),
  ]
}

function sourceLines(found: Survey): string[] {
  const { work } = found
  const lines = [
    '# What is measured. A metric is <source>.<fact>: git.exists, tests.ratio, build.passed.',
    'sources:',
    '  git:',
    '    collect: git',
  ]
  if (!work?.build && !work?.test) {
    lines.push(
      '  # Nothing at the root says what builds and tests this repository. For example:',
      '  # build:',
      '  #   collect: command',
      '  #   run: make',
    )
    return lines
  }
  lines.push(`  # Guessed from ${work.from}. A command runs in a checkout of each branch, once \`muster trust\` was asked.`)
  if (work.build) lines.push(...commandLines('build', work.build))
  if (work.test) {
    lines.push(...commandLines('test', work.test))
    const { results } = work.test
    if (results) lines.push('  tests:', `    collect: ${results.collect}`, '    from: test', `    files: ${quote(results.files)}`)
    else
      lines.push(
        '  # Only the exit code of the tests is read. Where they can write a JUnit report, each case counts:',
        '  # tests: { collect: junit, from: test, files: reports/junit.xml }',
      )
    if (work.test.coverage !== undefined)
      lines.push('  coverage:', '    collect: coverage', '    from: test', `    files: ${quote(work.test.coverage)}`)
  }
  return lines
}

/** What a branch's own checkout runs says of the branch only what the branch lets it say. */
const guardLines = ({ work }: Survey): string[] =>
  work?.build || work?.test
    ? [
        '# A stream may change what judges it: settings of its tests, CI, commands, this file. Who signs when one does?',
        'guard:',
        '  signOff: phase-lead',
        '',
      ]
    : []

const commandLines = (id: string, command: WorkCommand): string[] => [
  `  ${id}:`,
  '    collect: command',
  ...(command.setup === undefined ? [] : [`    setup: ${quote(command.setup)}`]),
  `    run: ${quote(command.run)}`,
  ...(command.environment === undefined
    ? []
    : ['    environment:', ...Object.entries(command.environment).map(([name, value]) => `      ${name}: ${quote(value)}`)]),
  '    timeLimit: 15m',
]

function streamLines(streams: readonly { readonly candidate: Candidate; readonly id: string; readonly lead: PersonToBe }[]): string[] {
  const example = [
    '    # What the stream owes. A measured amount can be due in part at a checkpoint (targets).',
    '    # deliverables:',
    '    #   code: { title: The code, measure: git.lines.code, full: 400 lines }',
  ]
  if (streams.length === 0) {
    return [
      '# No branch looks like a stream of work yet. One looks like this:',
      '#   parser:',
      '#     name: Parser',
      '#     lead: <id of a person>',
      '#     branch: feature/parser',
      'streams: {}',
    ]
  }
  return [
    'streams:',
    ...streams.flatMap(({ candidate, id, lead }, index) => [
      `  ${quote(id)}:`,
      `    name: ${quote(title(candidate.branch))}`,
      ...(candidate.lead === undefined ? ['    # Nobody could be told from the branch.'] : []),
      `    lead: ${quote(lead.id)}`,
      `    branch: ${quote(candidate.branch)}`,
      ...(index === 0 ? example : []),
    ]),
  ]
}

function checkpointLines(found: Survey, { zone, now }: Choices, streams: number): string[] {
  const midweek = nextAt(now, zone, 'wednesday', '16:00')
  const end = nextAt(wallToInstant(`${midweek} 16:00`, zone) ?? now, zone, 'friday', '15:30')
  const { work } = found
  const criterion = (id: string, text: string, condition: string, tier?: string): string[] => [
    `      ${id}:`,
    `        title: ${text}`,
    ...(tier === undefined ? [] : [`        tier: ${tier}`]),
    `        ${condition}`,
  ]
  const shared = [
    ...criterion('branch', 'The branch is there', 'metric: git.exists\n        equals: true'),
    ...(work?.build ? criterion('build', 'It builds', 'metric: build.passed\n        equals: true') : []),
    ...(work?.test
      ? work.test.results === undefined
        ? criterion('tests', 'The tests pass', 'metric: test.passed\n        equals: true')
        : [
            '      # A skipped test has not passed. Where some are meant to be skipped: { metric: tests.failed, atMost: 0 }.',
            ...criterion('tests', 'All tests pass', 'metric: tests.ratio\n        atLeast: 100%'),
          ]
      : []),
    ...(work?.build || work?.test
      ? []
      : [
          '      # Nothing runs it yet, and a branch that is there proves nothing of what is on it.',
          ...criterion('works', 'Somebody has seen it work', 'signOff: phase-lead\n        for: streams'),
        ]),
  ]
  return [
    `# Written on ${formatZoned(now, zone)}. A criterion is critical and judged for each stream unless it says otherwise.`,
    'checkpoints:',
    '  midweek:',
    '    name: Midweek',
    `    at: ${midweek} 16:00`,
    '    weekday: wednesday',
    '    duration: 30m',
    '    attendees: [leads, phase-lead]',
    ...(streams > 0 && streams <= 10
      ? [
          '    agenda:',
          '      - { item: Report of the stream, time: 2m, each: stream }',
          '      - { item: Across the streams, time: 5m }',
          '      - { item: Action items, time: 5m }',
        ]
      : []),
    '    criteria:',
    ...shared,
    ...criterion('blockers', 'Every blocker has a workaround', 'metric: blockers.unmitigated\n        atMost: 0', 'supporting'),
    '    decide:',
    '      question: Are all streams on track for Friday?',
    '  week-end:',
    '    name: End of the week',
    `    at: ${end} 15:30`,
    '    weekday: friday',
    '    duration: 45m',
    '    attendees: [leads, phase-lead]',
    '    criteria:',
    ...shared,
    ...criterion('blockers', 'No blocker is open', 'metric: blockers.open\n        atMost: 0', 'supporting'),
    ...criterion('merged', 'The work is in the target', 'metric: git.merged\n        equals: true'),
    '    decide:',
    '      question: Is the week done?',
  ]
}

/** Date of the first such weekday whose time is still to come. */
function nextAt(now: string, zone: string, weekday: string, time: string): string {
  const today = wallOf(now, zone).date
  for (let days = 0; days <= 7; days += 1) {
    const date = addDays(today, days)
    const instant = wallToInstant(`${date} ${time}`, zone)
    if (instant !== undefined && instant > now && wallOf(instant, zone).weekday === weekday) return date
  }
  return today
}
