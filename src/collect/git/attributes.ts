import { languageOf } from '#collect/source-code/language-of.ts'

const TELLING = /^[-!]?(?:merge|diff|filter|binary|working-tree-encoding|linguist-[a-z]+)(?:=.*)?$/

/**
 * Lines of a `.gitattributes` file that would change how others see or merge code: merge drivers,
 * hidden diffs, filters, "generated" and the like. `binary` counts only for files that hold text.
 */
export const attributeRemarks = (path: string, text: string): readonly string[] =>
  text
    .split('\n')
    .slice(0, 10_000)
    .flatMap((line, index) => {
      const [pattern = '', ...attributes] = line.trim().split(/\s+/)
      if (pattern === '' || pattern.startsWith('#')) return []
      const isText = pattern.endsWith('*') || languageOf(pattern) !== undefined
      const telling = attributes.filter(
        (attribute) => TELLING.test(attribute) && (isText || !/^(?:binary|-diff|-merge|filter=lfs|diff=lfs|merge=lfs)$/.test(attribute)),
      )
      return telling.length === 0 ? [] : [`${path}:${index + 1}: ${pattern} ${telling.join(' ')}`.slice(0, 300)]
    })
