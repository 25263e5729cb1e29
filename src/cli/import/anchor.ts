import type { Io } from '#cli/io.ts'
import type { Fact } from '#core/plan/model.ts'
import { addDays, isDate, wallOf } from '#core/schedule/time.ts'

/** The day a plan counts from: asked for on a terminal when something counts from it, else the next Monday. */
export async function askAnchor(io: Io, counted: Fact<string> | undefined): Promise<string> {
  const monday = nextMonday(wallOf(io.now(), 'UTC').date)
  if (!counted || !io.stdinIsTerminal || !io.stdout.isTerminal) return monday
  const [{ text }, { asked }] = await Promise.all([import('@clack/prompts'), import('#cli/prompts.ts')])
  const prompt = (signal: AbortSignal) =>
    text({
      message: `Line ${counted.line} says "${counted.value}". On which day does the plan begin?`,
      initialValue: monday,
      validate: (value) => (isDate(value ?? '') ? undefined : 'write YYYY-MM-DD'),
      signal,
    })
  return asked(prompt, 'nothing was written')
}

function nextMonday(today: string): string {
  for (let days = 0; days < 7; days += 1) {
    const date = addDays(today, days)
    if (wallOf(`${date}T12:00:00Z`, 'UTC').weekday === 'monday') return date
  }
  return today
}
