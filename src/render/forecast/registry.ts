import type { ForecastRenderer } from '#render/forecast/renderer.ts'

/** Format name -> renderer of a forecast, loaded on use. A new format is one file and one line. */
export const FORECAST_RENDERERS = {
  text: async () => (await import('#render/forecast/text.ts')).renderForecastText,
  markdown: async () => (await import('#render/forecast/markdown.ts')).renderForecastMarkdown,
  json: async () => (await import('#render/forecast/json.ts')).renderForecastJson,
} as const satisfies Readonly<Record<string, () => Promise<ForecastRenderer>>>

export type ForecastFormat = keyof typeof FORECAST_RENDERERS

export const FORECAST_FORMATS = Object.keys(FORECAST_RENDERERS) as readonly ForecastFormat[]
