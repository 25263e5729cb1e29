import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { CASES } from '#render/fixtures/index.ts'
import { renderHtml } from '#render/html/index.ts'
import { terminal } from '#render/encode.ts'

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

/** Reads the page as XML, which is stricter than HTML: every tag closed, every attribute quoted. */
function read(page: string): { readonly elements: readonly Element[]; readonly text: string; readonly style: string } {
  const elements: Element[] = []
  const open: string[] = []
  let text = ''
  let style = ''
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', (tag) => {
    elements.push({ name: tag.name, attributes: tag.attributes })
    open.push(tag.name)
  })
  parser.on('closetag', () => void open.pop())
  parser.on('text', (data) => {
    if (open.at(-1) === 'style') style += data
    else text += data
  })
  parser.write(page.replace('<!doctype html>', '')).close()
  return { elements, text, style }
}

describe.each(Object.entries(CASES))('%s', (_name, report) => {
  const page = read(renderHtml(report).output)

  test('is balanced, and holds no script and nothing from outside', () => {
    const names = new Set(page.elements.map((element) => element.name))
    for (const name of ['script', 'link', 'img', 'iframe', 'object', 'embed', 'base', 'form', 'image', 'use'])
      expect(names).not.toContain(name)
    for (const { attributes } of page.elements) {
      for (const [name, value] of Object.entries(attributes)) {
        expect(name).not.toMatch(/^on|^src|^srcset$|^style$|^action$|^xlink/)
        if (name === 'href') expect(value).toMatch(/^#[a-z-]+$/)
      }
    }
    expect(page.style).not.toMatch(/@import|url\(|expression/i)
  })

  test('links lead to sections that are there, and no id stands twice', () => {
    const ids = page.elements.flatMap((element) => element.attributes['id'] ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    for (const { attributes } of page.elements) if (attributes['href'] !== undefined) expect(ids).toContain(attributes['href'].slice(1))
  })

  test('says the verdict in a word, every stream, every criterion with its evidence', () => {
    expect(page.text).toContain(report.verdict)
    for (const stream of report.streams) {
      expect(page.text).toContain(terminal(stream.name))
      expect(page.text).toContain(stream.health)
    }
    for (const criterion of report.criteria) {
      expect(page.text).toContain(terminal(criterion.title))
      expect(page.text).toContain(terminal(criterion.explanation.because))
      for (const { sha256 } of criterion.evidence) if (sha256 !== undefined) expect(page.text).toContain(sha256.slice(0, 12))
    }
  })

  test('every picture has its numbers in words', () => {
    for (const { name, attributes } of page.elements) if (name === 'svg') expect(attributes['aria-label']).toMatch(/measured[ ,]/)
  })
})

test('hostile names add no element', () => {
  const shape = (name: string): readonly string[] => read(renderHtml(CASES[name]!).output).elements.map((element) => element.name)
  expect(shape('hostile')).toEqual(shape('no-go'))
})
