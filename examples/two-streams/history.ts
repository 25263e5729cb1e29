/**
 * The history of the example, commit by commit: on which branch, by whom, when, and which files
 * of this folder it adds or replaces. A commit is its parent with those files laid over it.
 */
export interface Step {
  readonly branch: 'main' | 'feature/parser' | 'feature/cache'
  /** Role of the author and committer. */
  readonly by: 'architect' | 'lead-parser' | 'lead-cache'
  /** ISO 8601 with offset. */
  readonly at: string
  readonly message: string
  /** A folder whose contents are laid over the parent, or one file for the root. */
  readonly files: string
}

const PARSER = { branch: 'feature/parser', by: 'lead-parser' } as const
const CACHE = { branch: 'feature/cache', by: 'lead-cache' } as const
const MAIN = { branch: 'main', by: 'architect' } as const

/** In order of time; a branch begins at the head that main has then. */
export const HISTORY: readonly Step[] = [
  { ...MAIN, at: '2026-02-20T09:10:00+01:00', files: 'main/1-records', message: 'Read a log and find a word in it' },
  { ...MAIN, at: '2026-02-20T11:30:00+01:00', files: 'main/2-bench', message: 'Count work instead of time in benchmarks' },
  { ...MAIN, at: '2026-02-20T15:00:00+01:00', files: 'muster.yaml', message: 'Agree on what the sprint owes' },
  { ...PARSER, at: '2026-02-23T14:20:00+01:00', files: 'stream-a/1-tokens', message: 'Cut a query into tokens' },
  { ...CACHE, at: '2026-02-24T10:05:00+01:00', files: 'stream-b/1-lru', message: 'Keep the entries that were used last' },
  { ...PARSER, at: '2026-02-25T11:45:00+01:00', files: 'stream-a/2-parse', message: 'Read tokens as a tree' },
  { ...CACHE, at: '2026-02-25T13:30:00+01:00', files: 'stream-b/2-search', message: 'Search through the cache' },
  { ...PARSER, at: '2026-02-26T12:15:00+01:00', files: 'stream-a/3-match', message: 'Match records against a query' },
  { ...CACHE, at: '2026-02-26T16:40:00+01:00', files: 'stream-b/3-count', message: 'Count the records that the cache saves' },
  {
    ...PARSER,
    at: '2026-02-27T10:00:00+01:00',
    files: 'stream-a/4-canonical',
    message: 'Give equal queries one text, and document the language',
  },
  { ...CACHE, at: '2026-02-27T14:10:00+01:00', files: 'stream-b/4-keys', message: 'Say what shared keys and expiry must do' },
]
