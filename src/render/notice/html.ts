import type { NoticeAct } from '#core/notify/notice.ts'
import { html } from '#render/encode.ts'
import type { Block, Document, Run } from '#render/notice/document.ts'
import { actCommand, actLabel } from '#render/notice/people.ts'

/** A message as the HTML part of a mail: no script, no image, nothing that is fetched. */
export function htmlNotice(document: Document, acts: readonly NoticeAct[] = []): string {
  const commands = acts.map((act) => `<li>${html(actLabel(act))}: <code>${html(actCommand(act))}</code></li>`)
  return [
    '<!doctype html>',
    '<html lang="en" style="color-scheme: light dark"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>' +
      html(document.title) +
      '</title></head>',
    '<body style="font-family: sans-serif; line-height: 1.4; max-width: 44em; overflow-wrap: anywhere">',
    `<h1 style="font-size: 1.3em">${html(document.title)}</h1>`,
    ...document.blocks.map(blockHtml),
    ...(commands.length > 0 ? [`<ul>${commands.join('')}</ul>`] : []),
    '</body></html>',
    '',
  ].join('\n')
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h2 style="font-size: 1.1em">${inline(block.runs)}</h2>`
    case 'list':
      return `<ul>${block.items.map((item) => `<li${item.level === 1 ? ' style="margin-left: 1.5em"' : ''}>${inline(item.runs)}</li>`).join('')}</ul>`
    case 'paragraph':
      return `<p>${block.lines.map(inline).join('<br>')}</p>`
    case 'small':
      return `<p style="opacity: 0.75; font-size: 0.9em">${block.lines.map(inline).join('<br>')}</p>`
  }
}

const TAGS = { plain: undefined, strong: 'strong', emphasis: 'em', code: 'code' } as const

const inline = (runs: readonly Run[]): string =>
  runs
    .map((run) => {
      const tag = TAGS[run.style]
      const text = tag === undefined ? html(run.text) : `<${tag}>${html(run.text)}</${tag}>`
      return run.href === undefined ? text : `<a href="${html(run.href)}">${text}</a>`
    })
    .join('')
