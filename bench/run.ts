import { spawnSync } from 'node:child_process'

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

const asked = process.argv.slice(2)
const names = Object.keys(FIGURES).filter((name) => asked.length === 0 || asked.includes(name))
const load = names.length === 1 ? FIGURES[names[0] ?? ''] : undefined
if (load) {
  const { bench } = await load()
  process.exitCode = (await bench()) ? 0 : 1
} else {
  // A process each: no figure depends on what another left in memory.
  for (const name of names) {
    const { status } = spawnSync(process.execPath, [...process.execArgv, import.meta.filename, name], { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
}
