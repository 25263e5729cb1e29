/** `npm run bench [name ...]`: every figure the README quotes, as ratios inside one run. */
const FIGURES: Readonly<Record<string, () => Promise<{ readonly bench: () => Promise<boolean> }>>> = {
  evaluate: () => import('./evaluate.ts'),
  due: () => import('./due.ts'),
  radar: () => import('./radar.ts'),
  plan: () => import('./plan.ts'),
  ledger: () => import('./ledger.ts'),
  recall: () => import('./recall.ts'),
  junit: () => import('./junit.ts'),
  lcov: () => import('./lcov.ts'),
  gather: () => import('./gather.ts'),
  forecast: () => import('./forecast.ts'),
  code: () => import('./code.ts'),
  calendar: () => import('./calendar.ts'),
  dashboard: () => import('./dashboard.ts'),
  server: () => import('./server.ts'),
  startup: () => import('./startup.ts'),
}

const wanted = process.argv.slice(2)
let reached = true
for (const [name, load] of Object.entries(FIGURES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const { bench } = await load()
  reached = (await bench()) && reached
}
process.exitCode = reached ? 0 : 1
