import { devNull } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/**
 * Two projects: what is pure shares one process, because a process per file costs ten times the
 * tests themselves; what starts git, writes files or changes the environment runs isolated.
 */
const common = {
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
}

/** Folder for machine-readable reports; CI names the commit in it, so that they are bound to it. */
const reports = process.env['TEST_REPORTS']

export default defineConfig({
  ...common,
  test: {
    ...(reports !== undefined && { reporters: ['default', ['junit', { outputFile: join(reports, 'junit.xml') }]] }),
    coverage: {
      enabled: reports !== undefined,
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['**/fixtures/**', '**/assembly/**', '**/*.test.ts'],
      reporter: ['lcovonly', 'text-summary'],
      reportsDirectory: reports ?? 'reports',
      reportOnFailure: true,
    },
    projects: [
      {
        ...common,
        test: {
          name: 'pure',
          include: ['src/**/*.test.ts', 'test/{core,simulation}/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          maxWorkers: 1,
          testTimeout: 60_000,
          expect: { requireAssertions: true },
        },
      },
      {
        ...common,
        test: {
          name: 'real',
          include: ['test/{house,contract,cli,collect,cases,crash,radar,run,server,browser}/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 2,
          // Somebody who signs commits must not be asked for the key by those of the tests.
          env: { GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1' },
          sequence: { groupOrder: 1 },
          // The client of MCP brings a package that has sources in TypeScript under our own condition.
          server: { deps: { inline: ['@modelcontextprotocol/client', 'eventsource'] } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { requireAssertions: true },
        },
      },
    ],
  },
})
