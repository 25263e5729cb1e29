/** What one tool measured of one benchmark in one quantity. */
export interface Benchmark {
  /** As the tool tells it apart from the others; empty where the file names none and stands for one. */
  readonly name: string
  /** A name that people use for it as well. */
  readonly short?: string
  /** Which quantity: `time`, `B/op`, `p(95)`. */
  readonly metric: string
  /** As the file names it; empty where it names none. */
  readonly unit: string
  /** Where the file says which way is better. */
  readonly better?: 'lower' | 'higher'
  /** In the unit; one an independent run or round. */
  readonly samples: readonly number[]
  /** The file holds a figure that a tool made of many, instead of the samples themselves. */
  readonly isAggregate?: true
  /** Why the samples prove nothing, where they do not. */
  readonly doubt?: string
  /** Where the file itself says so. */
  readonly side?: 'baseline' | 'current'
}

export interface BenchmarkFile {
  /** At least one, in the order of the file; the first of a name is what is compared unless a metric is chosen. */
  readonly benchmarks: readonly Benchmark[]
  /** Both sides of it are runs of the past: where it stands on one side, all of them count. */
  readonly isHistory?: true
  /** Object id of the commit that was measured. */
  readonly commit?: string
  /** One of the files that criterion writes for one benchmark; they are joined by their folder. */
  readonly part?: CriterionPart
}

export type CriterionPart =
  | { readonly part: 'sample'; readonly samples: readonly number[] }
  | { readonly part: 'estimates'; readonly median: number }
  | { readonly part: 'benchmark'; readonly name: string }
  | { readonly part: 'other' }
