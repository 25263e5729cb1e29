import type { CollectorKind, Fact } from '#core/evidence/collector.ts'
import type { ByteParser } from '#collect/scan/text.ts'

/** The beginning of a file, as far as it tells the format. */
export interface Head {
  /** Relative to the root, with `/`. */
  readonly path: string
  /** At most the first 64 KiB, decoded leniently, without a byte order mark. */
  readonly text: string
}

/** One format of report files: pure, fed piece by piece. */
export interface Format<Options, File> {
  /** What `--as` takes: `junit`, `lcov`. Unique among all formats. */
  readonly name: string
  readonly title: string
  /** Whether a file that begins so is of this format; false when in doubt. */
  readonly recognises: (head: Head) => boolean
  readonly open: (options: Options) => ByteParser<File>
  /** Object ids that a file gives as the commit and tree it is about. */
  readonly declares?: (value: File) => { readonly commits: Iterable<string>; readonly trees: Iterable<string> }
}

export interface ReadFile<File> {
  readonly path: string
  readonly value: File
}

/** Where the files were found, and what else was asked for with `needs`. */
export interface Place {
  /** Absolute folder that the paths are relative to, with `/`. */
  readonly root: string
  /** The same for the files of the target branch, where they were looked for. */
  readonly baseRoot?: string
  /** Path -> 1-based numbers of the lines added against the merge base. */
  readonly changed?: ReadonlyMap<string, readonly number[]>
  /** Paths, as they were there, of the files that have lost lines since. Present with `changed`. */
  readonly shrunk?: readonly string[]
  /** Paths of all files of the head. */
  readonly tree?: ReadonlySet<string>
  /** The same of a checkout with whatever else lies in it, where no repository is at hand. */
  readonly checkout?: ReadonlySet<string>
  /** The same of the target branch. */
  readonly baseTree?: ReadonlySet<string>
}

/** What all facts of one reading have in common, and what is to be said beside them. */
export interface About {
  readonly common: Pick<Fact, 'source' | 'sha256' | 'provenance' | 'commit' | 'tree' | 'observedAt'>
  readonly remarks: readonly string[]
  /** Exit code of the command that made the files. */
  readonly exitCode?: number
  /** Runs of CI that made the files and did not end well, for people. */
  readonly failedRuns?: string
  /** Seed of everything random. */
  readonly seed: number
}

/**
 * A kind of report, from files to facts in two pure halves. `open` and `summarise` run in a worker
 * with limits, so options, place and summary are plain data that can be cloned (maps and sets too);
 * a summary is small whatever the files are. `facts` and `complete` run in the process.
 */
export interface Report<Options, File, Summary> {
  readonly kind: CollectorKind
  /** In the order they are tried on a file. */
  readonly formats: readonly Format<Options, File>[]
  /** What the summary needs beside the files. */
  readonly needs?: (options: Options) => { readonly changedLines?: boolean; readonly tree?: boolean }
  /** `base`: the same files of the target branch, where the source's option `base` names them. */
  readonly summarise: (files: readonly ReadFile<File>[], options: Options, place: Place, base?: readonly ReadFile<File>[]) => Summary
  readonly facts: (summary: Summary, options: Options, about: About) => readonly Fact[]
  /** Adds to the summary what the files of the head tell, where they are at hand. In the process, before `facts`. */
  readonly complete?: {
    /** Globs of the files that it looks at. */
    readonly patterns: readonly string[]
    readonly add: (summary: Summary, options: Options, tree: Tree) => Promise<Summary>
  }
}

/** The files of a tree: in the repository, or in a checkout. */
export interface Tree {
  files(visit: (path: string, id: string) => void): Promise<void>
  /** Contents by the ids that `files` gave; undefined where they cannot be had. */
  read(ids: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>
}
