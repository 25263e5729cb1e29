import { World } from './world.ts'
import { broken } from './check.ts'
const w = new World(Number(process.argv[2]))
await w.run()
console.log((await broken(w)).map((x) => x.slice(0, 300)).join('\n'))
const pat = new RegExp(process.argv[3] ?? '.')
for (const m of await w.store.messages(w.program.id))
  if (pat.test(m.key) || pat.test(m.thread))
    console.log('MSG', m.key, m.state, m.reason, m.notBefore, m.expires, (m.notice as any).data.change)
for await (const e of w.store.read(w.program.id)) {
  const t = JSON.stringify(e.body)
  if (e.type !== 'program' && e.type !== 'delivery' && pat.test(t + e.id)) console.log(e.seq, e.at, e.type, t.slice(0, 260))
}
console.log(
  w.jumps.map((x) => new Date(x).toISOString()),
  w.program.channels.map((c) => c.id),
  w.program.checkpoints.map((c) => c.id + c.at),
  JSON.stringify(w.program.notify),
)
