import { spawn } from 'node:child_process'

/** The process's environment without anything that says something to git: no user's, no system's configuration. */
export const cleanEnvironment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
  GIT_AUTHOR_NAME: 'oracle',
  GIT_AUTHOR_EMAIL: 'oracle@example.org',
  GIT_COMMITTER_NAME: 'oracle',
  GIT_COMMITTER_EMAIL: 'oracle@example.org',
  // Later than any commit: a merge is never older than what it merges.
  GIT_AUTHOR_DATE: '4000000000 +0000',
  GIT_COMMITTER_DATE: '4000000000 +0000',
})

export interface Ended {
  readonly exitCode: number
  /** Bytes as latin1, so that no path is changed by decoding. */
  readonly stdout: string
  readonly stderr: string
}

/** Runs git to its end; any exit code is an answer, -1 stands for a signal. `input` is latin1. */
export const git = (gitFolder: string, args: readonly string[], input = ''): Promise<Ended> =>
  new Promise((done, fail) => {
    const child = spawn('git', [`--git-dir=${gitFolder}`, ...args], { env: cleanEnvironment() })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => stdout.push(piece))
    child.stderr.on('data', (piece: Buffer) => stderr.push(piece))
    child.stdin.on('error', () => undefined)
    child.on('error', fail)
    child.on('close', (code) =>
      done({ exitCode: code ?? -1, stdout: Buffer.concat(stdout).toString('latin1'), stderr: Buffer.concat(stderr).toString('utf8') }),
    )
    child.stdin.end(input, 'latin1')
  })

/** The output of a git that must succeed. */
export const gitText = async (gitFolder: string, args: readonly string[], input = ''): Promise<string> => {
  const { exitCode, stdout, stderr } = await git(gitFolder, args, input)
  if (exitCode !== 0) throw new Error(`git ${args.join(' ')} ended with ${exitCode}: ${stderr}`)
  return stdout
}
