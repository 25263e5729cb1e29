import type { Notice, NoticeAct } from '#core/notify/notice.ts'
import type { Person, Program } from '#core/program/model.ts'
import { shortened, slackText, terminal } from '#render/encode.ts'
import type { Block, Document, Run } from '#render/notice/document.ts'
import { actLabel, slackIdOf } from '#render/notice/people.ts'

/**
 * A message as Slack's blocks. Text goes into rich text and plain text objects alone: Slack reads
 * no marks in them, so that a name can mention nobody, link nothing and format nothing. Marks
 * are read in `text`, which notifications show; what could make one is escaped there.
 */
export interface SlackMessage {
  readonly text: string
  readonly blocks: readonly SlackBlock[]
}

export type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'rich_text'; readonly elements: readonly RichElement[] }
  | { readonly type: 'context'; readonly elements: readonly PlainText[] }
  | { readonly type: 'actions'; readonly block_id: string; readonly elements: readonly Button[] }

interface PlainText {
  readonly type: 'plain_text'
  readonly text: string
  readonly emoji: boolean
}

interface Button {
  readonly type: 'button'
  readonly action_id: string
  readonly text: PlainText
  /** JSON of `SlackButtonValue`. */
  readonly value: string
  readonly style?: 'primary' | 'danger'
  readonly confirm?: { readonly title: PlainText; readonly text: PlainText; readonly confirm: PlainText; readonly deny: PlainText }
}

export type SlackButtonValue = NoticeAct & { readonly program: string }

type RichElement =
  | { readonly type: 'rich_text_section'; readonly elements: readonly RichText[] }
  | { readonly type: 'rich_text_list'; readonly style: 'bullet'; readonly indent: 0 | 1; readonly elements: readonly RichSection[] }

type RichSection = Extract<RichElement, { readonly type: 'rich_text_section' }>

interface Style {
  readonly bold?: true
  readonly italic?: true
  readonly code?: true
}

type RichText =
  | { readonly type: 'text'; readonly text: string; readonly style?: Style }
  | { readonly type: 'link'; readonly url: string; readonly text: string; readonly style?: Style }
  | { readonly type: 'user'; readonly user_id: string }
  | { readonly type: 'broadcast'; readonly range: 'here' | 'channel' }

/** Slack's limits, and below them that of a whole message. */
export const SLACK_LIMITS = {
  header: 150,
  section: 3_000,
  blocks: 50,
  message: 12_000,
  context: 2_000,
  fallback: 3_000,
  button: 75,
} as const

export function slackNotice(document: Document, notice: Notice, program: Program): SlackMessage {
  const head = `${notice.urgent ? '🚨 ' : notice.kind === 'status' ? '📊 ' : ''}${terminal(document.title)}`
  const body = new Body(program.people)
  for (const block of document.blocks) body.add(block)
  const blocks: SlackBlock[] = [{ type: 'header', text: plainText(head, SLACK_LIMITS.header) }, ...body.blocks()]
  const actions = notice.acts.slice(0, 10).map((act, index) => button(act, index, program))
  return {
    text: fallback(document, notice, program),
    blocks: [...blocks, ...(actions.length > 0 ? [{ type: 'actions' as const, block_id: 'muster', elements: actions }] : [])],
  }
}

const plainText = (text: string, most: number): PlainText => ({ type: 'plain_text', text: shortened(text, most), emoji: false })

/** What notifications and readers of screens get: title, and the first lines. */
function fallback(document: Document, notice: Notice, { people }: Program): string {
  const lines = document.blocks.flatMap((block) =>
    block.kind === 'paragraph' ? block.lines.map((runs) => runs.map((run) => spoken(run, people)).join('')) : [],
  )
  return clipped([`${notice.urgent ? '🚨 ' : ''}${slackText(document.title)}`, ...lines.slice(0, 3)].join('\n'), SLACK_LIMITS.fallback)
}

const spoken = (run: Run, people: readonly Person[]): string => {
  const id = slackIdOf(people.find((one) => one.id === run.person))
  return id === undefined ? slackText(run.text) : `<@${id}>`
}

