import { json } from '#render/encode.ts'

/** One run of Muster as a SARIF 2.1.0 log (OASIS). Columns count UTF-16 code units. */
export const sarifLog = (
  version: string | undefined,
  run: { readonly rules: readonly object[]; readonly results: readonly object[]; readonly invocations?: readonly object[] },
): string =>
  json({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'muster', ...(version !== undefined && { version, semanticVersion: version }), rules: run.rules } },
        ...(run.invocations && { invocations: run.invocations }),
        columnKind: 'utf16CodeUnits',
        results: run.results,
      },
    ],
  })

/** A path as a URI reference: each part percent-encoded. */
export const sarifUri = (path: string): string =>
  path
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/')
