import { z } from 'zod'
import { CommandError, type Io } from '#cli/io.ts'
import { pressed, requestProblem } from '#deliver/slack/interactions.ts'
import { reachOf } from '#deliver/shared/wire.ts'
import { openWire } from '#net/exchange.ts'
import { secretIn } from '#net/secret.ts'
import { slackText, terminal } from '#render/encode.ts'
import type { Hooks } from '#server/hooks.ts'

const ANSWER_SECONDS = 10

/** What others may send to the server: whatever a secret is set for. */
export async function readHooks(io: Io): Promise<Hooks> {
  const github = await hookSecret(io, 'MUSTER_GITHUB_WEBHOOK_SECRET')
  const gitlab = await hookSecret(io, 'MUSTER_GITLAB_WEBHOOK_SECRET')
  const slack = await hookSecret(io, 'MUSTER_SLACK_SIGNING_SECRET')
  return {
    ...(github !== undefined && { github }),
    ...(gitlab !== undefined && { gitlab }),
    ...(slack !== undefined && {
      slack: {
        refusal: (request, now) => requestProblem(request, slack, now),
        pressed,
        tell: (body, text) => tell(io, body, text),
      },
    }),
  }
}

async function hookSecret(io: Io, name: string): Promise<string | undefined> {
  const found = await secretIn([name], (variable) => io.env[variable])
  if (!found.ok && !found.missing) throw new CommandError(found.reason)
  return found.ok ? found.value : undefined
}

const payload = z.object({ response_url: z.url() })
const SLACK_ORIGINS: ReadonlySet<string> = new Set(['https://hooks.slack.com', 'https://hooks.slack-gov.com'])

/** To whoever pressed, and nobody else; a press that cannot be answered is on record all the same. */
async function tell(io: Io, body: string, text: string): Promise<void> {
  const environment = (name: string): string | undefined => io.env[name]
  const wire = openWire(reachOf(environment), ANSWER_SECONDS)
  try {
    const { response_url } = payload.parse(JSON.parse(new URLSearchParams(body).get('payload') ?? ''))
    const url = new URL(response_url)
    // Only this machine, which is for tests, may be called in place of Slack.
    if (!SLACK_ORIGINS.has(url.origin) && reachOf(environment) !== 'loopback') throw new Error(`${url.host} is not Slack`)
    const headers = { 'content-type': 'application/json' }
    const message = JSON.stringify({
      response_type: 'ephemeral',
      replace_original: false,
      text: text.split('\n').map(slackText).join('\n'),
    })
    const { status } = await wire.ask({ url, method: 'POST', headers, body: message, signal: io.signal })
    if (status >= 300) throw new Error(`Slack answered with ${status}`)
  } catch (error) {
    io.stderr.write(
      `muster: Slack was not told what came of a button: ${terminal(error instanceof Error ? error.message : String(error))}\n`,
    )
  } finally {
    wire.close()
  }
}
