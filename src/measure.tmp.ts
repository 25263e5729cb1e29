import { open } from 'node:fs/promises'
import { junitReader } from '#collect/junit/parse.ts'
import { tally } from '#collect/junit/select.ts'
const reader = junitReader()
const h = await open(process.argv[2] ?? '')
const c0 = process.cpuUsage()
for (;;) { const { bytesRead, buffer } = await h.read(Buffer.allocUnsafe(65536), 0, 65536); if (!bytesRead) break; reader.write(buffer.subarray(0, bytesRead)) }
const o = reader.end()
if (o.ok) { const t = tally([o.value], {}); console.log(t.total, t.failed, t.remarks) } else console.log(o)
const c = process.cpuUsage(c0)
console.log('cpu s', (c.user + c.system) / 1e6, 'peak rss MB', process.resourceUsage().maxRSS / 1024, 'heap', process.memoryUsage().heapUsed / 1e6)
