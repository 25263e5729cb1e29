import { openMirror } from '#collect/git/mirror.ts'

/** One of several processes that hold the same mirror: says how many branches it ends with, and the head. */
const [folder = '', from = ''] = process.argv.slice(2)
const mirror = await openMirror({ folder, from })
for (let round = 0; round < 10; round++) await mirror.refresh()
const state = await mirror.resolve('main')
const branches = await mirror.branches()
console.log(`${branches.length} ${state.state === 'present' ? state.commit : state.reason}`)
await mirror.close()
