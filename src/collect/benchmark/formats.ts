import { criterion } from './criterion.ts'
import type { BenchmarkFormat } from './format.ts'
import { go } from './go.ts'
import { google } from './google.ts'
import { history } from './history.ts'
import { hyperfine } from './hyperfine.ts'
import { jmh } from './jmh.ts'
import { k6 } from './k6.ts'
import { plain } from './plain.ts'
import { pytest } from './pytest.ts'
import { vitest } from './vitest.ts'

/** In the order they are tried on a file. */
export const formats: readonly BenchmarkFormat[] = [hyperfine, plain, criterion, pytest, vitest, google, jmh, k6, history, go]
