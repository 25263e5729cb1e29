import { NOTICE_KINDS } from '#core/program/model.ts'
import { OWN_FILTERS, templateEngine } from '#render/notice/liquid.ts'
import { shapeOf, type Shape } from '#render/notice/shape.ts'
import { TEMPLATES } from '#render/notice/templates.ts'

/** What templates may use: the filters, and for each kind of notice its data and the template that is shipped. */
export function noticesPage(): readonly string[] {
  const engine = templateEngine({ zone: 'UTC' })
  const own = Object.keys(OWN_FILTERS)
  return [
    'Every message is written by a template from the data of its notice. [The guide](../guide/notifications.md#templates-of-your-own) says how to replace one. What may be null is null where it is not known; everything else is always there.',
    '## Filters',
    [
      '| filter | what it makes of a value |',
      '| --- | --- |',
      ...Object.entries(OWN_FILTERS).map(([name, what]) => `| \`${name}\` | ${what} |`),
    ].join('\n'),
    `Of Liquid's own there are ${code(Object.keys(engine.filters).filter((one) => !own.includes(one)))}; tags are ${code(Object.keys(engine.tags))}.`,
    ...NOTICE_KINDS.flatMap((kind) => [
      `## ${kind}`,
      ['| name | type | what it is |', '| --- | --- | --- |', ...rows(shapeOf(kind).properties ?? {}, '')].join('\n'),
      'Shipped:',
      `\`\`\`\`liquid\n${TEMPLATES[kind].trim()}\n\`\`\`\``,
    ]),
  ]
}

const code = (names: readonly string[]): string =>
  names
    .toSorted()
    .map((one) => `\`${one}\``)
    .join(', ')

function rows(properties: Readonly<Record<string, Shape>>, prefix: string): readonly string[] {
  return Object.entries(properties).flatMap(([name, shape]) => {
    const path = `${prefix}${name}`
    const [inner, at] = shape.type === 'list' ? [shape.items?.properties, `${path}[].`] : [shape.properties, `${path}.`]
    return [`| \`${path}\` | ${typeOf(shape)} | ${shape.description ?? ''} |`, ...rows(inner ?? {}, at)]
  })
}

function typeOf(shape: Shape): string {
  const words = shape.values ?? shape.items?.values
  const type = shape.type === 'list' ? `list of ${shape.items?.type ?? 'values'}` : shape.type === 'boolean' ? 'yes or no' : shape.type
  const listed = words === undefined ? type : shape.type === 'list' ? `list of ${words.join(', ')}` : words.join(', ')
  return shape.optional ? `${listed} or null` : listed
}
