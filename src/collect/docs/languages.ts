import { goSymbols } from './go.ts'
import { pythonSymbols } from './python.ts'
import { rustSymbols } from './rust.ts'
import type { DocSymbol } from './symbol.ts'
import { typescriptSymbols } from './typescript.ts'

type Scanner = (text: string) => readonly DocSymbol[]

const SCANNERS: Readonly<Record<string, Scanner>> = {
  ...Object.fromEntries(['ts', 'mts', 'cts', 'tsx', 'js', 'mjs', 'cjs', 'jsx'].map((ending) => [ending, typescriptSymbols])),
  py: pythonSymbols,
  pyi: pythonSymbols,
  go: goSymbols,
  rs: rustSymbols,
}

export const LANGUAGES = 'TypeScript, JavaScript, Python, Go or Rust'

/** The scanner for a path by its ending; undefined for a language that is not known. */
export function scannerFor(path: string): Scanner | undefined {
  const ending = /\.([a-z]+)$/.exec(path)?.[1]
  return ending !== undefined && Object.hasOwn(SCANNERS, ending) ? SCANNERS[ending] : undefined
}
