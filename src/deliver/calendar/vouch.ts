/**
 * Whether the server that took a mail vouches for who it is from: its `Authentication-Results`
 * (RFC 8601). Anybody can write such a header into what they send. A server puts its own above what
 * it was sent, so of each name the topmost one counts, and nothing beneath it.
 */

/**
 * @param headers Values of the mail's `Authentication-Results`, topmost first.
 * @param server Its authserv-id.
 * @param from Address that the mail says it is from.
 * @returns Why the server does not vouch for it; undefined where it does.
 */
export function vouchFault(headers: readonly string[], server: string, from: string): string | undefined {
  const domain = domainOf(from)
  const all = headers.map(clausesOf)
  const own = all.find(([id]) => id?.[0] !== undefined && id[0].toLowerCase() === server.toLowerCase())
  if (!own) {
    // Exchange Online, for one, says results without a name: anybody could have.
    const others = [...new Set(all.flatMap(([id]) => (id?.[1] === '=' ? 'somebody without a name' : (id?.[0] ?? []))))]
    return `${server} does not say that it is from ${domain}${others.length === 0 ? '' : `; what ${others.slice(0, 3).join(', ')} says does not count`}`
  }
  const results = own.slice(1).flatMap((clause) => resultOf(clause) ?? [])
  const isFrom = (value: string | undefined): boolean => value !== undefined && domainOf(value) === domain
  const isVouched = results.some(({ method, result, of }) => {
    if (result !== 'pass') return false
    if (method === 'dmarc') return isFrom(of.get('header.from'))
    if (method === 'dkim') return isFrom(of.get('header.d') ?? of.get('header.i'))
    return method === 'spf' && isFrom(of.get('smtp.mailfrom'))
  })
  if (isVouched) return undefined
  const said = results.map(({ method, result }) => `${method}=${result}`)
  return `${server} does not vouch for ${domain}: it says ${said.length === 0 ? 'none' : said.join(', ')}`
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase()

interface Result {
  readonly method: string
  readonly result: string
  /** `header.from` and the like. */
  readonly of: ReadonlyMap<string, string>
}

function resultOf(clause: readonly string[]): Result | undefined {
  const pairs = clause.flatMap((word, index): [string, string][] =>
    word === '=' ? [[(clause[index - 1] ?? '').toLowerCase(), clause[index + 1] ?? '']] : [],
  )
  const [first, ...rest] = pairs
  // `dkim/1=pass` names the version of the method.
  return first && { method: first[0].replace(/\/.*/, ''), result: first[1].toLowerCase(), of: new Map(rest) }
}

/** Words and `=` of the clauses that `;` parts; comments are left out, and what is quoted is one word. */
function clausesOf(value: string): readonly (readonly string[])[] {
  const clauses: string[][] = [[]]
  let word = ''
  const end = (): void => {
    if (word !== '') clauses.at(-1)?.push(word)
    word = ''
  }
  for (let index = 0; index < value.length; index += 1) {
    const character = value[index] ?? ''
    if (character === '(') index = endOfComment(value, index)
    else if (character === '"') {
      const close = endOfQuoted(value, index)
      word += value.slice(index + 1, close).replace(/\\(.)/g, '$1')
      index = close
    } else if (character === ';' || character === '=' || /\s/.test(character)) {
      end()
      if (character === '=') clauses.at(-1)?.push('=')
      if (character === ';') clauses.push([])
    } else word += character
  }
  end()
  return clauses
}

/** Comments hold comments. One that does not end takes the rest with it. */
function endOfComment(value: string, start: number): number {
  let depth = 0
  for (let index = start; index < value.length; index += 1) {
    if (value[index] === '\\') index += 1
    else if (value[index] === '(') depth += 1
    else if (value[index] === ')') depth -= 1
    if (depth === 0) return index
  }
  return value.length
}

function endOfQuoted(value: string, start: number): number {
  for (let index = start + 1; index < value.length; index += 1) {
    if (value[index] === '\\') index += 1
    else if (value[index] === '"') return index
  }
  return value.length
}
