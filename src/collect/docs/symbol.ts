/** One symbol that a source file offers to others. */
export interface DocSymbol {
  readonly name: string
  /** Counts from 1. */
  readonly line: number
  readonly documented: boolean
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
