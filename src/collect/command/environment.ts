import { dirname, isAbsolute } from 'node:path'

/** Folders of one run, made for it and removed after it. */
export interface RunFolders {
  readonly home: string
  readonly temporary: string
}

/** Names a source cannot set: they are what keeps a run apart from the rest of the machine. */
export const isReservedName = (name: string): boolean => /^(?:PATH|HOME|TMPDIR|GIT_.*)$/.test(name)

const CARGO_BIN = /\/\.cargo\/bin\/?$/

/** Rust's tools in `~/.cargo/bin` hand over to what rustup keeps beside that folder, and look for it in HOME, which is another for a command. */
export const rustupHome = (path: readonly string[]): string | undefined => {
  const found = path.find((entry) => CARGO_BIN.test(entry))
  return found === undefined ? undefined : `${dirname(dirname(found))}/.rustup`
}

const toolchains = (path: readonly string[]): Readonly<Record<string, string>> => {
  const home = rustupHome(path)
  return home === undefined ? {} : { RUSTUP_HOME: home }
}

/**
 * The whole environment of a command. Of the caller's it takes PATH only, without entries that
 * would be looked up in the checkout; no token, proxy, npm or git setting passes.
 */
export function scrubbed(
  caller: Readonly<Record<string, string | undefined>>,
  own: Readonly<Record<string, string>>,
  folders: RunFolders,
): Readonly<Record<string, string>> {
  const path = (caller['PATH'] ?? '').split(':').filter((entry) => isAbsolute(entry))
  return {
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    CI: '1',
    ...toolchains(path),
    ...Object.fromEntries(Object.entries(own).filter(([name]) => !isReservedName(name))),
    PATH: path.length > 0 ? path.join(':') : '/usr/local/bin:/usr/bin:/bin',
    HOME: folders.home,
    TMPDIR: folders.temporary,
  }
}
