#!/usr/bin/env node
import { VERSION } from '#cli/version.ts'

// Scripts ask for the version often, so that answer loads nothing.
if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${VERSION}\n`)
} else {
  const { runProcess } = await import('#cli/process.ts')
  await runProcess()
}
