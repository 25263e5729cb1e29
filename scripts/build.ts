/** `npm run build`: types and modules for the API by tsc, one bundled command by rolldown, the dashboard by Vite. */
import { execFileSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { build } from 'vite'
import dashboard from '../src/web/vite.config.ts'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'dist')

rmSync(DIST, { recursive: true, force: true })
// npm puts the bin folders of this and every parent folder on the path, so this also works in a checkout beneath ours.
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' })

// As a value: read from its file, Vite would write into node_modules, which a sandbox does not let it.
await build({ ...dashboard, configFile: false })

// Commands stay in chunks of their own, so that starting one does not read the others.
const bundle = await rolldown({
  // The worker takes the place of its module for the API, where both look for it: `#collect/reports/worker.ts`.
  input: { muster: join(ROOT, 'src/cli/main.ts'), 'collect/reports/worker': join(ROOT, 'src/collect/reports/worker.ts') },
  platform: 'node',
  // Whether a package is imported or required, rolldown adds itself: named here, its modules would be given to those that require it.
  resolve: { conditionNames: ['source', 'node'] },
  external: /^node:/,
  plugins: [{ name: 'light-commander', transform: { filter: { id: /\/node_modules\/commander\/lib\// }, handler: lightened } }],
  logLevel: 'warn',
})
await bundle.write({
  dir: DIST,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  minify: { compress: true, mangle: false },
})
await bundle.close()
chmodSync(join(DIST, 'muster.js'), 0o755)

/**
 * commander imports two modules of Node whole: the loader reads every property of `process`, and so
 * loads what is behind each, and what starts processes is only for commands that are programs of
 * their own. Together they are a tenth of a short command's time.
 */
function lightened(code: string): string {
  return code
    .replace("import process from 'node:process';", 'const { process } = globalThis;')
    .replace(
      "import childProcess from 'node:child_process';",
      "const childProcess = { spawn: (...given) => process.getBuiltinModule('node:child_process').spawn(...given) };",
    )
}
