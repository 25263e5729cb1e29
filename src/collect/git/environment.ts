import { devNull } from 'node:os'

export type Environment = Readonly<Record<string, string | undefined>>

/** How the source of a mirror is reached; decides the one protocol that git may speak. */
export type Protocol = 'file' | 'https' | 'ssh'

const KEPT = ['PATH', 'SYSTEMROOT', 'TEMP', 'TMP', 'TMPDIR']
const KEPT_FOR_NETWORK = [
  'HOME',
  'USERPROFILE',
  'SSH_AUTH_SOCK',
  'HTTPS_PROXY',
  'https_proxy',
  'ALL_PROXY',
  'all_proxy',
  'NO_PROXY',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
]

/**
 * The whole environment git runs in: nothing inherited but what finds programs and, for a source
 * on the network, keys and proxies. Settings are here and not in `-c` flags because the
 * upload-pack that git starts in the source repository inherits these and drops those.
 */
export const gitEnvironment = (
  outer: Environment,
  options: { readonly mirror: string; readonly protocol: Protocol; readonly globalConfig?: string },
): Record<string, string> => {
  const kept: Record<string, string> = {}
  for (const name of options.protocol === 'file' ? KEPT : [...KEPT, ...KEPT_FOR_NETWORK]) {
    const value = outer[name]
    if (value !== undefined) kept[name] = value
  }
  return {
    // A hostile `include.path = ~/x` must expand to something that is not there rather than fail.
    HOME: options.mirror,
    ...kept,
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_DIR: options.mirror,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: devNull,
    GIT_CONFIG_GLOBAL: options.globalConfig ?? devNull,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_DEFAULT_REF_FORMAT: 'files',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: options.protocol,
    GIT_PROTOCOL_FROM_USER: '0',
    ...(options.protocol === 'ssh' ? { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes', GIT_SSH_VARIANT: 'ssh' } : {}),
  }
}

export type ObjectFormat = 'sha1' | 'sha256'

const EMPTY_TREE: Readonly<Record<ObjectFormat, string>> = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
}

/**
 * The mirror's own configuration, written anew whenever a mirror is opened: the folder may lie in
 * a working tree that anyone could have committed a prepared "mirror" to.
 *
 * The commit graph is off because through the alternates it would be the source's, which can say
 * anything about parents. `attr.tree` keeps newer gits from reading attributes from HEAD.
 */
export const mirrorConfig = (format: ObjectFormat): string => `[core]
	repositoryFormatVersion = ${format === 'sha256' ? 1 : 0}
	bare = true
	fileMode = true
	hooksPath = ${devNull}
	attributesFile = ${devNull}
	excludesFile = ${devNull}
	fsmonitor = false
	untrackedCache = false
	commitGraph = false
	autocrlf = false
	quotePath = true
	logAllRefUpdates = false
	bigFileThreshold = 32m
${format === 'sha256' ? '[extensions]\n\tobjectFormat = sha256\n' : ''}[attr]
	tree = ${EMPTY_TREE[format]}
[diff]
	algorithm = myers
	renames = true
	renameLimit = 1000
[gc]
	auto = 0
[maintenance]
	auto = false
[fetch]
	recurseSubmodules = false
	writeCommitGraph = false
[submodule]
	recurse = false
[credential]
	helper =
[protocol]
	allow = never
`

/** Takes precedence over every `.gitattributes`, in whichever place a version of git looks for one. */
export const MIRROR_ATTRIBUTES =
  '* !text !eol !crlf !ident !filter !working-tree-encoding !diff !merge !whitespace !export-ignore !export-subst !delta !conflict-marker-size\n'
