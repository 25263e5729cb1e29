import { CONFLICT_KINDS, type ConflictFile, type ConflictHunk, type ConflictKind } from '#core/merge/probe.ts'
import { terminal } from '#render/encode.ts'
import { unknownLines } from '#render/radar/told.ts'
import type { RadarRenderer } from '#render/radar/renderer.ts'
import { collisionsOf, viewOf, type View } from '#render/radar/view.ts'
import { kindWords, list, placeWords, sideLines, sideWords } from '#render/radar/words.ts'
import { sarifLog, sarifUri } from '#render/sarif.ts'

/**
 * Each conflict as a result on its file, at its first place in the target's version; trespasses too,
 * suppressed where an exception allows them. A conflict with the target stands already and is an
 * error; one that only landing brings about is a warning. What could not be judged is a
 * notification of a run that was not whole.
 */
export const renderRadarSarif: RadarRenderer = (radar, { version } = {}) => {
  const view = viewOf(radar)
  const unknown = unknownLines(view)
  const results = [...collisions(view), ...surprises(view), ...trespasses(view)]
  const met = RULES.filter(({ id }) => results.some(({ ruleId }) => ruleId === id))
  const index = new Map(met.map(({ id }, position) => [id, position]))
  return sarifLog(version, {
    rules: met.map(({ id, text }) => ({ id, shortDescription: { text } })),
    results: results.map(({ ruleId, ...rest }) => ({ ruleId, ruleIndex: index.get(ruleId), ...rest })),
    invocations: [
      {
        executionSuccessful: unknown.length === 0,
        ...(unknown.length > 0 && {
          toolExecutionNotifications: unknown.map(({ text }) => ({
            level: 'error',
            message: { text: `Cannot be judged: ${terminal(text)}` },
          })),
        }),
      },
    ],
  })
}

const WORDS: Readonly<Record<ConflictKind, string>> = {
  content: 'Both sides change the same lines',
  'add/add': 'Both sides add the file, with different contents',
  'modify/delete': 'One side changes the file, the other deletes it',
  rename: 'The sides rename the file in ways that do not go together',
  mode: 'The sides change the mode or type of the file differently',
  submodule: 'The sides move the submodule to different commits',
  binary: 'Both sides change a file that cannot be merged by lines',
  directory: 'One side has a file where the other has a folder',
}

const ruleOf = (kind: ConflictKind): string => `merge-conflict-${kind.replace('/', '-')}`

const SURPRISE = 'merge-conflict-in-order'
const TRESPASS = 'exclusive-path'

const RULES = [
  ...CONFLICT_KINDS.map((kind) => ({ id: ruleOf(kind), text: WORDS[kind] })),
  { id: SURPRISE, text: 'The file conflicts only when several streams have landed before' },
  { id: TRESPASS, text: 'A stream changes a file that is exclusively another’s' },
]

interface Result {
  readonly ruleId: string
  readonly level: 'error' | 'warning'
  readonly message: { readonly text: string }
  readonly [more: string]: unknown
}

const collisions = (view: View): readonly Result[] =>
  collisionsOf(view).flatMap(({ a, b, files, remarks, isTarget }) =>
    files.map((file): Result => {
      const [first, ...others] = file.hunks ?? []
      const who = `${sideWords(a)} and ${sideWords(b)} conflict here`
      const where = first ? `: ${a.name} ${sideLines(first.a)}, ${b.name} ${sideLines(first.b)}` : ''
      const extra = remarks.length === 0 ? '' : ` (${remarks.join(', ')})`
      return {
        ruleId: ruleOf(file.kind),
        level: isTarget ? 'error' : 'warning',
        message: { text: terminal(`${who}${where}${extra}. ${kindWords(file)}`) },
        locations: [location(file, first)],
        ...(others.length > 0 && {
          relatedLocations: others.map((hunk, id) => ({
            id,
            ...location(file, hunk),
            message: { text: terminal(placeWords(hunk, view.radar.target.branch)) },
          })),
        }),
      }
    }),
  )

const surprises = ({ radar, name }: View): readonly Result[] =>
  radar.surprises.flatMap(({ stream, after, files }) =>
    files.map((file): Result => ({
      ruleId: SURPRISE,
      level: 'warning',
      message: {
        text: terminal(
          `${name(stream)} conflicts here after ${list(after.map(name), 6)} have landed, although no pair of them does. ${kindWords(file)}`,
        ),
      },
      locations: [location(file, file.hunks?.[0])],
    })),
  )

const trespasses = ({ radar, name }: View): readonly Result[] =>
  radar.trespasses.map(({ path, stream, owner, allowed }): Result => ({
    ruleId: TRESPASS,
    level: 'warning',
    message: { text: terminal(`${name(stream)} changes a file that is only ${name(owner)}'s`) },
    locations: [location({ path })],
    ...(allowed !== undefined && { suppressions: [{ kind: 'external', justification: terminal(allowed) }] }),
  }))

/** Lines count from 1; a place where lines are only put in is the line it lies before. */
const location = ({ path }: Pick<ConflictFile, 'path'>, hunk?: ConflictHunk) => ({
  physicalLocation: {
    artifactLocation: { uri: sarifUri(path) },
    ...(hunk && {
      region: {
        startLine: Math.max(1, hunk.base.line),
        ...(hunk.base.count > 1 && { endLine: hunk.base.line + hunk.base.count - 1 }),
      },
    }),
  },
})
