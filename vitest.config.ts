import { defineConfig } from 'vitest/config'

/**
 * Two projects: what is pure shares one process, because a process per file costs ten times the
 * tests themselves; what starts git, writes files or changes the environment runs isolated.
 */
const common = {
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
}

export default defineConfig({
  ...common,
  test: {
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['lcovonly', 'text-summary'], reportsDirectory: 'reports/coverage' },
    projects: [
      {
        ...common,
        test: { name: 'pure', include: ['src/**/*.test.ts', 'test/core/**/*.test.ts'], pool: 'threads', isolate: false, maxWorkers: 1 },
      },
      {
        ...common,
        test: { name: 'real', include: ['test/{house,contract,cli,collect,cases}/**/*.test.ts'], pool: 'forks', testTimeout: 120_000, hookTimeout: 120_000 },
      },
    ],
  },
})
