import type { Liquid } from 'liquidjs'
import type { Notice } from '#core/notify/notice.ts'
import type { ChannelConfig, Program, Template } from '#core/program/model.ts'
import { readBlocks, unfenced, type Block, type Document } from '#render/notice/document.ts'
import { templateEngine, withoutTagLines } from '#render/notice/liquid.ts'
import { TEMPLATES } from '#render/notice/templates.ts'

/** A program's own template for a kind of notice on a channel: named by the channel's id, or its kind. */
export const templateFor = (program: Program, config: Pick<ChannelConfig, 'id' | 'send'>, kind: Notice['kind']): Template | undefined => {
  const own = program.templates.filter((one) => (one.notice ?? one.id) === kind)
  return own.find((one) => one.channel === config.id) ?? own.find((one) => one.channel === config.send)
}

/**
 * A notice in words for a channel. A template of the program that cannot be used never costs the
 * message: the built-in one stands in, and the message says so.
 */
export function wordNotice(notice: Notice, program: Program, config: Pick<ChannelConfig, 'id' | 'send'>): Document {
  const own = templateFor(program, config, notice.kind)
  const engine = engineOf(program.calendar.zone)
  const scope = unfenced({ ...notice.data, title: notice.title, kind: notice.kind })
  const { title } = scope
  if (own) {
    try {
      return { title, blocks: blocksOf(engine, own.text, scope) }
    } catch (error) {
      return { title, blocks: [...blocksOf(engine, TEMPLATES[notice.kind], scope), unusable(own, error)] }
    }
  }
  return { title, blocks: blocksOf(engine, TEMPLATES[notice.kind], scope) }
}

const blocksOf = (engine: Liquid, text: string, scope: object): readonly Block[] =>
  readBlocks(engine.parseAndRenderSync(withoutTagLines(text), scope) as string)

const unusable = ({ id }: Template, error: unknown): Block => ({
  kind: 'small',
  lines: [
    [
      {
        text: `The template ${id} of the program cannot be used: ${(error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''}. muster lint says where.`,
        style: 'plain',
      },
    ],
  ],
})

const ENGINES = new Map<string, Liquid>()

function engineOf(zone: string): Liquid {
  const known = ENGINES.get(zone) ?? templateEngine({ zone })
  ENGINES.set(zone, known)
  return known
}
