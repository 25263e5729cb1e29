import { useSignal } from '@preact/signals'
import type { StateDocument } from '#core/api/documents.ts'
import type { ConflictFile } from '#core/merge/probe.ts'
import type { Radar as RadarDocument, RadarPair, RadarStream } from '#core/merge/radar.ts'
import { count, formatDay, people, short } from '#render/words.ts'
import { liveDocument } from '../live.ts'
import { nameOf } from '../named.ts'
import { JobButton } from '../parts/job.tsx'
import { Signed } from '../parts/signs.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { Instant } from '../parts/time.tsx'
import { to } from '../route.ts'

/** More streams than this, and a cell has room for its shape alone; the words are in the legend and in its name. */
const WORDED = 10

/** Which branches collide once they land, in which order to land them, and what changed since the look before. */
export function Radar({ state }: { readonly state: StateDocument }) {
  const path = `/api/programs/${encodeURIComponent(state.program.id)}/radar`
  const { value: radar, problem } = liveDocument<RadarDocument>(path).value
  if (!radar) {
    if (!problem) return <Loading what="the radar" />
    if (problem.code !== 'unknown-radar') return <Failed problem={problem} />
    return (
      <Empty page title="Nobody has looked yet">
        <p>The radar merges every pair of branches without a checkout, and says which of them collide.</p>
        <LookAgain program={state.program.id} label="Look now" />
      </Empty>
    )
  }
  return (
    <article class="radar">
      <header class="head">
        <div>
          <h1>Radar</h1>
          <p class="soft">
            Against <code>{radar.target.branch}</code> <code title={radar.target.commit}>{short(radar.target.commit)}</code>, looked at{' '}
            <Instant at={radar.at} zone={state.program.zone} />
          </p>
        </div>
        <LookAgain program={state.program.id} label="Look again" />
      </header>
      <Verdict radar={radar} />
      <Since radar={radar} state={state} />
      <Matrix radar={radar} program={state.program.id} />
      <div class="columns">
        <Waves radar={radar} />
        <aside>
          <Hot radar={radar} />
        </aside>
      </div>
    </article>
  )
}

const LookAgain = ({ program, label }: { readonly program: string; readonly label: string }) => (
  <div class="buttons">
    <JobButton program={program} path={`/api/programs/${encodeURIComponent(program)}/radar/looks`} label={label} busyLabel="Asking git" />
  </div>
)

function Verdict({ radar: { pairs, streams, plan, effort } }: { readonly radar: RadarDocument }) {
  const conflicts = pairs.filter((one) => one.verdict === 'conflicted').length
  const unknown = pairs.length - conflicts + streams.filter((one) => one.state === 'unavailable').length
  const against = streams.filter((one) => one.state === 'conflicted').length
  return (
    <>
      <p class="figure">
        <Signed
          sign={conflicts + against === 0 ? CLEAN : CONFLICT}
          word={conflicts === 0 ? 'no pair collides' : `${count(conflicts, 'pair')} ${conflicts === 1 ? 'collides' : 'collide'}`}
        />
      </p>
      <p class="soft">
        {[
          `${effort.pairs - pairs.length} of ${count(effort.pairs, 'pair')} ${effort.pairs === 1 ? 'merges' : 'merge'} cleanly`,
          ...(against > 0 ? [`${count(against, 'stream')} already ${against === 1 ? 'collides' : 'collide'} with the target`] : []),
          ...(unknown > 0 ? [`${unknown} cannot be said`] : []),
          plan.rework.length === 0
            ? 'nobody must rework'
            : `${count(plan.rework.length, 'stream')} must rework${plan.optimal ? ', and no order has fewer' : ''}`,
        ].join(' · ')}
      </p>
    </>
  )
}

const nameIn = ({ streams }: RadarDocument, id: string): string => nameOf(streams, id)
const names = (radar: RadarDocument, ids: readonly string[]): string => people(ids.map((one) => nameIn(radar, one)))

