import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const SOURCE = join(ROOT, 'src')

/** Folders of plug-ins that are none: what they share. */
const SHARED: Readonly<Record<string, ReadonlySet<string>>> = {
  collect: new Set(['reports', 'test-results', 'scan', 'source-code']),
  deliver: new Set(['shared']),
}

interface Layer {
  readonly name: string
  readonly may: ReadonlySet<string>
  readonly node: boolean
  readonly because: string
}

/** The table under "Layers" in ARCHITECTURE.md. */
function readLayers(): Map<string, Layer> {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
  const table = text.slice(text.indexOf('| layer |')).split('\n\n')[0] ?? ''
  const rows = table
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  return new Map(
    rows.map(([name = '', may = '', node = '', because = '']) => [
      name,
      { name, may: new Set(may.split(', ')), node: node === 'yes', because },
    ]),
  )
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'fixtures' ? [] : sourceFiles(path)
    return /\.tsx?$/.test(path) && !path.endsWith('.test.ts') && !path.endsWith('vite.config.ts') ? [path] : []
  })
}

/** Every module a file names: import, export from, import(). */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)(['"])([^'"]+)\1/g)].map((match) => match[2] ?? '')
}

const layers = readLayers()
const layerOf = (path: string): string => relative(SOURCE, path).split(sep)[0] ?? ''

/** Where an import leads: a file under src, or the name of a module. */
function targetOf(file: string, specifier: string): { readonly file: string } | { readonly module: string } {
  if (specifier.startsWith('#')) return { file: join(SOURCE, specifier.slice(1)) }
  if (specifier.startsWith('.')) return { file: resolve(dirname(file), specifier) }
  return { module: specifier }
}

function breaches(file: string): string[] {
  const layer = layers.get(layerOf(file))
  if (!layer) return layerOf(file) === 'index.ts' ? [] : [`${relative(ROOT, file)} is in no layer of ARCHITECTURE.md`]
  return importsOf(file).flatMap((specifier) => {
    const target = targetOf(file, specifier)
    const say = (what: string, why: string): string[] => [`${relative(ROOT, file)} imports ${what}: ${why}`]
    if ('module' in target) return target.module.startsWith('node:') && !layer.node ? say(target.module, layer.because) : []
    if (!layer.may.has(layerOf(target.file)))
      return say(specifier, `${layer.name} may import ${[...layer.may].join(', ')} only; ${layer.because}`)
    const shared = SHARED[layer.name]
    if (shared && layerOf(target.file) === layer.name) {
      const [own, other] = [file, target.file].map((path) => relative(join(SOURCE, layer.name), path).split(sep))
      const crosses = own && other && own.length > 1 && other.length > 1 && own[0] !== other[0]
      if (crosses && !shared.has(other[0] ?? '')) return say(specifier, 'a plug-in never knows another one, nor does what they share')
    }
    return []
  })
}

/** The list under "Where things are": folders, and what is said of them. */
function readPlaces(): readonly { readonly folders: readonly string[]; readonly said: string }[] {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').split('## Where things are\n')[1] ?? ''
  const rows = text
    .trimEnd()
    .replace(/\n {6,}/g, ' ')
    .split('\n')
    .filter((line) => line.startsWith('    '))
  return rows.map((row) => {
    const [folders = '', ...said] = row.trim().split(/ {2,}/)
    return { folders: folders.split(', '), said: said.join(' ') }
  })
}

const foldersIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

describe('the list of places', () => {
  const places = readPlaces()

  test('sends nobody to what is not there', () => {
    const lost = places.flatMap(({ folders, said }) => {
      const below = folders.flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }))
      const named = [...said.matchAll(/(?<![\w./-])[\w./-]+(?:\.tsx?|\/(?![\w]))/g)].map(([path]) => path.replace(/\/$/, ''))
      return named.filter((path) => !below.some((one) => `/${one}`.endsWith(`/${path}`))).map((path) => `${folders.join()}: ${path}`)
    })
    expect(lost).toEqual([])
  })

  test('leaves no folder out', () => {
    const named = new Set(places.flatMap(({ folders }) => folders))
    const wanted = [
      ...foldersIn('src')
        .filter((name) => name !== 'core')
        .map((name) => `src/${name}/`),
      ...foldersIn('src/core').map((name) => `src/core/${name}/`),
      'test/',
      'examples/',
      'bench/',
      'docs/',
      'scripts/',
      'schema/',
    ]
    expect(wanted.filter((folder) => !named.has(folder))).toEqual([])
    const tests = places.find(({ folders }) => folders.includes('test/'))?.said ?? ''
    expect(foldersIn('test').filter((name) => !tests.includes(`${name}/ `))).toEqual([])
  })
})

describe('layers', () => {
  test('the table names every folder of src', () => {
    expect([...layers.keys()].toSorted()).toEqual(foldersIn('src').toSorted())
  })

  test('no import crosses a border', () => {
    expect(sourceFiles(SOURCE).flatMap(breaches)).toEqual([])
  })

  test('the core asks neither the clock, nor chance, nor the process', () => {
    const forbidden =
      /\bDate\.now\(|\bnew Date\(|\bMath\.random\(|\bprocess\.|\bcrypto\.randomUUID|\bTemporal\.Now\b|\btoLocale|\bIntl\.(?!Segmenter)/
    const found = [
      ...sourceFiles(join(SOURCE, 'core')),
      ...sourceFiles(join(SOURCE, 'render')),
      ...sourceFiles(join(SOURCE, 'engine')),
    ].flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          forbidden.test(line.replace(/\/\/.*|^\s*\*.*/, '')) ? [`${relative(ROOT, file)}:${index + 1} ${line.trim()}`] : [],
        ),
    )
    expect(found).toEqual([])
  })

  test('a border that is crossed is seen', () => {
    expect(importsOf(join(SOURCE, 'cli/process.ts'))).toContain('node:os')
    expect(layers.get('core')?.node).toBe(false)
    expect(layers.get('core')?.may.has('store')).toBe(false)
  })
})
