import { complaint } from '../process.ts'
import type { Quarantine } from './quarantine.ts'

/** One side of a conflicted path, as git would put it into the index: stage 1 is the base, 2 ours, 3 theirs. */
export interface Stage {
  readonly mode: string
  readonly oid: string
  readonly stage: 1 | 2 | 3
  /** Bytes as latin1. */
  readonly path: string
}

export interface Message {
  /** Bytes as latin1; the first is the one it is about. */
  readonly paths: readonly string[]
  /** Git's own short name, stable over its versions: `CONFLICT (contents)`. */
  readonly type: string
  readonly text: string
}

export type Merged =
  | { readonly outcome: 'clean'; readonly tree: string }
  | { readonly outcome: 'conflicted'; readonly tree: string; readonly stages: readonly Stage[]; readonly messages: readonly Message[] }
  | { readonly outcome: 'unavailable'; readonly reason: string }

/** Two commits: `theirs` is merged into `ours`. */
export interface MergeQuestion {
  readonly ours: string
  readonly theirs: string
}

const MOST_IN_ONE = 500
const PROCESSES = 2

/**
 * Really merges, in the order asked, by two processes at a time. `objects: 'drop'` throws away what
 * the merges wrote. What git cannot merge is unavailable and stops none of the others.
 */
export const mergeAll = async (
  quarantine: Quarantine,
  questions: readonly MergeQuestion[],
  options: { readonly objects: 'keep' | 'drop'; readonly signal: AbortSignal },
): Promise<readonly Merged[]> => {
  const size = Math.min(MOST_IN_ONE, questions.length < 4 ? 4 : Math.ceil(questions.length / PROCESSES))
  const chunks: { readonly at: number; readonly questions: readonly MergeQuestion[] }[] = []
  for (let at = 0; at < questions.length; at += size) chunks.push({ at, questions: questions.slice(at, at + size) })
  const answers: Merged[] = []
  const work = async (): Promise<void> => {
    for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
      const merged = await mergeChunk(quarantine, chunk.questions, options)
      for (const [index, one] of merged.entries()) answers[chunk.at + index] = one
    }
  }
  await Promise.all(Array.from({ length: PROCESSES }, work))
  return answers
}

const mergeChunk = async (
  quarantine: Quarantine,
  questions: readonly MergeQuestion[],
  options: { readonly objects: 'keep' | 'drop'; readonly signal: AbortSignal },
): Promise<readonly Merged[]> => {
  const answers: Merged[] = []
  while (answers.length < questions.length) {
    const left = questions.slice(answers.length)
    const input = left.map(({ ours, theirs }) => `${ours} ${theirs}\n`).join('')
    const ended = await quarantine.run(['merge-tree', '--write-tree', '--stdin', '-z'], { input, ...options }).catch((error: unknown) => {
      options.signal.throwIfAborted()
      return error instanceof Error ? error : new Error(String(error))
    })
    if (ended instanceof Error) {
      // Ended by a signal, it took answers with it that it had not yet written.
      if (left.length === 1) return [...answers, { outcome: 'unavailable', reason: ended.message }]
      const middle = Math.ceil(left.length / 2)
      answers.push(...(await mergeChunk(quarantine, left.slice(0, middle), options)))
      return [...answers, ...(await mergeChunk(quarantine, left.slice(middle), options))]
    }
    const parsed = parseMerges(ended.stdout.toString('latin1')).slice(0, left.length)
    answers.push(...parsed)
    if (parsed.length === left.length) break
    // It dies whole of one that it cannot merge: that one is the first without an answer.
    if (ended.exitCode === 0) throw new Error(`expected ${left.length} answers of git merge-tree, got ${parsed.length}`)
    answers.push({ outcome: 'unavailable', reason: complaint(ended.stderr) })
  }
  return answers
}

/** Output of `merge-tree --write-tree --stdin -z`; an answer that was cut off is left out. */
export const parseMerges = (output: string): readonly Merged[] => {
  const words = output.split('\0')
  // Behind the last NUL nothing is whole.
  const end = words.length - 1
  const answers: Merged[] = []
  for (let at = 0; at < end;) {
    const [isClean, tree = ''] = [words[at] === '1', words[at + 1]]
    const stages: Stage[] = []
    const messages: Message[] = []
    at += 2
    if (!isClean) {
      for (; at < end && words[at] !== ''; at++) stages.push(parseStage(words[at] ?? ''))
      // What git advises about submodules stands bare before the last NUL, where nothing should.
      for (at++; at < end && /^\d+$/.test(words[at] ?? '');) {
        const count = Number(words[at])
        const paths = words.slice(at + 1, at + 1 + count)
        messages.push({ paths, type: words[at + 1 + count] ?? '', text: words[at + 2 + count] ?? '' })
        at += 3 + count
      }
    }
    at++
    if (at > end) break
    answers.push(isClean ? { outcome: 'clean', tree } : { outcome: 'conflicted', tree, stages, messages })
  }
  return answers
}

const parseStage = (text: string): Stage => {
  const tab = text.indexOf('\t')
  const [mode = '', oid = '', stage = ''] = text.slice(0, tab).split(' ')
  return { mode, oid, stage: stage === '1' ? 1 : stage === '2' ? 2 : 3, path: text.slice(tab + 1) }
}
