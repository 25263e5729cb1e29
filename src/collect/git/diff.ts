import type { Change, ChangedLines, CommitInfo, LineCommit, TreeEntry } from '#core/evidence/collector.ts'

/** A path from git's bytes: UTF-8 as it is; otherwise C-quoted, so that no two paths fall together. */
export const decodePath = (bytes: Buffer): string => {
  const text = bytes.toString('utf8')
  if (!text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(bytes)) return text
  let quoted = '"'
  for (const byte of bytes) {
    if (byte === 0x22 || byte === 0x5c) quoted += `\\${String.fromCharCode(byte)}`
    else if (byte >= 0x20 && byte < 0x7f) quoted += String.fromCharCode(byte)
    else quoted += `\\${byte.toString(8).padStart(3, '0')}`
  }
  return `${quoted}"`
}

/** Pieces of NUL-terminated output, without the empty one after the last NUL. */
const splitAtNul = (bytes: Buffer): readonly Buffer[] => {
  const pieces: Buffer[] = []
  let start = 0
  for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, start)) {
    pieces.push(bytes.subarray(start, at))
    start = at + 1
  }
  return pieces
}

const STATUSES: Readonly<Record<string, Change['status']>> = {
  A: 'added',
  D: 'deleted',
  M: 'modified',
  R: 'renamed',
  T: 'type-changed',
}

/** Of one change in raw output; in a log, the first of a commit stands on a line of its own. */
const HEADER = /^\n?:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*$/

/** A change, and what its path was before: git has no lines of what is no regular file. */
interface RawChange {
  readonly change: Change
  readonly oldMode: string
}

const rawChanges = (pieces: readonly Buffer[]): readonly RawChange[] => {
  const found: RawChange[] = []
  for (let at = 0; at < pieces.length;) {
    const fields = HEADER.exec((pieces[at++] ?? Buffer.alloc(0)).toString('latin1'))
    const status = STATUSES[fields?.[5] ?? '']
    if (fields === null || status === undefined) throw new Error('unexpected output of git diff-tree')
    const first = decodePath(pieces[at++] ?? Buffer.alloc(0))
    const path = status === 'renamed' ? decodePath(pieces[at++] ?? Buffer.alloc(0)) : first
    const change = {
      status,
      path,
      ...(status === 'renamed' ? { from: first } : {}),
      oldOid: fields[3] ?? '',
      newOid: fields[4] ?? '',
      mode: fields[2] ?? '',
    }
    found.push({ change, oldMode: fields[1] ?? '' })
  }
  return found
}

/** Output of `git diff-tree -r -z --raw --no-abbrev`. */
export const parseRaw = (bytes: Buffer): readonly Change[] => changesOf(splitAtNul(bytes))

const changesOf = (pieces: readonly Buffer[]): readonly Change[] => rawChanges(pieces).map(({ change }) => change)

/** Output of `git log -z --format=%H --raw --no-abbrev --no-renames`. */
export function parseLine(bytes: Buffer): readonly LineCommit[] {
  const found: { readonly commit: string; readonly pieces: Buffer[] }[] = []
  let isPath = false
  for (const piece of splitAtNul(bytes)) {
    const text = piece.toString('latin1')
    const isHeader: boolean = !isPath && HEADER.test(text)
    if (isPath || isHeader) found.at(-1)?.pieces.push(piece)
    else found.push({ commit: text, pieces: [] })
    isPath = isHeader
  }
  return found.map(({ commit, pieces }) => ({ commit, changes: changesOf(pieces) }))
}

const DIFF = Buffer.from('diff --git ')
const HUNK = Buffer.from('@@ -')
const LF = 0x0a

/** What the lines of one `diff --git` count for; a side that is no regular file counts for nothing. */
interface Head {
  readonly added?: number[]
  readonly deletedFrom?: string
}

/**
 * Changes and changed lines from the output of `git diff-tree -r -z --raw --no-abbrev -p -U0`, fed
 * piece by piece: the raw part, which an empty field ends, and the patch. Paths stand quoted in the
 * patch, so that none with a line break in it can pose as a hunk, and every content line begins with
 * `+`, `-`, `\` or a space: only heads count. The n-th `diff --git` belongs to the n-th change, but
 * a change of type has two, deletion and creation.
 */
