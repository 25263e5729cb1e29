import { withNames } from '#render/names.ts'
import type { Renderer } from '#render/renderer.ts'

/** For people: names in place of ids. JSON keeps the ids. */
const named =
  (render: Renderer): Renderer =>
  (report, options) =>
    render(withNames(report), options)

/** Format name -> renderer, loaded on use. A new format is one folder and one line. */
export const RENDERERS = {
  text: async () => named((await import('#render/text/index.ts')).renderText),
  markdown: async () => named((await import('#render/markdown/index.ts')).renderMarkdown),
  json: async () => (await import('#render/json/index.ts')).renderJson,
  html: async () => named((await import('#render/html/index.ts')).renderHtml),
  junit: async () => named((await import('#render/junit/index.ts')).renderJunit),
  github: async () => named((await import('#render/github/index.ts')).renderGithub),
} as const satisfies Readonly<Record<string, () => Promise<Renderer>>>

export type Format = keyof typeof RENDERERS

export const FORMATS = Object.keys(RENDERERS) as readonly Format[]
