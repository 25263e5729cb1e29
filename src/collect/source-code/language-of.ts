import { type Language, LANGUAGES } from './languages.ts'

/** By whole name, extension or `#!` line; undefined when none is known. */
export const languageOf = (path: string, text = ''): Language | undefined => {
  const told = languageByPath(path)
  return told === 'script' || told === 'm' ? languageByText(told, text) : told
}

/** What a path tells of the language; `script` and `m`: `languageByText` tells. Undefined when none is known. */
export const languageByPath = (path: string): Language | 'script' | 'm' | undefined => {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  const dot = name.lastIndexOf('.')
  const extension = dot <= 0 ? '' : name.slice(dot + 1)
  const named =
    BY_NAME.get(name) ?? (name.startsWith('dockerfile.') || name.startsWith('containerfile.') ? BY_NAME.get('dockerfile') : undefined)
  if (named !== undefined) return named
  if (extension === 'm') return 'm'
  return extension === '' ? 'script' : BY_EXTENSION.get(extension)
}

export const languageByText = (kind: 'script' | 'm', text: string): Language | undefined => {
  if (kind === 'script') return text.startsWith('#!') ? interpreterOf(text.slice(2, 300).split('\n')[0] ?? '') : undefined
  const isObjective = /^\s*(?:@(?:interface|implementation|protocol|import|end)\b|#(?:import|include)\b)/m.test(text.slice(0, 20_000))
  return byTitle(isObjective ? 'Objective-C' : 'MATLAB')
}

/** `/usr/bin/env -S python3.12 -u` is Python. */
const interpreterOf = (command: string): Language | undefined => {
  const words = command
    .trim()
    .split(/\s+/)
    .map((word) => word.split('/').at(-1) ?? '')
  const program =
    (words[0] === 'env' ? words.slice(1).find((word) => !word.startsWith('-') && !word.includes('=')) : words[0])?.toLowerCase() ?? ''
  return BY_INTERPRETER.get(program) ?? BY_INTERPRETER.get(program.replace(/[\d.]+$/, ''))
}

const index = (keys: (language: Language) => readonly string[]): ReadonlyMap<string, Language> =>
  new Map(LANGUAGES.flatMap((language) => keys(language).map((key) => [key, language] as const)))

const BY_NAME = index((language) => language.names ?? [])
const BY_EXTENSION = index((language) => language.extensions)
const BY_INTERPRETER = index((language) => language.interpreters ?? [])
const byTitle = (name: string): Language | undefined => LANGUAGES.find((language) => language.name === name)
