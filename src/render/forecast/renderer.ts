import type { ForecastReport } from '#core/forecast/report.ts'

/** Turns one forecast into text that ends with a newline. Reads nothing but the report and the options. */
export type ForecastRenderer = (report: ForecastReport, options?: ForecastOptions) => string

export interface ForecastOptions {
  /** Columns of the text; 100 when absent, kept between 60 and 120. */
  readonly width?: number
  /** ANSI colours in the text; off when absent. Nothing is said by colour alone. */
  readonly color?: boolean
  /** Show this checkpoint alone; all that lie ahead when absent. */
  readonly checkpoint?: string
}
