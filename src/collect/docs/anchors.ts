import { headingsOf } from './headings.ts'
import { linksOf } from './links.ts'

/**
 * The anchors that GitHub gives a Markdown file: of each heading its text in lower case, without
 * punctuation, blanks as dashes, `-1`, `-2` after those that were there already; and the ids and
 * names of HTML elements.
 */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  const times = new Map<string, number>()
  for (const title of [...headingsOf(markdown).map(({ source }) => source), ...htmlHeadings(markdown)]) {
    const slug = slugOf(title)
    let anchor = slug
    for (let time = times.get(slug) ?? 0; anchors.has(anchor); anchor = `${slug}-${time}`) times.set(slug, (time += 1))
    anchors.add(anchor)
  }
  for (const id of linksOf(markdown).ids) anchors.add(id)
  return anchors
}

const htmlHeadings = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/<h([1-6])(?:\s[^<>]{0,500})?>([^\n]{0,500}?)<\/h\1>/gi)].map(([, , title = '']) => title)

/** Letters, marks, digits and `_` stay, and dashes. */
function slugOf(title: string): string {
  // Code may stand in the text of a link, and what stands in code is no markup.
  const code: string[] = []
  const held = title.slice(0, MOST_TITLE).replace(/`+[^`]+`+/g, (span) => `\0${code.push(span) - 1}\0`)
  return withoutMarkup(held)
    .replace(/\0(\d+)\0/g, (_, index: string) => code[Number(index)] ?? '')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-')
}

const MOST_TITLE = 1_000

/** Links as their text, images, tags and the underscores of emphasis away. */
const withoutMarkup = (text: string): string =>
  text
    .replace(/!\[[^\][]*\]\([^()]*\)/g, '')
    .replace(/\[([^\][]*)\](?:\([^()]*\)|\[[^\][]*\])/g, '$1')
    .replace(/<[a-zA-Z/!][^<>]*>/g, '')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/(?<![\p{L}\p{N}_])_{1,3}(?=[^\s_])/gu, '')
    .replace(/(?<=[^\s_])_{1,3}(?![\p{L}\p{N}_])/gu, '')
