import { readFileSync } from 'node:fs'
import { readDocuments } from '#core/plan/read/read.ts'
import { writeProgram } from '#core/plan/write.ts'
import { KINDS } from '#collect/registry.ts'
const seed = readFileSync('/work/shared/seed/000_2165de754fcb99cf.txt', 'utf8')
const cases: Record<string, string> = {
  seed: seed.repeat(700),
  a: 'a\n'.repeat(5_000_000),
  boxes: '## Stream A\n' + '- [ ] do the thing 5/10 tests\n'.repeat(330_000),
  units: Array.from({length: 300_000}, (_, i) => `## Stream ${i}: x${i} (@p${i})`).join('\n'),
  table: '| Stream | Owner | Depends on |\n|---|---|---|\n' + Array.from({length: 200_000}, (_, i) => `| S${i} | @p${i} | S${i+1}, S${i-1} |`).join('\n'),
  stars: '*'.repeat(10_000_000), starlines: ('*_`['.repeat(900) + '\n').repeat(2800),
  nums: ('1/2 '.repeat(900) + '\n').repeat(2800), parens: ('('.repeat(3900) + '\n').repeat(2560), spaces: (' '.repeat(3900) + 'x\n').repeat(2560),
  pipes: ('|'.repeat(3000) + '\n|---|\n').repeat(3000), check: Array.from({length: 200_000}, (_, i) => `### Checkpoint ${i}: Day ${i} review\n- [ ] Tests 90%+ passing`).join('\n'),
}
for (const [name, text] of Object.entries(cases)) {
  if (process.argv[2] && process.argv[2] !== name) continue
  const t = text.slice(0, 10_000_000); const a = performance.now()
  const { plan, lines } = readDocuments([{ file: 'x.md', text: t }], { anchor: '2026-02-23' }); const b = performance.now()
  const w = writeProgram(plan, { kinds: KINDS, day: '2026-03-02', zone: 'UTC', documents: ['x'] })
  console.log(name, t.length, Math.round(b - a), 'ms read', Math.round(performance.now() - b), 'ms write', JSON.stringify(lines), plan.units.length, w.text.length, Math.round(process.memoryUsage().rss / 1e6), 'MB', w.notices.at(-1)?.value)
}
