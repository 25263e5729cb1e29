#!/usr/bin/env node
import { VERSION } from '#cli/version.ts'

/** As `engines` of package.json says; npm only warns where that does not hold. */
const OLDEST_NODE = '24.15'

const isOlder = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split('.').map(Number)
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
}

// Scripts ask for the version often, so that answer loads nothing.
if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${VERSION}\n`)
} else if (isOlder(process.versions.node)) {
  process.stderr.write(
    `muster needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node} (${process.execPath})\n  install a newer one, or borrow it: npx --yes --package=node@24 -- muster ...\n`,
  )
  process.exitCode = 4
} else {
  const { runProcess } = await import('#cli/process.ts')
  await runProcess()
}
