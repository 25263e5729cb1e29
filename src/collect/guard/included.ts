import { posix } from 'node:path'
import { isMap, isScalar, isSeq, parseAllDocuments, visit } from 'yaml'
import { globProblem, matcher } from '#core/evidence/glob.ts'

/**
 * Which paths a file of CI takes more of what it runs from: GitLab's `include` (of files of the same
 * repository), templates of Azure Pipelines, actions that GitHub finds in a folder.
 */
export function includedBy(file: string, text: string): (path: string) => boolean {
  if (!/\.ya?ml$/.test(file)) return () => false
  const names: string[] = []
  const take = (value: unknown): void => {
    if (isScalar(value) && typeof value.value === 'string') names.push(value.value.replace(/@self$/, ''))
    else if (isSeq(value)) for (const one of value.items) take(one)
    else if (isMap(value)) take(value.get('local', true))
  }
  for (const document of documentsOf(text))
    visit(document, {
      Pair(_, { key, value }) {
        const name = isScalar(key) ? key.value : undefined
        if (name === 'include' || name === 'template') take(value)
        if (name === 'uses' && isScalar(value) && typeof value.value === 'string' && value.value.startsWith('./'))
          names.push(`${value.value}/action.{yml,yaml}`)
      },
    })
  // GitLab and GitHub name paths from the root, Azure from the folder of the file.
  const paths = names.flatMap((name) => [name, posix.join(posix.dirname(file), name)]).map((name) => posix.join('/', name).slice(1))
  return matcher(paths.filter((path) => globProblem(path) === undefined))
}

function documentsOf(text: string): ReturnType<typeof parseAllDocuments> {
  try {
    return parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false })
  } catch {
    // Nested too deeply for the reader.
    return []
  }
}
