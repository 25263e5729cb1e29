import type { NoticeKind } from '#core/program/model.ts'

/**
 * The messages as Muster ships them, in the notation of `document.ts`. A program replaces one for
 * one channel by a template of its own; the title of a message is not part of it.
 */

const BLOCKERS = `{% if blockers.size > 0 %}
# Open blockers
{% for one in blockers %}
- *{{ one.severity | upcase }}* {{ one.stream.name }}: {{ one.title }}{% if one.overdue %}, overdue since{% else %}, by{% endif %} {{ one.deadline | when }} ({{ one.owner.name }})
{% endfor %}
{% endif %}
`

const AGENDA = `
{% for item in checkpoint.agenda %}
- {{ item.title }}, {{ item.seconds | span }}{% if item.eachStream %} for each stream{% endif %}{% if item.topics.size > 0 %}: {{ item.topics | names }}{% endif %}
{% endfor %}
`

export const TEMPLATES: Readonly<Record<NoticeKind, string>> = {
  invitation: `
{% if change == 'cancelled' %}*Cancelled*{% if meeting.durationSeconds > 0 %}, it was to begin {{ meeting.at | when }}{% endif %}.{% elsif change == 'withdrawn' %}*You are not among the attendees any more.* It takes place without you.{% elsif change == 'readdressed' %}*Your invitation goes to another address now.* Look for it there.{% else %}{% if change == 'moved' %}*Moved* to {% elsif change == 'changed' %}*Changed:* {% endif %}{% if meeting.repeats %}Every {% for day in meeting.repeats.days %}{{ day | capitalize }}{% unless forloop.last %}, {% endunless %}{% endfor %} at {{ meeting.repeats.time }} {{ program.zone }}, from {{ meeting.at | day }} to {{ meeting.repeats.until | day }}{% else %}{{ meeting.at | when }}{% endif %}, {{ meeting.durationSeconds | span }}{% endif %}
{% if reason %}
Reason: {{ reason }}
{% endif %}
{{ meeting.question }}

{% if meeting.agenda.size > 0 %}
# Agenda
{% for item in meeting.agenda %}
- {{ item.title }}{% if item.seconds > 0 %}, {{ item.seconds | span }}{% endif %}{% if item.eachStream %} for each stream{% endif %}{% if item.topics.size > 0 %}: {{ item.topics | names }}{% endif %}
{% endfor %}
{% endif %}

{% if meeting.criteria.size > 0 %}
# Critical criteria
{% for one in meeting.criteria %}
- {{ one.title }}: {{ one.about }}
{% endfor %}
{% if meeting.moreCriteria > 0 %}
- and {{ meeting.moreCriteria }} that are supporting or advisory
{% endif %}
{% endif %}

{% if meeting.attendees.size > 0 %}
# Attendees
{% for one in meeting.attendees %}
- {{ one.name }}{% if one.roles.size > 0 %} ({{ one.roles | names }}){% endif %}
{% endfor %}
{% endif %}

{% if program.url %}
> {{ program.name }}: <{{ program.url }}>
{% endif %}
`,

  reminder: `
*{{ checkpoint.name }}* begins in {{ inSeconds | span }}: {{ checkpoint.at | when }}.
{{ checkpoint.question }}
${AGENDA}
{% if toCheckIn.size > 0 %}
Not checked in yet: {% for one in toCheckIn %}{{ one.lead | mention }} ({{ one.name }}){% unless forloop.last %}, {% endunless %}{% endfor %}
{% endif %}
${BLOCKERS}`,

  opened: `
*{{ checkpoint | held }}*, {{ checkpoint.durationSeconds | span }}{% if late %}. It opens late{% endif %}
{{ checkpoint.question }}

{% if checkpoint.agenda.size > 0 %}
# Agenda
{% endif %}
${AGENDA}
Attendees: {{ checkpoint.attendees | mention }}
{% if toCheckIn.size > 0 %}
Not checked in yet: {% for one in toCheckIn %}{{ one.lead | mention }} ({{ one.name }}){% unless forloop.last %}, {% endunless %}{% endfor %}
{% endif %}
${BLOCKERS}`,

  decision: `
*{{ decision.verdict | sign }}*{% if decision.override %}, set by {{ decision.override.by }}, {{ decision.override.at | when }}: {{ decision.override.reason }}{% else %}: {{ decision.rule }}{% endif %}
{{ checkpoint.question }}
{% if decision.override %}
Computed: {{ decision.override.computed | sign }}, {{ decision.rule }}
{% endif %}

# All streams
{% for one in streams %}
- *{{ one.name }}*: {{ one.health | sign }}{% if one.progress %}, {{ one.progress | percent }} complete{% endif %}{% unless one.merge.state == 'none' %}. {% case one.merge.state %}{% when 'merged' %}Merged{% when 'planned' %}Merges {{ one.merge.on | day }}{% when 'held' %}Held back: {{ one.merge.because }}{% else %}Waits: {{ one.merge.because }}{% endcase %}{% endunless %}
{% endfor %}

{% if against.size > 0 %}
# {% if decision.verdict == 'GO' %}What is open all the same{% else %}What keeps it from GO{% endif %}
{% for one in against %}
- {{ one.title }} ({{ one.about }}, {{ one.tier }}, {{ one.status | sign }}): {{ one.because }}
{% endfor %}
{% if moreAgainst > 0 %}
- and {{ moreAgainst }} more
{% endif %}
{% endif %}

{% if integrationPoints.size > 0 %}
# Integration points
{% for one in integrationPoints %}
- {{ one.stream }} → {{ one.with }}: {{ one.title }}, {{ one.status | sign }}
{% endfor %}
{% endif %}

# Cross-stream dependencies
{% for one in dependencies %}
- {{ one.stream }} needs {{ one.needs }} at {{ one.reaches | percent }}; it is at {% if one.progress %}{{ one.progress | percent }}{% else %}an unknown share{% endif %}
{% else %}
None declared.
{% endfor %}

{% if merge %}
# Merge plan
{% for day in merge.days %}
- {{ day.date | day }}: {{ day.streams | names }}
{% endfor %}
{% for one in merge.held %}
- Held back: {{ one.stream }}, {{ one.because }}
{% endfor %}
{% endif %}

{% if again.continuing.size > 0 or again.extendedUntil or again.reevaluateAt %}
# Until the next decision
{% if again.continuing.size > 0 %}
- These go on: {{ again.continuing | names }}
{% endif %}
{% if again.extendedUntil %}
- The others have until {{ again.extendedUntil | when }}
{% endif %}
{% if again.reevaluateAt %}
- Decided again {{ again.reevaluateAt | when }}
{% endif %}
{% endif %}

{% if conditions.size > 0 %}
# Conditions
{% for one in conditions %}
- {{ one.about }}: {{ one.text }} ({{ one.owner }}, by {{ one.due | when }})
{% endfor %}
{% endif %}

{% if actions.size > 0 %}
# Who does what next
{% for one in actions %}
- {% if one.who.size > 0 %}*{{ one.who | names }}*: {% endif %}{% if one.about %}{{ one.about }}, {% endif %}{{ one.text }}{% if one.due %}, by {{ one.due | when }}{% endif %}
{% endfor %}
{% if moreActions > 0 %}
- and {{ moreActions }} more
{% endif %}
{% endif %}

{% if signOffs.size > 0 %}
# Signatures
{% for one in signOffs %}
- {{ one.role }}: {{ one.approved.size }} of {{ one.quorum }}{% if one.refused.size > 0 %}, refused by {{ one.refused | names }}{% endif %}{% if one.waitingFor.size > 0 %}, waiting for {{ one.waitingFor | names }}{% endif %}
{% endfor %}
{% endif %}

Risk: *{{ risk }}*. Confidence: {% if confidence %}{{ confidence | percent }}, the lowest that a lead claims{% else %}nothing claimed{% endif %}.
{% if next %}
Next: {{ next | held }}
{% endif %}

{% if record %}
> Record \`{{ record.id }}\`, number {{ record.seq }}; recompute it with \`muster replay {{ record.id }}\`
{% endif %}
{% if head %}
> Before this message the ledger ended at \`{{ head }}\`: \`muster verify --head\` holds it to that
{% endif %}
`,

  status: `
*{{ stream.health | sign }}*{% if stream.progress %}, {{ stream.progress | percent }} complete{% endif %}: {{ stream.because }}
Lead: {{ stream.lead | mention }}. {{ checkpoint | held }}

{% if stream.deliverables.size > 0 %}
# Deliverables
{% for one in stream.deliverables %}
{% unless one.kind == 'performance' %}
- {{ one.title }}: {% if one.measured %}{{ one.measured }}{% if one.full %} of {{ one.full }}{% endif %}{% elsif one.status == 'satisfied' %}signed{% elsif one.status == 'stale' or one.status == 'errored' or one.status == 'inconclusive' %}nothing that counts{% else %}nothing yet{% endif %}{% if one.status %}, {{ one.status | sign }}{% endif %}
{% endunless %}
{% endfor %}
{% endif %}

# Completed
{% for one in stream.completed %}
- {{ one }}
{% else %}
Nothing.
{% endfor %}

# Remaining
{% for one in stream.remaining %}
- {{ one }}
{% else %}
Nothing of what is due.
{% endfor %}

# Blockers
{% for one in stream.blockers %}
- *{{ one.severity | upcase }}* {{ one.title }}: {{ one.impact }}. Workaround: {{ one.workaround | default: 'none yet' }}. {{ one.owner.name }}, by {{ one.deadline | when }}{% if one.overdue %} (overdue){% endif %}
{% else %}
{% if stream.checkIn %}None is on record; the last check-in is of {{ stream.checkIn.at | when }}.{% else %}None is on record, but {{ stream.lead.name }} has not checked in.{% endif %}
{% endfor %}

{% for one in stream.deliverables %}
{% if one.kind == 'performance' %}
# Performance: {{ one.title }}
- Target: {{ one.due | default: one.full | default: 'none set' }}
- Achieved: {{ one.measured | default: 'not measured' }}
- Status: {% if one.status %}{{ one.status | sign }}{% else %}nothing due{% endif %}
{% endif %}
{% endfor %}

# Next
- {% if decided %}Decision{% else %}Nothing is decided yet; as it stands{% endif %}: {{ decision.verdict | sign }}, {% if decision.override %}set by {{ decision.override.by }}{% else %}{{ decision.rule }}{% endif %}
{% unless stream.merge.state == 'none' %}
- {% case stream.merge.state %}{% when 'merged' %}Merged{% when 'planned' %}Merges {{ stream.merge.on | day }}{% when 'held' %}Held back: {{ stream.merge.because }}{% else %}Waits: {{ stream.merge.because }}{% endcase %}
{% endunless %}
{% if stream.checkIn %}
{% for one in stream.checkIn.next %}
- {{ one }} (planned by {{ stream.checkIn.by }})
{% endfor %}
{% endif %}
{% if next %}
- {{ next | held }}
{% endif %}

Risk level: *{{ stream.risk }}*, {{ stream.riskBecause }}. Confidence: {% if stream.confidence %}{{ stream.confidence | percent }}{% else %}nothing claimed{% endif %}.

> Questions? Ask {{ stream.lead | mention }} or answer here.
`,

  'sign-off': `
{% if waitingFor.size > 0 %}
{{ waitingFor | mention }}: {{ checkpoint.name }} waits for your signature as *{{ role }}*{% if verdict %}; the verdict is *{{ verdict | sign }}*{% endif %}.
{% elsif approved.size >= quorum %}
{{ checkpoint.name }} is signed for *{{ role }}*.
{% else %}
{{ checkpoint.name }} is *not* signed for *{{ role }}*, and nobody is left to sign{% if verdict %}; the verdict is *{{ verdict | sign }}*{% endif %}.
{% endif %}
{{ checkpoint.question }}

- Signed: {{ approved.size }} of {{ quorum }}{% if approved.size > 0 %} ({{ approved | names }}){% endif %}
{% if refused.size > 0 %}
- Refused: {{ refused | names }}
{% endif %}
`,

  'check-in': `
{% for one in streams %}{{ one.lead | mention }}{% unless forloop.last %}, {% endunless %}{% endfor %}: please check in before {{ due | when }}, when {{ checkpoint.name }} begins.
{% for one in streams %}
- {{ one.name }}: \`muster checkin --stream {{ one.id }}\`
{% endfor %}
`,

  'stand-up': `
{% if missing.size > 0 %}
{% if nudge %}Still missing{% else %}To check in{% endif %}: {% for one in missing %}{{ one.lead | mention }} ({{ one.name }}){% unless forloop.last %}, {% endunless %}{% endfor %}
What is done, what comes next, what is in the way? \`muster checkin\` asks, and takes it down.
{% endif %}

{% for one in checkIns %}
# {{ one.stream.name }}, {{ one.by }} at {{ one.at | time }}
{% for each in one.done %}
- Done: {{ each }}
{% endfor %}
{% for each in one.next %}
- Next: {{ each }}
{% endfor %}
{% for each in one.risks %}
- Risk: {{ each }}
{% endfor %}
{% for each in one.waitingOn %}
- Waits for: {{ each }}
{% endfor %}
{% for each in one.blocking %}
- Blocks: {{ each }}
{% endfor %}
{% endfor %}
${BLOCKERS}`,

  sync: `
{{ sync.at | when }}, {{ sync.durationSeconds | span }}. {{ sync.format }}
With: {{ sync.attendees | mention }}

{% if sync.topics.size > 0 %}
# Topics
{% for one in sync.topics %}
- {{ one }}
{% endfor %}
{% endif %}
${BLOCKERS}
{% if next %}
> Next checkpoint: {{ next | held }}
{% endif %}
`,

  blocker: `
{% case change %}{% when 'resolved' %}*Resolved*{% if blocker.resolvedAt %} {{ blocker.resolvedAt | when }}{% endif %}{% if by %} by {{ by.name }}{% endif %}{% if outcome %}{% case outcome %}{% when 'workaround' %} with a workaround{% when 'scope-reduced' %}, the scope is reduced{% when 'deadline-extended' %}, the deadline is extended{% endcase %}{% endif %}{% if note %}: {{ note }}{% else %}.{% endif %}{% when 'acknowledged' %}*Acknowledged*{% if by %} by {{ by.name }}{% endif %}{% if blocker.acknowledgedUntil %} until {{ blocker.acknowledgedUntil | when }}{% endif %}.{% when 'overdue' %}*Overdue*: it was to be resolved by {{ blocker.deadline | when }}.{% when 'unacknowledged' %}The acknowledgement has lapsed: *nobody is on it*.{% when 'changed' %}*Changed*{% if by %} by {{ by.name }}{% endif %}: {{ changed | names }}.{% when 'sync' %}*Meet now*: an emergency sync about it is due.{% when 'workarounds' %}No way around it is written down yet: *write down what there is*.{% when 'decision' %}*Decide now* what is done about it.{% when 'again' %}There is *still no decision* about it.{% when 'raised' %}*Critical now*{% if by %}, raised by {{ by.name }}{% endif %}; it was opened {{ blocker.openedAt | when }}.{% else %}Opened {{ blocker.openedAt | when }}.{% endcase %}

*Issue:* {{ blocker.title }}
*Severity:* {{ blocker.severity | upcase }}
*Impact:* {{ blocker.impact }}
{% unless change == 'resolved' and blocker.workaround == nil %}
*Workaround:* {{ blocker.workaround | default: 'none yet' }}
{% endunless %}
*Owner:* {{ blocker.owner | mention }}, {% if blocker.overdue %}overdue since{% else %}by{% endif %} {{ blocker.deadline | when }}

{% if options.size > 0 %}
{% if decider %}{{ decider | mention }}: a{% else %}A{% endif %} decision {% if change == 'decision' or change == 'again' %}is needed now{% else %}{% if blocker.overdue %}was needed{% else %}is needed{% endif %} by {{ blocker.deadline | when }}{% endif %}. The ways out:
{% for one in options %}
- {{ one }}
{% endfor %}
{% endif %}

> Details: \`{{ blocker.id }}\`, {{ blocker.stream.name }}
`,

  escalation: `
{% case change %}{% when 'cleared' %}*Over*{% if escalation.clearedAt %} since {{ escalation.clearedAt | when }}{% endif %}{% if escalation.clearedBecause %}: {{ escalation.clearedBecause }}{% else %}.{% endif %}{% when 'acknowledged' %}*Acknowledged*{% if by %} by {{ by.name }}{% endif %}{% if escalation.acknowledgedUntil %} until {{ escalation.acknowledgedUntil | when }}{% endif %}.{% else %}{{ escalation.to | mention }}: *{{ action }}*{% endcase %}

*Scenario:* {{ escalation.scenario }}, {{ escalation.about }}
*Because:* {{ escalation.because }}
*Owner:* {{ escalation.owner | mention }}
*Since:* {{ escalation.raisedAt | when }}{% if steps > 1 %}{% unless change == 'cleared' or change == 'acknowledged' %}, step {{ step }} of {{ steps }}{% endunless %}{% endif %}
${BLOCKERS}`,

  stalled: `
{{ stream.lead | mention }}: nothing measured of *{{ stream.name }}* has moved{% if since %} since {{ since | when }}{% endif %}{% if workDays > 0 %}, that is {{ workDays }} work days or more{% endif %}.
What is in the way? A check-in or a blocker says so.
${BLOCKERS}`,

  waiver: `
{{ waiver.by | mention }}: the waiver of *{{ waiver.criterion }}* ({{ waiver.about }}) {% if waiver.expires %}{% if lapsed %}lapsed{% else %}lapses{% endif %} {{ waiver.expires | when }}{% else %}has no end{% endif %}.
Reason that was given: {{ waiver.reason }}
{% if lapsed %}It counts no more at{% else %}It counts at{% endif %} {{ checkpoint | held }}. Meet the criterion, or renew the waiver: \`{{ waiver.renew }}\`

> \`{{ waiver.id }}\`
`,

  trouble: `
Since {{ since | when }}: {{ because }}
{% if remedy %}
*What to do:* {{ remedy }}
{% endif %}
`,

  digest: `
{% for one in notices %}
- {{ one.at | when }}: {{ one.title }}
{% endfor %}
`,
}
