import { parseArgs } from 'node:util'
import type { CollectContext } from '#core/evidence/collector.ts'
import { collector } from '#collect/code/index.ts'
import { kind } from '#collect/code/kind.ts'
import { openMirror } from '#collect/git/mirror.ts'
import { OUTSIDE } from './outside.ts'

/** Counts the lines of `main` in a process of its own, and prints the facts and the memory it took at most. */
const { positionals } = parseArgs({ allowPositionals: true })
const [from = '', folder = ''] = positionals
const repository = await openMirror({ folder: `${folder}/mirror`, from })
const state = await repository.resolve('main')
const facts = await collector.collect({ sourceId: 'code', subject: 'program', options: kind.options.parse({}), state }, {
  ...OUTSIDE,
  cacheFolder: `${folder}/cache`,
  repository,
  signal: new AbortController().signal,
} as unknown as CollectContext)
await repository.close()
console.log(JSON.stringify({ facts, megabytes: process.resourceUsage().maxRSS / 1024 }))
