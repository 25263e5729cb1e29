import type { CheckReport } from '#core/decide/report.ts'

/**
 * A renderer turns one check into text. It reads nothing but the report and the options: no
 * terminal, no environment, no locale, no machine zone. Only the CLI writes and exits.
 */
export type Renderer = (report: CheckReport, options?: RenderOptions) => Rendered

export interface RenderOptions {
  /** Columns of the text report; 100 when absent, kept between 60 and 120. */
  readonly width?: number
  /** ANSI colours in the text report; off when absent. Nothing is said by colour alone. */
  readonly color?: boolean
  /** Which of the Markdown artifacts; all of them when absent. */
  readonly part?: MarkdownPart
  /** Id of the only stream whose Markdown checkpoint report is wanted. */
  readonly stream?: string
}

export const MARKDOWN_PARTS = ['all', 'streams', 'sync', 'meeting'] as const
export type MarkdownPart = (typeof MARKDOWN_PARTS)[number]

export interface Rendered {
  /** Ends with a newline unless empty. */
  readonly output: string
  readonly exitCode: CheckReport['exitCode']
  /** Markdown for the step summary of a CI run, where the format has one. */
  readonly summary?: string
}
