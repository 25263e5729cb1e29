/** Well-formed, because a store of UTF-8 text would change anything else. */
export const isName = (text: unknown): text is string =>
  typeof text === 'string' && text !== '' && text.isWellFormed() && !text.includes('\0')

/** PostgreSQL's indexes hold a few thousand bytes; a ledger must fit every engine. */
export const MOST_KEY = 250
export const isKey = (text: unknown): text is string => isName(text) && text.length <= MOST_KEY
