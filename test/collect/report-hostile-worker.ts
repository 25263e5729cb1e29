/** A worker whose formats do to their process whatever a file could make a parser do. */
import type { AnyReport } from '#collect/report-registry.ts'
import { serveJobs } from '#collect/reports/serve.ts'
import type { ReadFile } from '#collect/reports/report.ts'
import { kind } from '#collect/junit/kind.ts'

function spin(milliseconds = Number.POSITIVE_INFINITY): void {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

const ON_BYTES: Readonly<Record<string, () => void>> = {
  spin,
  // 50 ns a byte of a piece.
  slow: () => spin((1 << 16) / 20_000),
  exit: () => process.exit(3),
  throw() {
    throw new Error('cannot go on')
  },
  objects() {
    const all: unknown[] = []
    for (;;) all.push({ next: Array.from({ length: 100 }, () => 1) })
  },
  json: () => void JSON.parse(`[${'{},'.repeat(20_000_000)}1]`),
  buffers() {
    const all: Uint8Array[] = []
    for (;;) all.push(new Uint8Array(1 << 20).fill(1))
  },
  strings() {
    const all: string[] = []
    for (;;) all.push(Buffer.alloc(1_000, String(all.length)).toString('latin1'))
  },
}

serveJobs(async (name): Promise<AnyReport> => ({
  kind,
  formats: [
    {
      name,
      title: name,
      recognises: () => true,
      open() {
        let bytes = 0
        return {
          write(piece) {
            bytes += piece.length
            ON_BYTES[name]?.()
          },
          end: () => ({ ok: true, value: bytes }),
        }
      },
    },
  ],
  summarise(files) {
    if (name === 'spin-in-summary') spin()
    return new Map(files.map(({ path, value }: ReadFile<unknown>) => [path, value]))
  },
  facts: () => [],
}))
