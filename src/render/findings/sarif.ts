import { PROBLEMS, type Place, type Problem, type ProblemCode } from '#core/problems.ts'
import { terminal } from '#render/encode.ts'
import { sarifLog, sarifUri } from '#render/sarif.ts'

/**
 * Findings as SARIF 2.1.0 (OASIS), as code-scanning services read it. Columns count UTF-16 code
 * units; files are URIs relative to where the command ran, unless they are absolute.
 */
export function findingsSarif(findings: readonly Problem[], version: string): string {
  const codes = [...new Set(findings.map((one) => one.code))].toSorted()
  const index = new Map(codes.map((code, position) => [code, position]))
  return sarifLog(version, {
    rules: codes.map(rule),
    results: findings.map((one) => ({
      ruleId: one.code,
      ruleIndex: index.get(one.code),
      level: one.severity,
      message: { text: `${terminal(one.message)}. To mend it: ${terminal(one.remedy)}` },
      locations: [location(one)],
      ...(one.related.length > 0 && {
        relatedLocations: one.related.map((other, id) => ({ id, ...location(other), message: { text: terminal(other.message) } })),
      }),
    })),
  })
}

const rule = (code: ProblemCode) => ({ id: code, shortDescription: { text: PROBLEMS[code] } })

const path = (file: string): string => sarifUri(file.replaceAll('\\', '/'))

const location = ({ file, line, column }: Place) => ({
  physicalLocation: {
    artifactLocation: { uri: file.startsWith('/') ? `file://${path(file)}` : path(file) },
    region: { startLine: line, startColumn: column },
  },
})
