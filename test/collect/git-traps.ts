import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testRepository, type TestRepository } from './git-repository.ts'

const HOOKS = [
  'post-checkout',
  'reference-transaction',
  'post-index-change',
  'pre-auto-gc',
  'post-update',
  'pre-receive',
  'update',
  'fsmonitor-watchman',
  'post-merge',
  'pre-commit',
]

/** A repository in which every way to run code that git knows of leaves a file in `marks`. */
export const trapped = (folder: string): { repository: TestRepository; marks: string; from: string; to: string } => {
  const repository = testRepository(join(folder, 'source'))
  const marks = join(folder, 'marks')
  mkdirSync(marks)
  const trap = (name: string): string => {
    const path = join(folder, `trap-${name}`)
    writeFileSync(path, `#!/bin/sh\ntouch '${marks}/${name}'\ncat 2>/dev/null\nexit 0\n`)
    chmodSync(path, 0o755)
    return path
  }
  const from = repository.commit('one', {
    '.gitattributes':
      '* merge=union -diff filter=evil diff=evil text eol=crlf\n*.ts merge=evil linguist-generated\n*.txt !diff textconv=evil\n',
    'a.ts': 'one\n',
    'b.txt': 'one\ntwo\n',
  })
  const to = repository.commit('two', { 'a.ts': 'one\ntwo\n', 'b.txt': 'one\nthree\n' })
  repository.git('branch', 'feature')
  repository.git('update-ref', 'refs/heads/--output=x', to)
  repository.git('update-ref', `refs/heads/--upload-pack=touch\${IFS}${marks}/branch-name`, to)
  repository.git('update-ref', 'refs/replace/' + to, from)
  writeFileSync(
    join(folder, 'included'),
    `[core]\n\tfsmonitor = ${trap('included-fsmonitor')}\n\tpager = ${trap('included-pager')}\n[alias]\n\tupload-pack = !${trap('included-alias')}\n`,
  )
  const hooks = join(folder, 'hooks')
  mkdirSync(hooks)
  for (const name of HOOKS) {
    cpSync(trap(`hook-${name}`), join(repository.folder, '.git/hooks', name))
    cpSync(trap(`hooks-path-${name}`), join(hooks, name))
  }
  writeFileSync(
    join(repository.folder, '.git/config'),
    `[core]
	repositoryformatversion = 0
	bare = false
	fsmonitor = ${trap('fsmonitor')}
	hooksPath = ${hooks}
	alternateRefsCommand = ${trap('alternate-refs')}
	sshCommand = ${trap('ssh')}
	gitProxy = ${trap('proxy')}
	askPass = ${trap('askpass')}
	editor = ${trap('editor')}
	pager = ${trap('pager')}
	worktree = ${repository.folder}
	attributesFile = ${join(repository.folder, '.gitattributes')}
[filter "evil"]
	clean = ${trap('clean')}
	smudge = ${trap('smudge')}
	process = ${trap('process')}
	required = true
[diff]
	external = ${trap('diff-external')}
[diff "evil"]
	textconv = ${trap('textconv')}
	command = ${trap('diff-command')}
	cachetextconv = true
[merge "evil"]
	driver = ${trap('merge-driver')}
[uploadpack]
	packObjectsHook = ${trap('pack-objects')}
[gpg]
	program = ${trap('gpg')}
[gpg "ssh"]
	program = ${trap('gpg-ssh')}
	defaultKeyCommand = ${trap('gpg-key')}
[log]
	showSignature = true
[credential]
	helper = !${trap('credential')}
[remote "origin"]
	url = ext::${trap('remote-ext')}
	uploadpack = ${trap('remote-upload-pack')}
	promisor = true
	partialclonefilter = blob:none
	vcs = evil
[extensions]
	partialClone = origin
[protocol]
	allow = always
[include]
	path = ../../included
[include]
	path = ~/not-there
[submodule]
	recurse = true
[maintenance]
	auto = true
`,
  )
  return { repository, marks, from, to }
}
