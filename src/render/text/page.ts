import type { RenderOptions } from '#render/renderer.ts'

/** Columns of the page: what was asked for, between 60 and 120, because longer lines are hard to read. */
export const columnsOf = (options: RenderOptions): number => Math.min(120, Math.max(60, Math.floor(options.width ?? 100)))
