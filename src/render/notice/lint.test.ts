import { describe, expect, test } from 'vitest'
import { NOTICE_KINDS } from '#core/program/model.ts'
import { lintTemplate } from '#render/notice/lint.ts'
import { TEMPLATES } from '#render/notice/templates.ts'

describe('templates are held against their data', () => {
  test.each(NOTICE_KINDS)('the one that is shipped for %s uses nothing that is not there', (kind) => {
    expect(lintTemplate(TEMPLATES[kind], kind)).toEqual([])
  })

  test.each([
    ['{{ stream.nam }}', 1, 4, 'there is no stream.nam in this message', 'write name'],
    ['a\n{% for one in stream.criteria %}\n  {{ one.titel }}\n{% endfor %}', 3, 6, 'there is no one.titel in this message', 'write title'],
    ['{% if strem.ready %}x{% endif %}', 1, 7, 'there is no strem in this message', 'write stream'],
    ['{% assign s = stream %}{{ s.lead.nmae }}', 1, 27, 'there is no s.lead.nmae in this message', 'write name'],
    ['{{ stream.name | default: stream.titl }}', 1, 27, 'there is no stream.titl in this message', undefined],
    [
      '{% for one in stream.blockers %}{{ one.stream.name }}{% else %}{{ one.title }}{% endfor %}',
      1,
      67,
      'there is no one in this message',
      undefined,
    ],
  ])('%s', (text, line, column, message, remedy) => {
    const found = lintTemplate(text, 'status')
    expect(found).toMatchObject([{ code: 'template-unknown-name', line, column, message }])
    if (remedy !== undefined) expect(found[0]?.remedy).toBe(remedy)
  })

  test.each([
    ['{{ stream.name | upcaes }}', 'undefined filter: upcaes', 'write upcase'],
    ['{% if stream.ready %}', 'tag {% if stream.ready %} not closed', undefined],
    ['{% include "x" %}', 'tag "include" not found', undefined],
    ['{{ stream.name | raw }}', 'undefined filter: raw', undefined],
    ['{{ stream.name', 'output "{{ stream.name" not closed', undefined],
  ])('%s cannot be read', (text, message, remedy) => {
    const found = lintTemplate(text, 'status')
    expect(found).toMatchObject([{ code: 'template-syntax', message }])
    if (remedy !== undefined) expect(found[0]?.remedy).toBe(remedy)
  })

  test('names that are there pass: loops, sizes, indexes, assignments, filters with arguments', () => {
    const text =
      '{% assign b = stream.blockers %}{{ b.size }} {{ b[0].title }} {{ stream.criteria.first.title }} {% for c in stream.criteria limit: 2 %}{{ forloop.index }} {{ c.because | truncate: 20 }}{% endfor %}{% capture k %}{{ title }}{% endcapture %}{{ k }}{% case decision.verdict %}{% when "GO" %}{{ kind }}{% endcase %}'
    expect(lintTemplate(text, 'status')).toEqual([])
  })
})
