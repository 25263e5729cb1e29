import { join } from 'node:path'
import type { UserConfig } from 'vite'

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
