import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compose, type Occasion } from '#core/notify/compose.ts'
import type { Notice } from '#core/notify/notice.ts'
import { foldHistory } from '#core/schedule/history.ts'
import { mailHeader, terminal } from '#render/encode.ts'
import { readBlocks, fenced } from '#render/notice/document.ts'
import { htmlNotice } from '#render/notice/html.ts'
import { plainNotice } from '#render/notice/plain.ts'
import { SLACK_LIMITS, slackNotice } from '#render/notice/slack.ts'
import { wordNotice } from '#render/notice/word.ts'
import { checkpointOf, eventsOf, programOf, streamOf } from '../../../test/core/heart/build.ts'

/** What people and repositories call things, at its worst. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '<!channel> <!here> <@U0BOSS001> @everyone',
    '*bold* _it_ `code` ~x~ <https://evil.example|click>',
    '<script>alert(1)</script><img src=x onerror=alert(1)>',
    '"><a href=javascript:alert(1)>',
    '\u001b[2J\u001b]8;;http://evil\u0007x',
    '\u202egnp.exe \u2066\u2069 \u200b',
    'a\r\nBcc: evil@example.org\r\n\r\n# Heading\n- item',
    '{{ program.name }} {% for x in (1..1000000) %}{{ x }}{% endfor %}',
    '\ue000inside\ue001 *outside* \ue002boss\ue002',
  ),
)

function said(name: string, title: string, impact: string): readonly [Notice, Occasion] {
  const program = programOf(checkpointOf([]), { streams: [streamOf('a', { name })] })
  const events = eventsOf([
    {
      at: '2026-02-25T14:00:00Z',
      actor: 'lead-a',
      type: 'blocker-opened',
      body: { blocker: 'b-1', stream: 'a', title, severity: 'high', impact, owner: 'lead-a', deadline: '2026-02-26T14:00:00Z' },
    },
  ])
  const occasion = { program, history: foldHistory(events), now: '2026-02-25T14:00:00Z' }
  const action = { key: 'blocker:b-1/opened@x', kind: 'blocker', due: occasion.now, blocker: 'b-1', people: [], stage: 'opened' } as const
  const [notice] = compose({ of: 'due', action }, occasion)
  if (!notice) throw new Error('nothing is said')
  return [notice, occasion]
}

const CONFIG = { id: 'team', send: 'slack' } as const

describe('whatever a name holds, it stays text', () => {
  test('in Slack: no mark is read anywhere, and only who is meant is mentioned', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (name, title, impact) => {
        const [notice, { program }] = said(name, title, impact)
        const { text, blocks } = slackNotice(wordNotice(notice, program, CONFIG), notice, program)
        const all = JSON.stringify(blocks)
        expect(all).not.toMatch(/"type":"(?:mrkdwn|user|usergroup|broadcast|link|section)"/)
        expect(text).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/)
        expect(blocks.length).toBeLessThanOrEqual(SLACK_LIMITS.blocks)
        expect(text.length).toBeLessThanOrEqual(SLACK_LIMITS.fallback)
      }),
      { numRuns: 300 },
    )
  })

  test('in HTML: the tags are ours alone, whatever is said', () => {
    const tagsOf = (html: string): readonly string[] => [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag)
    const [plain, { program }] = said('name', 'title', 'impact')
    const expected = tagsOf(htmlNotice(wordNotice(plain, program, CONFIG), plain.acts))
    fc.assert(
      fc.property(hostile, hostile, hostile, (name, title, impact) => {
        // An empty value has no room for a line of its own.
        fc.pre([name, title, impact].every((one) => one.trim() !== ''))
        const [notice, occasion] = said(name, title, impact)
        expect(tagsOf(htmlNotice(wordNotice(notice, occasion.program, CONFIG), notice.acts))).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  test('in plain text: it makes no line and moves no cursor', () => {
    fc.assert(
      fc.property(hostile, hostile, (title, impact) => {
        const [notice, { program }] = said('A', title, impact)
        const lines = plainNotice(wordNotice(notice, program, CONFIG), notice.acts)
        for (const line of lines) expect(line).toBe(terminal(line))
        expect(lines.filter((one) => one.startsWith('Impact:'))).toHaveLength(1)
      }),
      { numRuns: 300 },
    )
  })

  test('what was written in several lines is read in one, with a space where a line ended', () => {
    const [notice, { program }] = said('A', 'the key\r\nis lost', 'first\nsecond')
    const document = wordNotice(notice, program, CONFIG)
    const { text, blocks } = slackNotice(document, notice, program)
    const shown = [document.title, ...plainNotice(document), text, JSON.stringify(blocks), htmlNotice(document), mailHeader(notice.title)]
    expect(shown.join('\n')).toContain('Impact: first second')
    for (const one of shown) expect(one).not.toMatch(/\\+[rn](?:second|is lost)|lost\\/)
    expect(mailHeader(notice.title)).toBe('Blocker: A, the key is lost')
  })

  test('in the notation: a value makes no block and no style', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const clean = value.replace(/[\ue000-\ue003]/g, '')
        const [block, more] = readBlocks(`x ${fenced(clean)} y`)
        expect(more).toBeUndefined()
        expect(block).toEqual({ kind: 'paragraph', lines: [[{ text: `x ${clean} y`, style: 'plain' }]] })
      }),
    )
  })
})

describe('Slack’s limits', () => {
  test.each([1, 40, 2_000])('%i blockers fit, and what does not is said to be left out', (count) => {
    const [notice, occasion] = said('A', 't', 'i')
    if (notice.kind !== 'blocker') throw new Error(notice.kind)
    const blockers = Array.from({ length: count }, (_, index) => ({ ...notice.data.blocker, title: `Blocker ${index} ${'x'.repeat(100)}` }))
    const stalled = {
      ...notice,
      kind: 'stalled' as const,
      data: {
        program: notice.data.program,
        stream: { id: 'a', name: 'A', lead: notice.data.blocker.owner },
        since: null,
        workDays: 2,
        blockers,
      },
    }
    const { blocks, text } = slackNotice(wordNotice(stalled, occasion.program, CONFIG), stalled, occasion.program)
    expect(blocks.length).toBeLessThanOrEqual(50)
    expect(JSON.stringify(blocks).includes('more than a message holds')).toBe(count === 2_000)
    for (const block of blocks) {
      if (block.type !== 'rich_text') continue
      const said = [...JSON.stringify(block).matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)].reduce((sum, [, each = '']) => sum + each.length, 0)
      expect(said).toBeLessThanOrEqual(SLACK_LIMITS.section * 1.1)
    }
    expect(text.length).toBeLessThanOrEqual(SLACK_LIMITS.fallback)
  })
})

test('a template of the program that fails costs no message, and the message says so', () => {
  const [notice, occasion] = said('A', 'title', 'impact')
  const program = { ...occasion.program, templates: [{ id: 'blocker', channel: 'slack', text: '{{ nothing.there }}' }] }
  const text = plainNotice(wordNotice(notice, program, CONFIG)).join('\n')
  expect(text).toContain('Impact: impact')
  expect(text).toContain('The template blocker of the program cannot be used')
})

test.each(['{{ blocker.title | raw }}', '{% echo blocker.title %}', '{% include "x" %}', '{% cycle blocker.title %}', '{% render "x" %}'])(
  'a template cannot get around the fence: %s',
  (text) => {
    const [notice, occasion] = said('A', '*x*', 'impact')
    const program = { ...occasion.program, templates: [{ id: 'blocker', channel: 'slack', text }] }
    expect(plainNotice(wordNotice(notice, program, CONFIG)).join('\n')).toContain('cannot be used')
  },
)
