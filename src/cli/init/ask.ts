import { multiselect, text } from '@clack/prompts'
import type { Survey } from '#cli/init/survey.ts'
import { asked, type Prompt } from '#cli/prompts.ts'
import { isZone } from '#core/schedule/time.ts'

export interface Answers {
  readonly name: string
  readonly zone: string
  readonly branches: readonly string[]
}

/** The questions of `muster init`, on a terminal only: the prompts write cursor codes. */
export async function ask({
  name,
  zone,
  found,
}: {
  readonly name: string
  readonly zone: string
  readonly found: Survey
}): Promise<Answers> {
  const chosenName = await answer((signal) =>
    text({
      signal,
      message: 'Name of the program',
      initialValue: name,
      validate: (value) => ((value ?? '').trim() === '' ? 'write a name' : undefined),
    }),
  )
  const branches =
    found.candidates.length === 0
      ? []
      : await answer((signal) =>
          multiselect({
            signal,
            message: `Branches that are streams of work, merging into ${found.target}`,
            options: found.candidates.map((one) => ({ value: one.branch, label: one.branch, ...(one.lead && { hint: one.lead.name }) })),
            initialValues: found.candidates.map((one) => one.branch),
            required: false,
          }),
        )
  const chosenZone = await answer((signal) =>
    text({
      signal,
      message: 'Time zone',
      initialValue: zone,
      validate: (value) => (isZone(value ?? '') ? undefined : 'write an IANA name such as Europe/Berlin'),
    }),
  )
  return { name: chosenName.trim(), zone: chosenZone, branches }
}

const answer = <T>(prompt: Prompt<T>) => asked(prompt, 'nothing was written')
