import { open } from 'node:fs/promises'
import { SaxesParser } from 'saxes'
const h = await open(process.argv[2] ?? '')
const p = new SaxesParser(); let n = 0
p.on('opentag', () => { n += 1 })
const d = new TextDecoder('utf-8', { fatal: true })
const c0 = process.cpuUsage()
for (;;) { const { bytesRead, buffer } = await h.read(Buffer.allocUnsafe(65536), 0, 65536); if (!bytesRead) break; p.write(d.decode(buffer.subarray(0, bytesRead), { stream: true })) }
p.close()
const c = process.cpuUsage(c0)
console.log('saxes alone: cpu s', (c.user + c.system) / 1e6, 'peak rss MB', process.resourceUsage().maxRSS / 1024, n)
