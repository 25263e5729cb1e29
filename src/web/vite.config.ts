import { join } from 'node:path'
import type { Plugin, UserConfig } from 'vite'

/** Ways of drawing that no chart here uses; uPlot hangs them on itself, where nothing finds them unused. */
const NOT_DRAWN = ['(paths.bars    = bars);', '(paths.spline  = monotoneCubic);', 'uPlot.sync = _sync;']

const withoutWhatIsNotDrawn: Plugin = {
  name: 'without-what-is-not-drawn',
  transform(code, id) {
    if (!id.endsWith('uPlot.esm.js')) return undefined
    const missing = NOT_DRAWN.find((line) => !code.includes(line))
    if (missing !== undefined) this.error(`uPlot has no line ${missing} any more: see what it hangs on itself instead`)
    return NOT_DRAWN.reduce((rest, line) => rest.replace(line, ''), code)
  },
}

/** The dashboard: static files that the server hands out. No inline script and no inline style, so that its policy can forbid both. */
const config: UserConfig = {
  root: import.meta.dirname,
  base: '/',
  logLevel: 'warn',
  // Whatever NODE_ENV says: a development build names the files it was made from.
  mode: 'production',
  define: { 'process.env.NODE_ENV': '"production"' },
  resolve: { conditions: ['source', 'module', 'browser', 'import', 'default'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  plugins: [withoutWhatIsNotDrawn],
  build: {
    outDir: join(import.meta.dirname, '../../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
}

export default config