function Since({ radar, state }: { readonly radar: RadarDocument; readonly state: StateDocument }) {
  const { since } = radar
  if (!since) return null
  const lines: readonly (readonly [kind: string, text: string])[] = [
    ...since.newConflicts.map(({ a, b, files }) => ['new conflict', `${names(radar, [a, b])} in ${files.join(', ')}`] as const),
    ...since.changed.map(
      ({ a, b, added, removed }) =>
        [
          'other files',
          `${names(radar, [a, b])}: ${[...added.map((one) => `+ ${one}`), ...removed.map((one) => `− ${one}`)].join(', ')}`,
        ] as const,
    ),
    ...since.solved.map(({ a, b }) => ['solved', names(radar, [a, b])] as const),
    ...since.states.map((one) => ['state', `${nameIn(radar, one.stream)}: ${one.from} → ${one.to}`] as const),
    ...since.appeared.map((one) => ['new stream', nameIn(radar, one)] as const),
    ...since.gone.map((one) => ['gone', one] as const),
    ...(since.moved.length > 0 ? [['new commits', names(radar, since.moved)] as const] : []),
    ...(since.targetMoved ? [['target', `${radar.target.branch} has new commits`] as const] : []),
  ]
  return (
    <section>
      <h2>
        Since <Instant at={since.at} zone={state.program.zone} />
      </h2>
      {lines.length === 0 ? (
        <p class="soft">Nothing changed.</p>
      ) : (
        <ul class="lines">
          {lines.map(([kind, text]) => (
            <li key={`${kind}${text}`}>
              <span class="kind">{kind}</span> {text}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

interface Cell {
  readonly tone: string
  readonly shape: string
  readonly word: string
  /** What the cell says in full, to whoever points at it or listens. */
  readonly name: string
  readonly files: readonly ConflictFile[]
}

const CLEAN = { tone: 'good', shape: '✓', word: 'clean' } as const
const CONFLICT = { tone: 'bad', shape: '✗' } as const
const UNKNOWN = { tone: 'unknown', shape: '?', word: 'unknown' } as const

const filesText = (files: readonly ConflictFile[]): string => files.map(({ path, kind }) => `${path} (${kind})`).join('\n')

function againstTarget(one: RadarStream, target: string): Cell {
  const { files, state, reason } = one
  const sign =
    state === 'conflicted'
      ? { ...CONFLICT, word: count(files.length, 'file') }
      : state === 'unavailable'
        ? UNKNOWN
        : state === 'landed'
          ? ({ tone: 'muted', shape: '●', word: 'landed' } as const)
          : CLEAN
  const said = state === 'conflicted' ? `conflicts in\n${filesText(files)}` : `${state}${reason === undefined ? '' : `: ${reason}`}`
  return { ...sign, files, name: `${one.name} and ${target}: ${said}` }
}

function between(a: RadarStream, b: RadarStream, pair: RadarPair | undefined): Cell {
  const both = `${a.name} and ${b.name}: `
  if (pair?.verdict === 'conflicted')
    return {
      ...CONFLICT,
      word: count(pair.files.length, 'file'),
      files: pair.files,
      name: `${both}conflict in\n${filesText(pair.files)}`,
    }
  if (pair) return { ...UNKNOWN, files: [], name: `${both}${pair.reason ?? 'git could not say'}` }
  const other = [a, b].find((one) => one.state !== 'clean' && one.state !== 'landed')
  if (other)
    return { ...UNKNOWN, word: 'open', files: [], name: `${both}not asked while ${other.name} is ${other.state} against the target` }
  return { ...CLEAN, files: [], name: `${both}git finds no conflict` }
}

function Matrix({ radar, program }: { readonly radar: RadarDocument; readonly program: string }) {
  const { streams, pairs, target } = radar
  const chosen = useSignal<string | undefined>(undefined)
  if (streams.length === 0) return <Empty title="There is no branch to look at" />
  const byPair = new Map<string, RadarPair>(
    pairs.flatMap((one): [string, RadarPair][] => [
      [`${one.a}\0${one.b}`, one],
      [`${one.b}\0${one.a}`, one],
    ]),
  )
  const picked = chosen.value === undefined ? undefined : byPair.get(chosen.value)
  const own = streams.find((one) => one.id === chosen.value)
  return (
    <section>
      <h2>Conflicts</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Conflict matrix">
        <table class={`matrix ${streams.length > WORDED ? 'many' : ''}`}>
          <thead>
            <tr>
              <th scope="col" class="first">
                Stream
              </th>
              <th scope="col">
                <code>{target.branch}</code>
              </th>
              {streams.map((one) => (
                <th scope="col" key={one.id}>
                  {one.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {streams.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  <a href={to(program, 'streams', row.id)}>{row.name}</a>
                </th>
                <td>
                  <CellOf cell={againstTarget(row, target.branch)} isOn={chosen.value === row.id} choose={() => (chosen.value = row.id)} />
                </td>
                {streams.map((column) => {
                  const key = `${row.id}\0${column.id}`
                  return (
                    <td key={column.id}>
                      {row === column ? (
                        <span class="soft" aria-label="itself">
                          –
                        </span>
                      ) : (
                        <CellOf
                          cell={between(row, column, byPair.get(key))}
                          isOn={chosen.value === key}
                          choose={() => (chosen.value = key)}
                        />
                      )}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="soft legend-line">
        <span aria-hidden="true">✓</span> clean: git finds no conflict, which is no proof that the result works ·{' '}
        <span aria-hidden="true">✗</span> conflict · <span aria-hidden="true">?</span> cannot be said · <span aria-hidden="true">●</span>{' '}
        landed
      </p>
      <div aria-live="polite">
        {picked && (
          <Files
            title={names(radar, [picked.a, picked.b])}
            files={picked.files}
            sides={[nameIn(radar, picked.a), nameIn(radar, picked.b)]}
          />
        )}
        {own && own.files.length > 0 && (
          <Files title={`${own.name} and ${target.branch}`} files={own.files} sides={[own.name, target.branch]} />
        )}
      </div>
    </section>
  )
}

const CellOf = ({ cell, isOn, choose }: { readonly cell: Cell; readonly isOn: boolean; readonly choose: () => void }) => {
  const inside = (
    <>
      <span class="shape" aria-hidden="true">
        {cell.shape}
      </span>{' '}
      <span class="word">{cell.word}</span>
    </>
  )
  if (cell.files.length === 0)
    return (
      <span class={`sign ${cell.tone}`} title={cell.name}>
        {inside}
      </span>
    )
  return (
    <button type="button" class={`cell sign ${cell.tone}`} title={cell.name} aria-pressed={isOn} onClick={choose}>
      {inside}
    </button>
  )
}

/** The files of one pair, with the lines of both sides. */
const Files = ({
  title,
  files,
  sides,
}: {
  readonly title: string
  readonly files: readonly ConflictFile[]
  readonly sides: readonly [string, string]
}) => (
  <section class="files">
    <h3>{title}</h3>
    <ul class="lines">
      {files.map((one) => (
        <li key={one.path}>
          <code>{one.path}</code> <span class="soft">{one.kind}</span> {one.detail}
          {(one.hunks ?? []).map((hunk, index) => (
            <div class="hunk" key={index}>
              {([hunk.a, hunk.b] as const).map((side, at) => (
                <figure key={sides[at]}>
                  <figcaption class="soft">
                    {sides[at]}, line {side.line}
                  </figcaption>
                  <pre tabIndex={0}>{side.text?.join('\n') ?? count(side.count, 'line')}</pre>
                </figure>
              ))}
            </div>
          ))}
        </li>
      ))}
    </ul>
  </section>
)

function Waves({ radar }: { readonly radar: RadarDocument }) {
  const { plan, surprises } = radar
  const rework = new Map(plan.rework.map((one) => [one.stream, one.because]))
  const place = new Map(plan.order.map((id, index) => [id, index + 1]))
  const placeOf = (id: string): number => place.get(id) ?? 0
  const below = new Map(radar.streams.map((one) => [one.id, one.contains.filter((other) => place.has(other))]))
  return (
    <section>
      <h2>Order of landing</h2>
      {plan.waves.length === 0 && <p class="soft">There is nothing to land.</p>}
      {plan.waves.map((wave, index) => (
        <section key={wave.join()} class="wave">
          <h3>
            Wave {index + 1} <span class="soft">{index === 0 ? 'lands without rework' : 'after its rework'}</span>
          </h3>
          <ol class="lines">
            {wave
              .toSorted((a, b) => placeOf(a) - placeOf(b))
              .map((id) => (
                <li key={id}>
                  <span class="number">{placeOf(id)}</span> {nameIn(radar, id)}
                  {(below.get(id) ?? []).length > 0 && <span class="soft"> on top of {names(radar, below.get(id) ?? [])}</span>}
                  {rework.has(id) && <span class="soft"> must rework, after {names(radar, rework.get(id) ?? [])} landed</span>}
                </li>
              ))}
          </ol>
        </section>
      ))}
      {plan.days.length > 0 && (
        <>
          <h3>Days</h3>
          <ul class="lines">
            {plan.days.map((day) => (
              <li key={day.date}>
                <span class="kind day">{formatDay(day.date, day.weekday)}</span> {names(radar, day.streams)}
              </li>
            ))}
          </ul>
        </>
      )}
      {plan.held.length > 0 && (
        <>
          <h3>Held back</h3>
          <ul class="lines">
            {plan.held.map((one) => (
              <li key={one.stream}>
                {nameIn(radar, one.stream)} <span class="soft">{one.because}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {surprises.length > 0 && (
        <>
          <h3 class="warn">
            <span aria-hidden="true">≠ </span>Surprises
          </h3>
          <ul class="lines">
            {surprises.map((one) => (
              <li key={one.stream}>
                {nameIn(radar, one.stream)} does not land after {names(radar, one.after)}: {one.files.map((file) => file.path).join(', ')}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function Hot({ radar }: { readonly radar: RadarDocument }) {
  const { hot, trespasses } = radar
  return (
    <>
      <h2>Files that several change</h2>
      {hot.length === 0 && <p class="soft">None.</p>}
      <ul class="lines">
        {hot.slice(0, 12).map((one) => (
          <li key={one.path}>
            <code>{one.path}</code>
            {one.conflicts > 0 && <span class="bad"> {count(one.conflicts, 'conflict')}</span>}
            <p class="soft">
              {names(radar, one.streams)}
              {one.owners.length > 0 && ` · ${people(one.owners)}`}
            </p>
          </li>
        ))}
      </ul>
      {trespasses.length > 0 && (
        <>
          <h2>Changed by others than their owner</h2>
          <ul class="lines">
            {trespasses.map((one) => (
              <li key={`${one.path}${one.stream}`}>
                <code>{one.path}</code> <span class="soft">of {nameIn(radar, one.owner)}, changed by</span> {nameIn(radar, one.stream)}
                {one.allowed !== undefined && <span class="soft"> · allowed: {one.allowed}</span>}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}
