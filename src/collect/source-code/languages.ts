/**
 * What languages look like, as far as it takes to tell code from comment. Roles are those of
 * GitHub's statistics: only `programming` and `markup` are work on code, `data` and `prose` are not.
 */

export type LanguageRole = 'programming' | 'markup' | 'data' | 'prose'

export const LANGUAGE_ROLES = ['programming', 'markup', 'data', 'prose'] as const satisfies readonly LanguageRole[]

export interface Language {
  readonly name: string
  readonly role: LanguageRole
  /** Without the dot, lower case. */
  readonly extensions: readonly string[]
  /** Whole file names, lower case. */
  readonly names?: readonly string[]
  /** Programs of a `#!` line. */
  readonly interpreters?: readonly string[]
  readonly syntax: Syntax
}

export interface Syntax {
  /** Comment openers wherever they stand outside strings. Entries of all lists are regular expressions' sources without groups. */
  readonly line?: readonly string[]
  /** Comment openers that count only as the first thing of a line. */
  readonly lineFirst?: readonly string[]
  /** Opener (a source) and closer (a text). */
  readonly block?: readonly (readonly [string, string])[]
  readonly nested?: boolean
  /** Blocks whose opener and closer stand at the first column (sources, read to the end of the closer's line). */
  readonly column?: readonly (readonly [string, string])[]
  /** From a line that matches this source, at the first column, all is comment. */
  readonly end?: string
  readonly strings?: readonly StringForm[]
  /** Triple quotes (sources) that are comments where nothing but a prefix stands before them on the line, else strings. */
  readonly docstrings?: readonly string[]
  /** Sources of whole pieces that are code and could be taken for something else: character literals, pragmas. */
  readonly pieces?: readonly string[]
  /** Bracketed forms whose closer depends on the opener: `[==[ ]==]`, `r#" "#`. */
  readonly raw?: readonly RawForm[]
  /** JavaScript's regular expressions and nested templates. */
  readonly script?: boolean
}

export interface StringForm {
  readonly open: string
  readonly close: string
  /** A backslash takes the next character's meaning away. */
  readonly escape: boolean
  /** Others end with the line, so that a stray quote costs one line. */
  readonly multiline: boolean
}

interface RawForm {
  /** Source with one group. */
  readonly open: string
  readonly close: (group: string) => string
  readonly comment: boolean
}

const quote = (mark: string): StringForm => ({ open: mark, close: mark, escape: true, multiline: false })
const long = (mark: string, escape = true): StringForm => ({ open: mark, close: mark, escape, multiline: true })

const DOUBLE = quote('"')
const SINGLE = quote("'")
const BOTH = [DOUBLE, SINGLE]
const CHAR = "'(?:\\\\(?:[^\\n']{1,12}|')|[^\\\\'\\n])'"

const slashes = { line: ['//'], block: [['/\\*', '*/']] } as const satisfies Syntax
const c: Syntax = { ...slashes, strings: BOTH }
const cpp: Syntax = { ...c, raw: [{ open: 'R"([^()\\\\\\s"]{0,16})\\(', close: (tag) => `)${tag}"`, comment: false }] }
const script: Syntax = { ...c, script: true }
const hash: Syntax = { lineFirst: ['#'] }
const percent: Syntax = { lineFirst: ['%'] }
const markup: Syntax = { block: [['<!--', '-->']] }
const plain: Syntax = {}
const haskell: Syntax = {
  line: ['(?<!-)--+(?![-!#$%&*+./<=>?@\\\\^|~:])'],
  block: [['\\{-(?!#)', '-}']],
  nested: true,
  pieces: ['\\{-#', CHAR],
  strings: [DOUBLE],
}
const ml: Syntax = { block: [['\\(\\*(?!\\))', '*)']], nested: true, pieces: [CHAR], strings: [long('"')] }

const language = (name: string, role: LanguageRole, extensions: string, syntax: Syntax, more: Partial<Language> = {}): Language => ({
  name,
  role,
  extensions: extensions.split(' ').filter(Boolean),
  syntax,
  ...more,
})

