import { goSymbols } from './go.ts'
import { pythonSymbols } from './python.ts'
import { rustSymbols } from './rust.ts'
import { typescriptSymbols } from './typescript.ts'

/** One symbol that a source file offers to others. */
export interface DocSymbol {
  readonly name: string
  /** Counts from 1. */
  readonly line: number
  readonly documented: boolean
}

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

/** Overloads and redeclarations are one symbol, documented where one of them is. */
export function mergeByName(symbols: readonly DocSymbol[]): readonly DocSymbol[] {
  const merged = new Map<string, DocSymbol>()
  for (const symbol of symbols) {
    const known = merged.get(symbol.name)
    merged.set(symbol.name, known ? { ...known, documented: known.documented || symbol.documented } : symbol)
  }
  return [...merged.values()]
}
