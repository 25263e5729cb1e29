import { failed } from '#deliver/shared/outcome.ts'
import { mailer } from '#deliver/shared/mail.ts'
import type { OpenChannel } from '#deliver/ports.ts'
import { invitationIcs } from '#render/ics/invitation.ts'
import { plainNotice } from '#render/notice/plain.ts'
import { wordNotice } from '#render/notice/word.ts'

/** Invitations by mail (iMIP, RFC 6047): one meeting is one UID, and a retry carries the same SEQUENCE. */
export const open: OpenChannel = (config, { environment }) => {
  const mail = mailer(config, environment)
  return {
    async send(dispatch) {
      const { notice, program } = dispatch
      if (notice.kind !== 'invitation') return failed(`a calendar carries no ${notice.kind}`)
      const { method, text } = invitationIcs(notice, program, config)
      return mail.send(dispatch, () => ({
        text: plainNotice(wordNotice(notice, program, config)).join('\n'),
        // As an alternative, not as an attachment: mail programs show buttons for that.
        alternatives: [{ contentType: `text/calendar; charset=utf-8; method=${method}`, content: text }],
      }))
    },
    close: () => mail.close(),
  }
}
