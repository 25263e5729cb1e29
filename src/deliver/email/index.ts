import { mailer } from '#deliver/shared/mail.ts'
import type { OpenChannel } from '#deliver/ports.ts'
import { htmlNotice } from '#render/notice/html.ts'
import { plainNotice } from '#render/notice/plain.ts'
import { wordNotice } from '#render/notice/word.ts'

/** One mail a person, as text and as HTML; the key of the message is its Message-ID. */
export const open: OpenChannel = (config, { environment }) => {
  const mail = mailer(config, environment)
  return {
    send: (dispatch) =>
      mail.send(dispatch, () => {
        const document = wordNotice(dispatch.notice, dispatch.program, config)
        return { text: plainNotice(document, dispatch.notice.acts).join('\n'), html: htmlNotice(document, dispatch.notice.acts) }
      }),
    close: () => mail.close(),
  }
}