/** Cuts at a whole escape or mention: half of one would be read as something else. */
const clipped = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/(?:&[a-z]{0,4}|<[^>]{0,40}|[\ud800-\udbff])$/, '')}…`

/** Collects blocks until what Slack takes is full, and says so when it is. */
class Body {
  readonly #people: readonly Person[]
  readonly #blocks: SlackBlock[] = []
  #elements: RichElement[] = []
  /** Characters in the open block, and in all. */
  #open = 0
  #all = 0
  #full = false

  constructor(people: readonly Person[]) {
    this.#people = people
  }

  add(block: Block): void {
    switch (block.kind) {
      case 'heading':
        return this.#section([...(this.#elements.length > 0 ? [LINE] : []), ...this.#texts(block.runs, { bold: true }), LINE])
      case 'paragraph':
        return this.#section([...block.lines.flatMap((runs) => [...this.#texts(runs), LINE]), LINE])
      case 'list':
        for (const { level, runs } of block.items) this.#item(level, this.#texts(runs))
        return
      case 'small': {
        this.#close()
        const text = block.lines.map((runs) => runs.map((run) => terminal(run.text)).join('')).join('\n')
        if (this.#takes(text.length)) this.#blocks.push({ type: 'context', elements: [plainText(text, SLACK_LIMITS.context)] })
      }
    }
  }

  blocks(): readonly SlackBlock[] {
    this.#close()
    if (this.#full)
      this.#blocks.push({
        type: 'context',
        elements: [plainText('… and more than a message holds: see the report.', SLACK_LIMITS.context)],
      })
    return this.#blocks
  }

  #section(texts: readonly RichText[]): void {
    for (const part of split(texts)) {
      if (!this.#room(part)) return
      this.#elements.push({ type: 'rich_text_section', elements: part })
    }
  }

  #item(level: 0 | 1, texts: readonly RichText[]): void {
    for (const part of split(texts)) {
      if (!this.#room(part)) return
      const section: RichSection = { type: 'rich_text_section', elements: part }
      const last = this.#elements.at(-1)
      if (last?.type === 'rich_text_list' && last.indent === level)
        this.#elements[this.#elements.length - 1] = { ...last, elements: [...last.elements, section] }
      else this.#elements.push({ type: 'rich_text_list', style: 'bullet', indent: level, elements: [section] })
    }
  }

  #texts(runs: readonly Run[], style: Style = {}): readonly RichText[] {
    return runs.flatMap((run): readonly RichText[] => {
      if (run.text === '') return []
      if (run.audience !== undefined) return [{ type: 'broadcast', range: run.audience }]
      const id = slackIdOf(this.#people.find((one) => one.id === run.person))
      if (id !== undefined) return [{ type: 'user', user_id: id }]
      const own: Style = {
        ...style,
        ...(run.style === 'strong' && { bold: true as const }),
        ...(run.style === 'emphasis' && { italic: true as const }),
        ...(run.style === 'code' && { code: true as const }),
      }
      const styled = Object.keys(own).length === 0 ? {} : { style: own }
      const text = terminal(run.text)
      return [run.href === undefined ? { type: 'text', text, ...styled } : { type: 'link', url: run.href, text, ...styled }]
    })
  }

  #room(texts: readonly RichText[]): boolean {
    const size = lengthOf(texts)
    if (!this.#takes(size)) return false
    if (this.#open + size > SLACK_LIMITS.section) this.#close()
    this.#open += size
    return true
  }

  /** Once something was left out, all after it is: a message has no holes. Three blocks are kept for head, end and buttons. */
  #takes(size: number): boolean {
    if (this.#full || this.#all + size > SLACK_LIMITS.message || this.#blocks.length >= SLACK_LIMITS.blocks - 4) this.#full = true
    else this.#all += size
    return !this.#full
  }

  #close(): void {
    if (this.#elements.length > 0) this.#blocks.push({ type: 'rich_text', elements: this.#elements })
    this.#elements = []
    this.#open = 0
  }
}

const LINE: RichText = { type: 'text', text: '\n' }

const lengthOf = (texts: readonly RichText[]): number =>
  texts.reduce((sum, one) => sum + (one.type === 'text' ? one.text.length : one.type === 'link' ? one.text.length + one.url.length : 20), 0)

/** Parts that each fit into a block. */
function split(texts: readonly RichText[]): readonly (readonly RichText[])[] {
  const parts: RichText[][] = [[]]
  for (const one of texts.flatMap(cut)) {
    const last = parts.at(-1) ?? []
    if (last.length > 0 && lengthOf(last) + lengthOf([one]) > SLACK_LIMITS.section) parts.push([one])
    else last.push(one)
  }
  return parts.filter((part) => part.length > 0)
}

function cut(one: RichText): readonly RichText[] {
  if (one.type === 'link' && lengthOf([one]) > SLACK_LIMITS.section) return cut({ ...one, type: 'text' })
  if (one.type !== 'text' || one.text.length <= SLACK_LIMITS.section) return [one]
  const head = one.text.slice(0, SLACK_LIMITS.section).replace(/[\ud800-\udbff]$/, '')
  return [{ ...one, text: head }, ...cut({ ...one, text: one.text.slice(head.length) })]
}

function button(act: NoticeAct, index: number, program: Program): Button {
  const label = actLabel(act)
  const asks = act.act === 'sign' || act.act === 'resolve-blocker'
  return {
    type: 'button',
    action_id: `muster-${index}-${act.act}`,
    text: plainText(label, SLACK_LIMITS.button),
    value: JSON.stringify({ ...act, program: program.id } satisfies SlackButtonValue),
    ...(act.act === 'sign' && { style: act.approve ? ('primary' as const) : ('danger' as const) }),
    ...(asks && {
      confirm: {
        title: plainText(label, 100),
        text: plainText('It is written into the ledger under your name.', 300),
        confirm: plainText(label, 30),
        deny: plainText('Not now', 30),
      },
    }),
  }
}
