import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'

export interface Line {
  readonly label: string
  /** Custom property of the style sheet, such as `--accent`. */
  readonly color: string
  readonly points: readonly { readonly at: string; readonly value: number }[]
  /** Values hold until the next one, rather than being joined. */
  readonly stepped?: boolean
  readonly dashed?: boolean
  /** Marks only, no line. */
  readonly marks?: boolean
}

export interface Band {
  readonly low: readonly { readonly at: string; readonly value: number }[]
  readonly high: readonly { readonly at: string; readonly value: number }[]
}

const HEIGHT = 220

/** Lines over time, and the same numbers as a table for whoever does not see them or wants them exactly. */
export function Chart({
  title,
  lines,
  format,
  band,
  zone,
}: {
  readonly title: string
  readonly lines: readonly Line[]
  readonly format: (value: number) => string
  readonly band?: Band
  readonly zone: string
}) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const { current } = place
    if (!current) return undefined
    const draw = (): uPlot => new uPlot(optionsOf(lines, format, band, current.clientWidth, zone), dataOf(lines, band), current)
    let chart = draw()
    const again = (): void => {
      chart.destroy()
      chart = draw()
    }
    const resized = new ResizeObserver(() => chart.setSize({ width: current.clientWidth, height: HEIGHT }))
    resized.observe(current)
    // Another theme, or paper: other colours.
    const looks = [matchMedia('(prefers-color-scheme: dark)'), matchMedia('print')]
    for (const look of looks) look.addEventListener('change', again)
    return () => {
      for (const look of looks) look.removeEventListener('change', again)
      resized.disconnect()
      chart.destroy()
    }
  }, [title, lines, band, zone])
  return (
    <figure class="chart">
      <div ref={place} role="img" aria-label={`${title}: ${lines.map((one) => `${one.label} ${last(one, format)}`).join(', ')}`} />
      <figcaption>
        <ul class="legend">
          {lines.map((one) => (
            <li key={one.label}>
              <svg width="22" height="10" aria-hidden="true">
                {one.marks === true ? (
                  <circle cx="11" cy="5" r="3.5" style={{ fill: 'none', stroke: `var(${one.color})`, strokeWidth: '2' }} />
                ) : (
                  <line
                    x1="1"
                    x2="21"
                    y1="5"
                    y2="5"
                    style={{ stroke: `var(${one.color})`, strokeWidth: '2', strokeDasharray: one.dashed === true ? '4 3' : 'none' }}
                  />
                )}
              </svg>
              {one.label} <strong>{last(one, format)}</strong>
            </li>
          ))}
        </ul>
        <details>
          <summary>As a table</summary>
          <Numbers lines={lines} format={format} />
        </details>
      </figcaption>
    </figure>
  )
}

const last = ({ points }: Line, format: (value: number) => string): string => {
  const end = points.at(-1)
  return end ? format(end.value) : 'none'
}

/** `25 Feb`. */
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

const INSTANT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })

const Numbers = ({ lines, format }: { readonly lines: readonly Line[]; readonly format: (value: number) => string }) => (
  <table>
    <thead>
      <tr>
        <th scope="col">When</th>
        <th scope="col">What</th>
        <th scope="col" class="number">
          Value
        </th>
      </tr>
    </thead>
    <tbody>
      {lines
        .flatMap((line) => line.points.map((point) => ({ ...point, label: line.label })))
        .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
        .map((one) => (
          <tr key={`${one.at}${one.label}`}>
            <td>{INSTANT.format(new Date(one.at))}</td>
            <td>{one.label}</td>
            <td class="number">{format(one.value)}</td>
          </tr>
        ))}
    </tbody>
  </table>
)

/** All lines over one axis of time; a stepped line keeps its value until its next point. */
function dataOf(lines: readonly Line[], band: Band | undefined): uPlot.AlignedData {
  const all = [...lines.map((one) => one.points), ...(band ? [band.low, band.high] : [])]
  const times = [...new Set(all.flatMap((points) => points.map((one) => Date.parse(one.at) / 1000)))].toSorted((a, b) => a - b)
  const columns = all.map((points) => {
    const known = new Map(points.map((one) => [Date.parse(one.at) / 1000, one.value]))
    return times.map((time) => known.get(time) ?? null)
  })
  return [times, ...columns]
}

function optionsOf(
  lines: readonly Line[],
  format: (value: number) => string,
  band: Band | undefined,
  width: number,
  zone: string,
): uPlot.Options {
  const css = getComputedStyle(document.documentElement)
  const color = (name: string): string => css.getPropertyValue(name).trim()
  const axis = { stroke: color('--soft'), grid: { stroke: color('--line'), width: 1 }, ticks: { stroke: color('--line'), width: 1 } }
  const edge = { stroke: 'transparent', points: { show: false }, spanGaps: true }
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    axes: [
      {
        ...axis,
        space: 70,
        // A day stands once, however many marks it has.
        values: (_, splits) =>
          splits
            .map((seconds) => DAY.format(uPlot.tzDate(new Date(seconds * 1000), zone)))
            .map((day, at, all) => (day === all[at - 1] ? '' : day)),
      },
      // As wide as what stands there: `27 h 13 min` is longer than `100 %`.
      {
        ...axis,
        size: (_, words) => Math.max(70, ...(words ?? []).map((one) => 20 + 7 * one.length)),
        values: (_, values) => values.map(format),
      },
    ],
    scales: { y: { range: (_, low, high) => [Math.min(0, low), high === low ? high + 1 : high * 1.05] } },
    series: [
      {},
      ...lines.map((one): uPlot.Series => ({
        label: one.label,
        stroke: color(one.color),
        width: one.marks === true ? 0 : 2,
        spanGaps: true,
        ...(one.dashed === true && { dash: [6, 4] }),
        ...(one.stepped === true && uPlot.paths.stepped && { paths: uPlot.paths.stepped({ align: 1 }) }),
        points: {
          show: one.marks === true || (one.dashed !== true && one.points.length < 40),
          size: one.marks === true ? 9 : 5,
          stroke: color(one.color),
          fill: color('--page'),
        },
      })),
      ...(band ? [edge, edge] : []),
    ],
    ...(band && { bands: [{ series: [lines.length + 2, lines.length + 1] as [number, number], fill: `${color('--accent')}22` }] }),
    // Its numbers stand below it: nothing follows the pointer, and the style sheet needs no more of its own than where things lie.
    cursor: { show: false },
  }
}
