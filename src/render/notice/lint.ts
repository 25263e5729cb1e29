import { ForTag, LiquidError, TypeGuards, Value, type PropertyAccessToken, type Template, type Token } from 'liquidjs'
import type { Loaded } from '#core/program/load.ts'
import { NOTICE_KINDS, CHANNEL_KINDS, type NoticeKind, type Program, type Template as ProgramTemplate } from '#core/program/model.ts'
import { nearest } from '#core/program/nearest.ts'
import { problem } from '#core/program/source-text.ts'
import type { Place, Problem } from '#core/problems.ts'
import { templateEngine } from '#render/notice/liquid.ts'
import { shapeOf, type Shape } from '#render/notice/shape.ts'

/** The templates of a program held against the data that their messages have, without writing one. */
export function lintTemplates({ program, draft, locate }: Pick<Loaded, 'program' | 'draft' | 'locate'>): readonly Problem[] {
  const read = program ?? draft
  return (read?.templates ?? []).flatMap((one) => {
    const kind = one.notice ?? NOTICE_KINDS.find((each) => each === one.id)
    if (!kind) return misspelt(one, locate(['templates', one.id], 'key'))
    const unused = unknownChannel(read, one, locate(['templates', one.id, 'channel']))
    return [...unused, ...lintTemplate(one.text, kind).map((found) => placed(found, one, locate))]
  })
}

/** What plans bring along under names of their own is left alone; a name that is nearly one of ours is not. */
function misspelt({ id }: ProgramTemplate, place: Place): readonly Problem[] {
  const near = nearest(id, NOTICE_KINDS)
  if (near === undefined) return []
  return [
    problem(
      place,
      'template-unused',
      `there is no notice "${id}", so nothing is written by this template`,
      `write ${near}, or add notice: ${near}`,
      {
        severity: 'warning',
      },
    ),
  ]
}

function unknownChannel(program: Program | undefined, { channel }: ProgramTemplate, place: Place): readonly Problem[] {
  const channels = [...(program?.channels.map((one) => one.id) ?? []), ...CHANNEL_KINDS]
  if (channels.includes(channel)) return []
  const near = nearest(channel, channels)
  return [
    problem(
      place,
      'template-unused',
      `there is no channel "${channel}", so nothing is written by this template`,
      near === undefined ? `write one of ${channels.join(', ')}` : `write ${near}`,
      { severity: 'warning' },
    ),
  ]
}

export interface TemplateFinding {
  readonly code: 'template-syntax' | 'template-unknown-name'
  readonly message: string
  readonly remedy: string
  /** In the template, from 1. */
  readonly line: number
  readonly column: number
}

/** Where a finding stands in the file: under the `|` of a text of several lines, which is indented by two. */
function placed(found: TemplateFinding, { id, text }: ProgramTemplate, locate: Loaded['locate']): Problem {
  const value = locate(['templates', id, 'text'])
  const key = locate(['templates', id, 'text'], 'key')
  const isBlock = text.includes('\n')
  const place = isBlock
    ? { file: value.file, line: value.line + found.line, column: key.column + 1 + found.column }
    : { file: value.file, line: value.line, column: value.column + found.column - 1 }
  return problem(place, found.code, `template ${id}: ${found.message}`, found.remedy)
}

/** All unknown names of a template, or why it cannot be read. */
export function lintTemplate(text: string, kind: NoticeKind): readonly TemplateFinding[] {
  try {
    const walk = new Walk()
    walk.templates(templateEngine({ zone: 'UTC' }).parse(text), new Map(Object.entries(shapeOf(kind).properties ?? {})))
    return walk.findings
  } catch (error) {
    if (!LiquidError.is(error)) throw error
    const [line = 1, column = 1] = error.token?.getPosition() ?? []
    const message = (error.message.split('\n')[0] ?? '').replace(/, line:\d+, col:\d+$/, '')
    return [{ code: 'template-syntax', message, remedy: remedyFor(message), line, column }]
  }
}

