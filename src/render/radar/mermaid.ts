import { terminal } from '#render/encode.ts'
import { graphOf, type Graph } from '#render/radar/graph.ts'
import type { RadarRenderer } from '#render/radar/renderer.ts'
import { viewOf } from '#render/radar/view.ts'
import { STATE_SIGNS } from '#render/radar/words.ts'

const SHAPES: Readonly<Record<Graph['nodes'][number]['state'], readonly [string, string]>> = {
  clean: ['[', ']'],
  conflicted: ['{{', '}}'],
  landed: ['([', '])'],
  unavailable: ['[/', '/]'],
  target: ['[(', ')]'],
}

/** As many as Mermaid draws with its default settings. */
const MOST_EDGES = 500

/** Mermaid draws a text of at most 50,000 characters; names are cut so that 500 edges fit. */
const LONGEST_NAME = 60

/** The conflict graph as a Mermaid flowchart: the shape is the state, the label of an edge how many files conflict. */
export const renderRadarMermaid: RadarRenderer = (radar) => {
  const { nodes, edges, left } = graphOf(viewOf(radar, 'UTC', shortened), MOST_EDGES)
  return [
    'flowchart LR',
    ...nodes.map(({ key, name, words, state }) => {
      const [open, close] = SHAPES[state]
      // A sign first: a label that begins as a list does is not drawn.
      const sign = state === 'target' ? '◎' : STATE_SIGNS[state].shape
      return `  ${key}${open}"${sign} ${text(shortened(name))}<br>${text(words)}"${close}`
    }),
    ...edges.map(({ a, b, label, unknown }) => `  ${a} ${unknown ? '-.-' : '---'}|"${text(label)}"| ${b}`),
    ...(left.length === 0 ? [] : [`  left["${text(`not drawn: ${left.join(', ')}`)}"]`]),
    '',
  ].join('\n')
}

const shortened = (name: string): string => {
  const characters = [...name]
  return characters.length <= LONGEST_NAME ? name : `${characters.slice(0, LONGEST_NAME - 1).join('')}…`
}

/** Anything that Markdown, HTML or Mermaid could read as more than text becomes an entity as Mermaid writes it. */
const text = (value: string): string =>
  terminal(value).replace(/[^\p{L}\p{M}\p{N} ,.…–·-]/gu, (character) => `#${character.codePointAt(0)};`)
