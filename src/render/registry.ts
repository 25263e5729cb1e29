import type { Renderer } from '#render/renderer.ts'

/** Format name -> renderer, loaded on use. A new format is one folder and one line. */
export const RENDERERS = {
  text: async () => (await import('#render/text/index.ts')).renderText,
  markdown: async () => (await import('#render/markdown/index.ts')).renderMarkdown,
  json: async () => (await import('#render/json/index.ts')).renderJson,
  html: async () => (await import('#render/html/index.ts')).renderHtml,
  junit: async () => (await import('#render/junit/index.ts')).renderJunit,
  github: async () => (await import('#render/github/index.ts')).renderGithub,
} as const satisfies Readonly<Record<string, () => Promise<Renderer>>>

export type Format = keyof typeof RENDERERS

export const FORMATS = Object.keys(RENDERERS) as readonly Format[]