function remedyFor(message: string): string {
  const engine = templateEngine({ zone: 'UTC' })
  const known = /undefined filter: (\S+)/.exec(message) ? engine.filters : message.startsWith('tag "') ? engine.tags : undefined
  if (!known) return 'mend it; docs/guide/notifications.md shows what templates may hold'
  const name = /undefined filter: (\S+)/.exec(message)?.[1] ?? /^tag "([^"]+)"/.exec(message)?.[1] ?? ''
  const names = Object.keys(known).toSorted()
  const near = nearest(name, names)
  return near === undefined ? `there are: ${names.join(', ')}` : `write ${near}`
}

type Scope = ReadonlyMap<string, Shape>

const ANY: Shape = { type: 'unknown', optional: false }

/** Follows the names through loops and assignments. */
class Walk {
  readonly findings: TemplateFinding[] = []

  templates(all: readonly Template[], scope: Scope): void {
    let here: Scope = scope
    for (const template of all) {
      const locals = [...(template.localScope?.() ?? [])].map((token) => token.content)
      const args = [...(template.arguments?.() ?? [])]
      const shapes = args.map((one) => this.#argument(one, here))
      const bound = [...(template.blockScope?.() ?? [])]
      const inner = new Map(here)
      for (const [index, name] of bound.entries()) inner.set(name, index === 0 ? (shapes[0]?.items ?? ANY) : ANY)
      // The body of `for` sees its variable, its else does not; what is captured or assigned is seen by all that follows.
      if (template instanceof ForTag) {
        this.templates(template.templates, inner)
        this.templates(template.elseTemplates ?? [], here)
      } else this.templates(childrenOf(template), inner)
      if (locals.length > 0) here = new Map([...here, ...locals.map((name): [string, Shape] => [name, shapes[0] ?? ANY])])
    }
  }

  #argument(argument: unknown, scope: Scope): Shape {
    if (argument instanceof Value) {
      const shapes = argument.initial.postfix.map((token) => this.#token(token, scope))
      for (const filter of argument.filters) for (const one of filter.args) this.#token(Array.isArray(one) ? one[1] : one, scope)
      const isPlain = argument.initial.postfix.length === 1 && argument.filters.length === 0
      return isPlain ? (shapes[0] ?? ANY) : ANY
    }
    return this.#token(argument as Token | undefined, scope)
  }

  #token(token: Token | undefined, scope: Scope): Shape {
    if (token === undefined || !TypeGuards.isPropertyAccessToken(token)) return ANY
    const steps = stepsOf(token)
    const [root, ...rest] = steps
    if (root === undefined) return ANY
    let shape = scope.get(root)
    if (!shape) {
      this.#unknown(token, root, root, [...scope.keys()])
      return ANY
    }
    let path = root
    for (const step of rest) {
      const next = stepInto(shape, step)
      if (!next) {
        this.#unknown(token, `${path}.${step}`, step, Object.keys(shape.properties ?? {}))
        return ANY
      }
      shape = next
      path = `${path}.${step}`
    }
    return shape
  }

  #unknown(token: Token, path: string, name: string, names: readonly string[]): void {
    const [line = 1, column = 1] = token.getPosition()
    const near = nearest(name, names)
    this.findings.push({
      code: 'template-unknown-name',
      message: `there is no ${path} in this message`,
      remedy: near === undefined ? (names.length === 0 ? 'take it out' : `there are: ${names.join(', ')}`) : `write ${near}`,
      line,
      column,
    })
  }
}

function childrenOf(template: Template): readonly Template[] {
  const step = template.children?.(false, true).next()
  return step?.done === true ? step.value : []
}

/** The names along a path; an index or a computed key stands as `0`. */
const stepsOf = (token: PropertyAccessToken): readonly string[] =>
  token.props.map((one) => {
    const { content } = one as { readonly content?: unknown }
    return typeof content === 'string' ? content : '0'
  })

function stepInto(shape: Shape, step: string): Shape | undefined {
  if (shape.type === 'unknown') return ANY
  if (step === 'size' && (shape.type === 'list' || shape.type === 'text')) return ANY
  if (shape.type === 'list') return /^\d+$|^first$|^last$/.test(step) ? (shape.items ?? ANY) : undefined
  return shape.properties && Object.hasOwn(shape.properties, step) ? shape.properties[step] : undefined
}
