import { z } from 'zod'
import { CommandError, type Io } from '#cli/io.ts'
import { pressed, requestProblem } from '#deliver/slack/interactions.ts'
import { openWire } from '#net/exchange.ts'
import { secretIn } from '#net/secret.ts'
import { terminal } from '#render/encode.ts'
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

const payload = z.object({ response_url: z.string().regex(/^https:\/\/hooks\.slack(?:-gov)?\.com\//) })

/** To whoever pressed, and nobody else; a press that cannot be answered is on record all the same. */
async function tell(io: Io, body: string, text: string): Promise<void> {
  const wire = openWire('public', ANSWER_SECONDS)
  try {
    const { response_url: url } = payload.parse(JSON.parse(new URLSearchParams(body).get('payload') ?? ''))
    const headers = { 'content-type': 'application/json' }
    const message = JSON.stringify({ response_type: 'ephemeral', replace_original: false, text: terminal(text) })
    await wire.ask({ url: new URL(url), method: 'POST', headers, body: message, signal: io.signal })
  } catch (error) {
    io.stderr.write(
      `muster: Slack was not told what came of a button: ${terminal(error instanceof Error ? error.message : String(error))}\n`,
    )
  } finally {
    wire.close()
  }
}
