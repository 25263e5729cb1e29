import type { Person } from '#core/program/model.ts'
import type { NoticeAct } from '#core/notify/notice.ts'
import { OUTCOME_WORDS } from '#render/words.ts'

/** How a person is spoken to where it has an effect; undefined where they are only named. */

/** Slack's ids of members; a name or a handle is none. */
export const slackIdOf = (person: Person | undefined): string | undefined =>
  person?.slack !== undefined && /^[UW][A-Z0-9]{2,20}$/.test(person.slack) ? person.slack : undefined

export function loginOf(person: Person | undefined, forge: 'github' | 'gitlab'): string | undefined {
  const login = (forge === 'github' ? person?.github : person?.gitlab)?.replace(/^@/, '')
  return login !== undefined && /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(login) ? login : undefined
}

/** What a button says; the words of a command in a mail. */
export const actLabel = (act: NoticeAct): string => {
  switch (act.act) {
    case 'acknowledge-blocker':
    case 'acknowledge-escalation':
      return 'Acknowledge'
    case 'resolve-blocker':
      return OUTCOME_WORDS[act.outcome]
    case 'sign':
      return act.approve ? 'Sign' : 'Refuse'
  }
}

/** The same from a terminal; ids that a shell would read are quoted. */
export function actCommand(act: NoticeAct): string {
  switch (act.act) {
    case 'acknowledge-blocker':
      return `muster blocker ack ${quoted(act.blocker)}`
    case 'resolve-blocker':
      return `muster blocker resolve ${quoted(act.blocker)} --outcome ${act.outcome} --note WHY`
    case 'acknowledge-escalation':
      return `muster escalation ack ${quoted(act.escalation)}`
    case 'sign':
      return `muster sign --checkpoint ${quoted(act.checkpoint)} --role ${quoted(act.role)}${act.approve ? '' : ' --refuse'} --reason WHY`
  }
}

const quoted = (text: string): string => (/^[A-Za-z0-9._/:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
