import { terminal } from '#render/encode.ts'
import { graphOf, type Graph } from '#render/radar/graph.ts'
import type { RadarRenderer } from '#render/radar/renderer.ts'
import { viewOf } from '#render/radar/view.ts'

const SHAPES: Readonly<Record<Graph['nodes'][number]['state'], string>> = {
  clean: 'box',
  conflicted: 'octagon',
  landed: 'ellipse',
  unavailable: 'box, style=dashed',
  target: 'cylinder',
}

/** The conflict graph in Graphviz' language: the shape is the state, the label of an edge how many files conflict. */
export const renderRadarDot: RadarRenderer = (radar) => {
  const { nodes, edges, left } = graphOf(viewOf(radar))
  return [
    'graph radar {',
    '  overlap=false; splines=true',
    ...(left.length === 0 ? [] : [`  label=${quoted(`not drawn: ${left.join(', ')}`)}`]),
    ...nodes.map(({ key, name, words, state }) => `  ${key} [label=${label(name, words)}, shape=${SHAPES[state]}]`),
    ...edges.map((edge) => `  ${edge.a} -- ${edge.b} [label=${quoted(edge.label)}${edge.unknown ? ', style=dashed' : ''}]`),
    '}\n',
  ].join('\n')
}

/** Within quotes a backslash begins an escape and `&` an HTML entity; everything else is text. */
const escaped = (text: string): string => terminal(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;')

const quoted = (text: string): string => `"${escaped(text)}"`

const label = (name: string, words: string): string => `"${escaped(name)}\\n${escaped(words)}"`
