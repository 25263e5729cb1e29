import type { LandingStep, Probed } from '#core/merge/probe.ts'
import { type Answer, type Merged, withoutSide } from './oracle.ts'

const STATUS: Readonly<Record<string, string>> = { added: 'A', modified: 'M', deleted: 'D', 'type-changed': 'T' }

/** As the mirror shows a path: text; one that is not UTF-8 in quotes, as git does. */
const asText = (bytes: string): string => {
  const text = Buffer.from(bytes, 'latin1').toString('utf8')
  if (!text.includes('\uFFFD')) return text
  const quoted = bytes.replaceAll(/["\\]/g, '\\$&').replaceAll(/[^ -~]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return `"${quoted}"`
}

/**
 * What is wrong with the files that the engine names for these merges; undefined when nothing is.
 * Git conflicts without an unmerged entry when a folder was renamed to several places: then any file
 * that its messages name will do.
 */
const filesDiffer = (files: readonly { readonly path: string }[], merges: readonly Merged[]): string | undefined => {
  const found = new Set(files.map(({ path }) => withoutSide(path)))
  const conflicted = merges.filter(({ outcome }) => outcome === 'conflicted')
  const wanted = new Set(conflicted.flatMap(({ paths }) => paths.map(asText)))
  const allowed = new Set(conflicted.flatMap(({ paths, told }) => (paths.length === 0 ? told.map(asText) : [])))
  if (new Set(files.map(({ path }) => path)).size !== files.length) return `a file is listed twice: ${files.map(({ path }) => path).join()}`
  const isRight = [...wanted].every((path) => found.has(path)) && [...found].every((path) => wanted.has(path) || allowed.has(path))
  if (isRight && found.size > 0) return undefined
  return `files ${JSON.stringify([...found].sort())}, git ${JSON.stringify([...wanted].sort())}`
}

const said = (merge: Merged): string => (merge.messages.length === 0 ? merge.outcome : `${merge.outcome}: ${merge.messages.join(' | ')}`)

/** Every answer of the engine that is not git's, one line each; `ids` and `answer` in the same order. */
export const disagreements = (probed: Probed, answer: Answer, ids: readonly string[]): readonly string[] => {
  const wrong: string[] = []
  if (probed.streams.map(({ id }) => id).join() !== ids.join()) return ['the streams are not those that were asked']
  for (const [index, stream] of probed.streams.entries()) {
    const wanted = answer.streams[index]
    if (wanted === undefined) continue
    const say = (text: string): void => void wrong.push(`stream ${stream.id}: ${text}`)
    if (stream.state !== wanted.state) {
      say(`${stream.state}${stream.reason === undefined ? '' : ` (${stream.reason})`}, git ${wanted.state}; ${said(wanted.merged)}`)
      continue
    }
    if (stream.state === 'unavailable') continue
    if (stream.ahead !== wanted.ahead) say(`ahead ${stream.ahead}, git ${wanted.ahead}`)
    const contains = wanted.contains.map((at) => ids[at]).join()
    if (stream.contains.join() !== contains) say(`contains ${stream.contains.join()}, git ${contains}`)
    const files =
      stream.state === 'conflicted'
        ? filesDiffer(stream.files, [wanted.merged])
        : stream.files.length === 0
          ? undefined
          : 'files without a conflict'
    if (files !== undefined) say(files)
    if (stream.state === 'clean') {
      const changes = JSON.stringify(stream.changes.map(({ path, status }) => `${STATUS[status]} ${path}`).sort())
      const wantedChanges = JSON.stringify(wanted.changes.map((change) => change.slice(0, 2) + asText(change.slice(2))).sort())
      if (changes !== wantedChanges) say(`changes ${changes}, git ${wantedChanges}`)
    }
  }
  const found = new Map(probed.pairs.map((pair) => [`${pair.a} ${pair.b}`, pair]))
  if (found.size !== probed.pairs.length) wrong.push('a pair is listed twice')
  for (const { a, b, first, second } of answer.pairs) {
    const [idA = '', idB = ''] = [ids[a], ids[b]]
    const pair = found.get(`${idA} ${idB}`)
    found.delete(`${idA} ${idB}`)
    const say = (text: string): void =>
      void wrong.push(`pair ${idA} ${idB}: ${text}; git, ${idA} first: ${said(first)}; ${idB} first: ${said(second)}`)
    const outcomes = new Set([first.outcome, second.outcome])
    const verdict = outcomes.has('conflicted') ? 'conflicted' : outcomes.has('unavailable') ? 'unavailable' : 'clean'
    if ((pair?.verdict ?? 'clean') !== verdict) {
      say(pair?.verdict ?? 'clean')
      continue
    }
    if (pair === undefined || verdict !== 'conflicted') continue
    const onlyWhenFirst = first.outcome === second.outcome ? undefined : first.outcome === 'conflicted' ? idA : idB
    if (!outcomes.has('unavailable') && pair.onlyWhenFirst !== onlyWhenFirst) {
      say(`only when ${pair.onlyWhenFirst ?? 'either'} is first, not ${onlyWhenFirst ?? 'either'}`)
    }
    const files = filesDiffer(pair.files, [first, second])
    if (files !== undefined) say(files)
  }
  for (const key of found.keys()) wrong.push(`pair ${key}: listed, although not of two clean streams or not in order`)
  return wrong
}

/** The same for streams landed one after the other; `merges` are git's, each onto what the ones before it left. */
export const landingDisagreements = (steps: readonly LandingStep[], merges: readonly Merged[]): readonly string[] => {
  if (steps.length !== merges.length) return [`${steps.length} steps, not ${merges.length}`]
  return merges.flatMap((merge, at) => {
    const step = steps[at]
    if (step === undefined) return []
    if (step.outcome !== merge.outcome) return [`landing ${step.id}: ${step.outcome}, git ${said(merge)}`]
    if (step.outcome === 'clean') return step.tree === merge.tree ? [] : [`landing ${step.id}: another tree than git's`]
    const files = step.outcome === 'conflicted' ? filesDiffer(step.files, [merge]) : undefined
    return files === undefined ? [] : [`landing ${step.id}: ${files}`]
  })
}
