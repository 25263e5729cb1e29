import type { RadarRenderer } from '#render/radar/renderer.ts'

/** Format name -> renderer of a radar, loaded on use. A new format is one file and one line. */
export const RADAR_RENDERERS = {
  text: async () => (await import('#render/radar/text.ts')).renderRadarText,
  markdown: async () => (await import('#render/radar/markdown.ts')).renderRadarMarkdown,
  json: async () => (await import('#render/radar/json.ts')).renderRadarJson,
  sarif: async () => (await import('#render/radar/sarif.ts')).renderRadarSarif,
  dot: async () => (await import('#render/radar/dot.ts')).renderRadarDot,
  mermaid: async () => (await import('#render/radar/mermaid.ts')).renderRadarMermaid,
} as const satisfies Readonly<Record<string, () => Promise<RadarRenderer>>>

export type RadarFormat = keyof typeof RADAR_RENDERERS

export const RADAR_FORMATS = Object.keys(RADAR_RENDERERS) as readonly RadarFormat[]
