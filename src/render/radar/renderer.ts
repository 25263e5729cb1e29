import type { Radar } from '#core/merge/radar.ts'

/**
 * Turns one radar into text that ends with a newline. Reads nothing but the radar and the options;
 * only the CLI writes and exits.
 */
export type RadarRenderer = (radar: Radar, options?: RadarOptions) => string

export interface RadarOptions {
  /** Columns of the text; 100 when absent, kept between 60 and 120. */
  readonly width?: number
  /** ANSI colours in the text; off when absent. Nothing is said by colour alone. */
  readonly color?: boolean
  /** IANA zone of the times; UTC when absent. */
  readonly zone?: string
  /** Version of Muster, for SARIF. */
  readonly version?: string
}
