import { PROBLEMS, type Place, type Problem, type ProblemCode } from '#core/problems.ts'
import { json, terminal } from '#render/encode.ts'

/**
 * Findings as SARIF 2.1.0 (OASIS), as code-scanning services read it. Columns count UTF-16 code
 * units; files are URIs relative to where the command ran, unless they are absolute.
 */
export function findingsSarif(findings: readonly Problem[], version: string): string {
  const codes = [...new Set(findings.map((one) => one.code))].toSorted()
  const index = new Map(codes.map((code, position) => [code, position]))
  return json({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'muster', version, semanticVersion: version, rules: codes.map(rule) } },
        columnKind: 'utf16CodeUnits',
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
      },
    ],
  })
}

const rule = (code: ProblemCode) => ({ id: code, shortDescription: { text: PROBLEMS[code] } })

const location = ({ file, line, column }: Place) => ({
  physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line, startColumn: column } },
})

/** A path as a URI reference: each part percent-encoded; an absolute one as a file URI. */
function uriOf(file: string): string {
  const parts = file
    .replaceAll('\\', '/')
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
  return file.startsWith('/') ? `file://${parts.join('/')}` : parts.join('/')
}
