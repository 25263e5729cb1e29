import { contentOf, type History, type HistoryCommit, modeOf } from './history.ts'

/** Takes away what it can while `fails` stays true: questions, streams, commits, files, lines; for at most `tries` attempts. */
export const minimise = async (history: History, fails: (smaller: History) => Promise<boolean>, tries = 400): Promise<History> => {
  let smallest = history
  let left = tries
  const attempt = async (smaller: History | undefined): Promise<boolean> => {
    if (smaller === undefined || left <= 0) return false
    left -= 1
    const cleaned = withoutUnreachable(smaller)
    if (!(await fails(cleaned).catch(() => false))) return false
    smallest = cleaned
    return true
  }
  for (let before = ''; before !== JSON.stringify(smallest);) {
    before = JSON.stringify(smallest)
    for (let at = smallest.questions.length - 1; at >= 0; at -= 1) {
      if (smallest.questions.length > 1) await attempt({ ...smallest, questions: smallest.questions.toSpliced(at, 1) })
    }
    for (let question = 0; question < smallest.questions.length; question += 1) {
      for (let at = (smallest.questions[question]?.heads.length ?? 0) - 1; at >= 0; at -= 1)
        await attempt(withoutHead(smallest, question, at))
    }
    for (let at = smallest.commits.length - 1; at >= 0; at -= 1) await attempt(withoutCommit(smallest, at))
    for (let at = smallest.commits.length - 1; at >= 0; at -= 1) await attempt(withoutLastParent(smallest, at))
    for (const path of new Set(smallest.commits.flatMap(({ files }) => Object.keys(files)))) await attempt(withoutPath(smallest, path))
    for (const line of new Set(
      smallest.commits.flatMap(({ files }) => Object.values(files).flatMap((file) => contentOf(file).split(/(?<=\n)/))),
    )) {
      if (line !== '') await attempt(withoutLine(smallest, line))
    }
  }
  return smallest
}

const withoutHead = (history: History, question: number, at: number): History => ({
  ...history,
  questions: history.questions.map((one, index) => (index === question ? { ...one, heads: one.heads.toSpliced(at, 1) } : one)),
})

/** Its children, and what asked for it, get its first parent instead. */
const withoutCommit = (history: History, at: number): History | undefined => {
  const [parent] = history.commits[at]?.parents ?? []
  if (parent === undefined) return undefined
  const moved = (place: number): number => (place === at ? parent : place)
  return {
    commits: history.commits.map((commit) => ({ ...commit, parents: [...new Set(commit.parents.map(moved))] })),
    questions: history.questions.map(({ target, heads }) => ({ target: moved(target), heads: heads.map(moved) })),
  }
}

const withoutLastParent = (history: History, at: number): History | undefined => {
  const commit = history.commits[at]
  if (commit === undefined || commit.parents.length < 2) return undefined
  return { ...history, commits: history.commits.with(at, { ...commit, parents: commit.parents.slice(0, -1) }) }
}

const withFiles = (history: History, change: (files: HistoryCommit['files']) => HistoryCommit['files']): History => ({
  ...history,
  commits: history.commits.map((commit) => ({ ...commit, files: change(commit.files) })),
})

const withoutPath = (history: History, path: string): History =>
  withFiles(history, (files) => Object.fromEntries(Object.entries(files).filter(([other]) => other !== path)))

const withoutLine = (history: History, line: string): History =>
  withFiles(history, (files) =>
    Object.fromEntries(
      Object.entries(files).map(([path, file]) => {
        const content = contentOf(file)
          .split(/(?<=\n)/)
          .filter((other) => other !== line)
          .join('')
        if (!modeOf(file).startsWith('100')) return [path, file]
        return [path, typeof file === 'string' ? content : { ...file, content }]
      }),
    ),
  )

const withoutUnreachable = ({ commits, questions }: History): History => {
  const used = new Set<number>()
  const open = questions.flatMap(({ target, heads }) => [target, ...heads])
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (used.has(place)) continue
    used.add(place)
    open.push(...(commits[place]?.parents ?? []))
  }
  const kept = [...used].sort((a, b) => a - b)
  const places = new Map(kept.map((place, at) => [place, at]))
  const moved = (place: number): number => places.get(place) ?? 0
  return {
    commits: kept.flatMap((place) => {
      const commit = commits[place]
      return commit === undefined ? [] : [{ ...commit, parents: commit.parents.map(moved) }]
    }),
    questions: questions.map(({ target, heads }) => ({ target: moved(target), heads: heads.map(moved) })),
  }
}
