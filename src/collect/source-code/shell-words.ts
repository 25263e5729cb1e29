/** Words of one simple command, quotes and escapes taken away; `$name` and `$(` stay in the text. */
export type SimpleCommand = readonly string[]

const BREAKS = new Set([';', '&', '|', '\n', '(', ')', '{', '}', '`'])

/**
 * Splits a shell text into simple commands, well enough to find the files it names: quoting,
 * escapes and the characters that part commands are understood, expansions and here-documents are
 * not. Reading too much as words does no harm here, reading too little would.
 */
export function shellWords(text: string): readonly SimpleCommand[] {
  const commands: string[][] = []
  let words: string[] = []
  let word: string | undefined
  const endWord = (): void => {
    if (word !== undefined && word !== '') words.push(word)
    word = undefined
  }
  const endCommand = (): void => {
    endWord()
    if (words.length > 0) commands.push(words)
    words = []
  }
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === '\\') {
      at += 1
      // A line that goes on is one line.
      if (text[at] !== '\n') word = (word ?? '') + (text[at] ?? '')
    } else if (character === "'" || character === '"') {
      const end = endOfQuote(text, at)
      word = (word ?? '') + unescape(text.slice(at + 1, end), character)
      at = end
    } else if (BREAKS.has(character)) endCommand()
    else if (/\s/.test(character) || character === '<' || character === '>') endWord()
    else word = (word ?? '') + character
  }
  endCommand()
  return commands
}

function endOfQuote(text: string, start: number): number {
  const quote = text[start]
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\' && quote === '"') at += 1
    else if (text[at] === quote) return at
  }
  return text.length
}

const unescape = (text: string, quote: string): string => (quote === '"' ? text.replace(/\\([\\"$`])/g, '$1') : text)
