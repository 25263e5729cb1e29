import type { Problem } from '#core/problems.ts'
import { workflowMessage, workflowProperty } from '#render/encode.ts'

/** Workflow commands that GitHub Actions shows beside the lines of a change, errors first: it shows only the first ten of a kind. */
export const findingsGithub = (findings: readonly Problem[]): string =>
  findings
    .toSorted((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
    .map(
      (one) =>
        `::${one.severity} file=${workflowProperty(one.file)},line=${one.line},col=${one.column},title=${workflowProperty(one.code)}::${workflowMessage(`${one.message}${related(one)}. To mend it: ${one.remedy}`)}\n`,
    )
    .join('')

const related = ({ related: others }: Problem): string => others.map((one) => `; ${one.file}:${one.line}: ${one.message}`).join('')