export const changedLinesParser = () => {
  const added = new Map<string, number[]>()
  const deleted = new Map<string, number>()
  let changes: readonly Change[] = []
  let heads: readonly Head[] | undefined
  let raw: Buffer[] = []
  let failure: unknown
  let head = -1
  let rest: Buffer = Buffer.alloc(0)

  const takeRaw = (bytes: Buffer): void => {
    const found = rawChanges(splitAtNul(bytes))
    raw = []
    changes = found.map(({ change }) => change)
    heads = found.flatMap(({ change: { status, path, from, mode }, oldMode }): readonly Head[] => {
      const lines: number[] = []
      if (status !== 'deleted') added.set(path, lines)
      const before = isText(oldMode) ? { deletedFrom: from ?? path } : {}
      const after = isText(mode) ? { added: lines } : {}
      return status === 'type-changed' ? [before, after] : [{ ...before, ...after }]
    })
  }
  const takeLine = (line: Buffer): void => {
    if (line[0] === 0x64 && startsWith(line, DIFF)) head++
    else if (line[0] === 0x40 && startsWith(line, HUNK)) takeHunk(line)
  }
  const takeHunk = (line: Buffer): void => {
    const { added: lines, deletedFrom } = heads?.[head] ?? {}
    const found = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line.toString('latin1', 0, 80))
    if (found === null) return
    const [, gone = '1', first, come = '1'] = found
    if (deletedFrom !== undefined) deleted.set(deletedFrom, (deleted.get(deletedFrom) ?? 0) + Number(gone))
    const start = Number(first)
    for (let number = start; number < start + Number(come); number++) lines?.push(number)
  }
  const takePatch = (piece: Buffer): void => {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    let start = 0
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
      const sign = bytes[start]
      if (sign === 0x64 || sign === 0x40) takeLine(bytes.subarray(start, end))
      start = end + 1
    }
    rest = shortened(bytes.subarray(start))
  }
  return {
    push(piece: Buffer): void {
      if (heads !== undefined) return takePatch(piece)
      const isSplit = raw.at(-1)?.at(-1) === 0 && piece[0] === 0
      const end = isSplit ? 0 : piece.indexOf(TWO_NULS) + 1
      if (!isSplit && end === 0) return void raw.push(piece)
      try {
        takeRaw(Buffer.concat([...raw, piece.subarray(0, end)]))
      } catch (error) {
        failure = error
        heads = []
      }
      takePatch(piece.subarray(end + 1))
    },
    /** Throws when it was no such output, or the patch was not about these changes. */
    end(): { readonly changes: readonly Change[]; readonly lines: ChangedLines } {
      if (failure !== undefined) throw failure
      if (heads === undefined) takeRaw(Buffer.concat(raw))
      const expected = heads?.length ?? 0
      if (head + 1 !== expected) throw new Error(`expected ${expected} diffs of git diff-tree, got ${head + 1}`)
      return { changes, lines: { added, deleted } }
    },
  }
}

const TWO_NULS = Buffer.alloc(2)

/** Only the beginning of a line matters: a line of megabytes must not be copied with every piece. */
const shortened = (line: Buffer): Buffer => (line.length > 4096 ? Buffer.from(line.subarray(0, 256)) : Buffer.from(line))

const startsWith = (line: Buffer, prefix: Buffer): boolean => line.length >= prefix.length && prefix.compare(line, 0, prefix.length) === 0

const isText = (mode: string): boolean => mode.startsWith('100')

/** Output of `git ls-tree -r -z -l`. */
export const parseTree = (bytes: Buffer): readonly TreeEntry[] =>
  splitAtNul(bytes).map((piece) => {
    const tab = piece.indexOf(0x09)
    const fields = /^(\d{6}) \w+ ([0-9a-f]+) +(-|BAD|\d+)$/.exec(piece.subarray(0, tab).toString('latin1'))
    if (fields === null) throw new Error('unexpected output of git ls-tree')
    return {
      path: decodePath(piece.subarray(tab + 1)),
      oid: fields[2] ?? '',
      mode: fields[1] ?? '',
      // git prints BAD for an object that the repository has lost; reading it will say so.
      size: fields[3] === '-' || fields[3] === 'BAD' ? -1 : Number(fields[3]),
    }
  })

/** `--format` whose output `parseLog` reads; the commits end in NUL by `-z`. */
export const LOG_FORMAT = '%H %T %ct %P%n%an%n%ae%n%s'

export const parseLog = (bytes: Buffer): readonly CommitInfo[] =>
  splitAtNul(bytes).map((piece) => {
    const end = piece.indexOf(LF)
    const [commit = '', tree = '', seconds = '', ...parents] = piece.subarray(0, end).toString('latin1').trimEnd().split(' ')
    const [name = '', email = '', ...subject] = piece
      .subarray(end + 1)
      .toString('utf8')
      .split('\n')
    return {
      commit,
      tree,
      parents,
      committedAt: isoTime(Number(seconds)),
      author: { name: name.slice(0, 500), email: email.slice(0, 500) },
      subject: subject.join('\n').slice(0, 500),
    }
  })

const LAST_SECOND = 253_402_300_799

/** ISO 8601 in UTC of seconds since 1970; a time beyond the year 9999 becomes 1970, as in git. */
export const isoTime = (seconds: number): string =>
  new Date(Number.isInteger(seconds) && seconds >= 0 && seconds <= LAST_SECOND ? seconds * 1000 : 0).toISOString()

/** Tree and committer time out of a raw commit object; undefined when it is not one. */
export const parseCommit = (bytes: Uint8Array): { readonly tree: string; readonly committedAt: string } | undefined => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 64 * 1024)).toString('latin1')
  const header = text.slice(0, text.indexOf('\n\n') === -1 ? text.length : text.indexOf('\n\n'))
  const tree = /^tree ([0-9a-f]{40,64})$/m.exec(header)?.[1]
  const seconds = /^committer .*> (\d+) [+-]\d+$/m.exec(header)?.[1]
  return tree === undefined ? undefined : { tree, committedAt: isoTime(Number(seconds ?? 0)) }
}
