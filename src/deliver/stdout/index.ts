import type { Channel } from '#core/notify/channel.ts'
import type { OpenChannel } from '#deliver/ports.ts'
import { jsonLine } from '#render/encode.ts'
import { plainNotice } from '#render/notice/plain.ts'
import { wordNotice } from '#render/notice/word.ts'

/** Standard output, one JSON line for each message. Nobody can be asked whether it was read. */
export const open: OpenChannel = async (_, { print }) =>
  ({
    async send({ key, notice, maybeSent, program, config }) {
      // Who is woken twice is worse off than who reads a line twice; the rest is said to be uncertain.
      if (maybeSent && !notice.urgent) return { outcome: 'uncertain', reason: 'it may have been printed before Muster was interrupted' }
      const { acts: _, urgent: __, edits: ___, data, ...said } = notice
      const text = plainNotice(wordNotice(notice, program, config), notice.acts).join('\n')
      print(jsonLine({ key, ...said, text, data }))
      return { outcome: 'delivered' }
    },
    close: async () => {},
  }) satisfies Channel