export const LANGUAGES: readonly Language[] = [
  language('ActionScript', 'programming', 'as', c),
  language('Ada', 'programming', 'ada adb ads', { line: ['--'], strings: [{ ...DOUBLE, escape: false }] }),
  language('Assembly', 'programming', 's asm', { lineFirst: ['#', ';', '//', '@'], block: [['/\\*', '*/']], strings: [DOUBLE] }),
  language('Astro', 'markup', 'astro', { ...markup, lineFirst: ['//'], strings: [DOUBLE] }),
  language('Awk', 'programming', 'awk', hash, { interpreters: ['awk', 'gawk', 'mawk'] }),
  language('Batch', 'programming', 'bat cmd', { lineFirst: ['[rR][eE][mM](?![^\\s])', '::'] }),
  language('C', 'programming', 'c h', c),
  language('C#', 'programming', 'cs csx', {
    ...slashes,
    raw: [{ open: '\\$?"("")(?!")', close: () => '"""', comment: false }],
    strings: [{ open: '[$]?@[$]?"', close: '"', escape: false, multiline: true }, ...BOTH],
  }),
  language('C++', 'programming', 'cpp cc cxx c++ hpp hh hxx ipp tpp inl cppm ixx', cpp),
  language('Clojure', 'programming', 'clj cljs cljc edn', {
    lineFirst: ['#_'],
    line: [';'],
    pieces: ['\\\\[\\s\\S]'],
    strings: [long('"')],
  }),
  language(
    'CMake',
    'programming',
    'cmake',
    {
      line: ['#'],
      raw: [
        { open: '#\\[(=*)\\[', close: (level) => `]${level}]`, comment: true },
        { open: '\\[(=+)\\[', close: (level) => `]${level}]`, comment: false },
      ],
      strings: [DOUBLE],
    },
    { names: ['cmakelists.txt'] },
  ),
  language('Crystal', 'programming', 'cr', hash, { interpreters: ['crystal'] }),
  language('CSS', 'markup', 'css', { block: [['/\\*', '*/']], strings: BOTH }),
  language('CSV', 'data', 'csv tsv', plain),
  language('CUDA', 'programming', 'cu cuh', cpp),
  language('D', 'programming', 'd', {
    ...slashes,
    raw: [{ open: '/(\\+)', close: () => '+/', comment: true }],
    pieces: [CHAR],
    strings: [DOUBLE, long('`', false)],
  }),
  language('Dart', 'programming', 'dart', { ...slashes, strings: [long('"""'), long("'''"), ...BOTH] }),
  language('Dockerfile', 'programming', 'dockerfile containerfile', hash, { names: ['dockerfile', 'containerfile'] }),
  language('Elixir', 'programming', 'ex exs', {
    line: ['#'],
    pieces: ['\\?["\'#]'],
    raw: [{ open: '@(?:module|type)?doc\\s{1,9}(?:~[sS])?(""")', close: (mark) => mark, comment: true }],
    strings: [long('"""'), ...BOTH],
  }),
  language('Elm', 'programming', 'elm', { ...haskell, pieces: [CHAR], strings: [long('"""'), DOUBLE] }),
  language('Erlang', 'programming', 'erl hrl', percent, { interpreters: ['escript'] }),
  language('F#', 'programming', 'fs fsi fsx', {
    ...ml,
    line: ['//'],
    strings: [long('"""', false), { open: '@"', close: '"', escape: false, multiline: true }, long('"')],
  }),
  language('Fish', 'programming', 'fish', hash, { interpreters: ['fish'] }),
  language('Fortran', 'programming', 'f90 f95 f03 f08', { line: ['!'], strings: BOTH.map((form) => ({ ...form, escape: false })) }),
  language('GLSL', 'programming', 'glsl vert frag geom comp', slashes),
  language('Go', 'programming', 'go', { ...slashes, strings: [long('`', false), ...BOTH] }),
  language('GraphQL', 'programming', 'graphql gql graphqls', { line: ['#'], docstrings: ['"""'], strings: [DOUBLE] }),
  language(
    'Groovy',
    'programming',
    'groovy gradle gvy',
    { ...slashes, strings: [long('"""'), long("'''"), ...BOTH] },
    { names: ['jenkinsfile'], interpreters: ['groovy'] },
  ),
  language('Handlebars', 'markup', 'hbs handlebars mustache', {
    block: [
      ['<!--', '-->'],
      ['\\{\\{!--', '--}}'],
    ],
  }),
  language('Haskell', 'programming', 'hs', haskell, { interpreters: ['runhaskell'] }),
  language('HCL', 'programming', 'tf tfvars hcl', { line: ['//', '#'], block: [['/\\*', '*/']], strings: [DOUBLE] }),
  language('HLSL', 'programming', 'hlsl fx', slashes),
  language('HTML', 'markup', 'html htm xhtml', markup),
  language('INI', 'data', 'ini cfg conf', { lineFirst: [';', '#'] }, { names: ['.editorconfig', '.gitconfig', '.npmrc'] }),
  language('Java', 'programming', 'java', { ...slashes, strings: [long('"""'), ...BOTH] }),
  language('JavaScript', 'programming', 'js mjs cjs jsx', script, { interpreters: ['node', 'deno', 'bun'] }),
  language('JSON', 'data', 'json jsonl ndjson geojson webmanifest ipynb', plain),
  language('JSON5', 'data', 'json5 jsonc', c),
  language(
    'Julia',
    'programming',
    'jl',
    { line: ['#'], block: [['#=', '=#']], nested: true, docstrings: ['"""'], pieces: [CHAR], strings: [DOUBLE] },
    { interpreters: ['julia'] },
  ),
  language('Just', 'programming', 'just', hash, { names: ['justfile'] }),
  language('Kotlin', 'programming', 'kt kts', { ...slashes, nested: true, strings: [long('"""', false), ...BOTH] }),
  language('Less', 'markup', 'less', c),
  language('Lisp', 'programming', 'lisp lsp el cl', {
    line: [';'],
    block: [['#\\|', '|#']],
    nested: true,
    pieces: ['#\\\\[\\s\\S]', '\\?\\\\?[";]'],
    strings: [long('"')],
  }),
  language('Lock file', 'data', 'lock', hash, { names: ['package-lock.json', 'pnpm-lock.yaml', 'npm-shrinkwrap.json', 'go.sum'] }),
  language(
    'Lua',
    'programming',
    'lua',
    {
      line: ['--'],
      raw: [
        { open: '--\\[(=*)\\[', close: (level) => `]${level}]`, comment: true },
        { open: '\\[(=*)\\[', close: (level) => `]${level}]`, comment: false },
      ],
      strings: BOTH,
    },
    { interpreters: ['lua', 'luajit'] },
  ),
  language('Makefile', 'programming', 'mk mak', hash, { names: ['makefile', 'gnumakefile'], interpreters: ['make'] }),
  language('Markdown', 'prose', 'md markdown mdx', markup),
  language('MATLAB', 'programming', 'm', { lineFirst: ['%'], block: [['%\\{', '%}']] }),
  language(
    'Meson',
    'programming',
    '',
    { line: ['#'], strings: [long("'''", false), SINGLE] },
    { names: ['meson.build', 'meson_options.txt'] },
  ),
  language('Metal', 'programming', 'metal', c),
  language('Nim', 'programming', 'nim nims', {
    line: ['#'],
    block: [['##?\\[', ']#']],
    nested: true,
    pieces: [CHAR],
    strings: [long('"""', false), DOUBLE],
  }),
  language('Nix', 'programming', 'nix', {
    line: ['#'],
    block: [['/\\*', '*/']],
    strings: [long('"'), { open: "''", close: "''", escape: false, multiline: true }],
  }),
  language('Objective-C', 'programming', 'mm', c),
  language('OCaml', 'programming', 'ml mli', ml, { interpreters: ['ocaml'] }),
  language('Pascal', 'programming', 'pas pp dpr lpr', {
    line: ['//'],
    block: [
      ['\\{(?!\\$)', '}'],
      ['\\(\\*', '*)'],
    ],
    strings: [{ ...SINGLE, escape: false }],
  }),
  language(
    'Perl',
    'programming',
    'pl pm t',
    { lineFirst: ['#'], column: [['=[a-zA-Z]', '=cut']], end: '__(?:END|DATA)__' },
    { interpreters: ['perl'] },
  ),
  language(
    'PHP',
    'programming',
    'php phtml',
    { line: ['//', '#(?!\\[)'], block: [['/\\*', '*/']], strings: BOTH },
    { interpreters: ['php'] },
  ),
  language(
    'PowerShell',
    'programming',
    'ps1 psm1 psd1',
    { lineFirst: ['#'], block: [['<#', '#>']], strings: [] },
    { interpreters: ['pwsh'] },
  ),
  language('Prisma', 'programming', 'prisma', { line: ['//'], strings: [DOUBLE] }),
  language('Prolog', 'programming', 'pro prolog', { line: ['%'], block: [['/\\*', '*/']], strings: BOTH }),
  language('Properties', 'data', 'properties', { lineFirst: ['#', '!'] }),
  language('Protocol Buffers', 'programming', 'proto', c),
  language('Puppet', 'programming', 'puppet', hash),
  language(
    'Python',
    'programming',
    'py pyi pyw pyx gyp gypi',
    {
      line: ['#'],
      docstrings: ['[rRuUbBfF]{0,2}"""', "[rRuUbBfF]{0,2}'''"],
      strings: BOTH,
    },
    { names: ['sconstruct', 'wscript'], interpreters: ['python', 'python2', 'python3', 'pypy3'] },
  ),
  language('R', 'programming', 'r', hash, { interpreters: ['rscript'] }),
  language('reStructuredText', 'prose', 'rst', plain),
  language(
    'Ruby',
    'programming',
    'rb rake gemspec ru',
    { lineFirst: ['#'], column: [['=begin', '=end']] },
    { names: ['gemfile', 'rakefile', 'vagrantfile', 'podfile', 'fastfile', 'brewfile'], interpreters: ['ruby'] },
  ),
  language('Rust', 'programming', 'rs', {
    ...slashes,
    nested: true,
    pieces: [CHAR],
    raw: [{ open: 'r(#*)"', close: (hashes) => `"${hashes}`, comment: false }],
    strings: [long('"')],
  }),
  language('Sass', 'markup', 'sass', { lineFirst: ['//'], block: [['/\\*', '*/']], strings: BOTH }),
  language('Scala', 'programming', 'scala sc sbt', { ...slashes, nested: true, pieces: [CHAR], strings: [long('"""', false), DOUBLE] }),
  language('Scheme', 'programming', 'scm ss rkt', {
    line: [';'],
    block: [['#\\|', '|#']],
    nested: true,
    pieces: ['#\\\\[\\s\\S]'],
    strings: [long('"')],
  }),
  language('SCSS', 'markup', 'scss', c),
  language('Sed', 'programming', 'sed', hash, { interpreters: ['sed'] }),
  language('Shell', 'programming', 'sh bash zsh ksh bats', hash, {
    names: ['.bashrc', '.profile', '.zshrc', 'pkgbuild'],
    interpreters: ['sh', 'bash', 'zsh', 'ksh', 'dash'],
  }),
  language('Solidity', 'programming', 'sol', c),
  language('SQL', 'programming', 'sql ddl dml', {
    line: ['--'],
    block: [['/\\*', '*/']],
    strings: BOTH.map((form) => ({ ...form, escape: false })),
  }),
  language(
    'Starlark',
    'programming',
    'bzl star bazel',
    { line: ['#'], docstrings: ['r?"""'], strings: BOTH },
    { names: ['build', 'workspace'] },
  ),
  language('Svelte', 'markup', 'svelte', { block: [['<!--', '-->']] }),
  language('SVG', 'data', 'svg', markup),
  language('Swift', 'programming', 'swift', {
    ...slashes,
    nested: true,
    raw: [{ open: '(#{1,8})"', close: (hashes) => `"${hashes}`, comment: false }],
    strings: [long('"""'), DOUBLE],
  }),
  language('Tcl', 'programming', 'tcl', hash, { interpreters: ['tclsh', 'wish'] }),
  language('TeX', 'markup', 'tex sty cls bib', percent),
  language('Text', 'prose', 'txt text adoc asciidoc', plain),
  language('Thrift', 'programming', 'thrift', { line: ['//', '#'], block: [['/\\*', '*/']], strings: BOTH }),
  language('TOML', 'data', 'toml', { line: ['#'], strings: [long('"""'), long("'''", false), DOUBLE, { ...SINGLE, escape: false }] }),
  language('TypeScript', 'programming', 'ts tsx mts cts', script, { interpreters: ['tsx', 'ts-node'] }),
  language('V', 'programming', 'vsh', { ...slashes, nested: true, strings: BOTH }),
  language('Vala', 'programming', 'vala vapi', { ...slashes, strings: [long('"""', false), ...BOTH] }),
  language('Verilog', 'programming', 'v vh sv svh', { ...slashes, strings: [DOUBLE] }),
  language('VHDL', 'programming', 'vhd vhdl', { line: ['--'], block: [['/\\*', '*/']], strings: [{ ...DOUBLE, escape: false }] }),
  language('Visual Basic', 'programming', 'vb bas vbs', { lineFirst: ["'"] }),
  language('Vue', 'markup', 'vue', {
    lineFirst: ['//'],
    block: [
      ['<!--', '-->'],
      ['/\\*', '*/'],
    ],
    strings: [DOUBLE],
  }),
  language('WebAssembly Text', 'programming', 'wat wast', { line: [';;'], block: [['\\(;', ';)']], nested: true, strings: [DOUBLE] }),
  language('WGSL', 'programming', 'wgsl', { ...slashes, nested: true }),
  language('XML', 'data', 'xml xsd xsl xslt wsdl plist xaml csproj fsproj vbproj resx', markup, { names: ['pom.xml'] }),
  language('YAML', 'data', 'yaml yml', hash),
  language('Zig', 'programming', 'zig zon', { line: ['//'], pieces: [CHAR, '\\\\\\\\[^\\n]*'], strings: [DOUBLE] }),
]
