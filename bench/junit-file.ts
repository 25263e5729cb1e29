import { createWriteStream } from 'node:fs'
import { once } from 'node:events'

/** The pieces of a JUnit report of about so many bytes: suites of fifty cases, every tenth of them failing with a trace, and what they printed. */
export function* suites(bytes: number, outputLines = 40): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="bench">\n'
  let written = 0
  for (let suite = 0; written < bytes; suite += 1) {
    const text = suiteOf(suite, outputLines)
    written += text.length
    yield text
  }
  yield '</testsuites>\n'
}

const CASES = 50
const TRACE = Array.from(
  { length: 12 },
  (_, line) => `    at org.example.queue.Worker$Loop.step${line}(Worker.java:${100 + line}) [&lt;generated&gt; "frame"]\n`,
).join('')
const LINE = '2026-02-25T10:00:00.000Z INFO  worker-7 took 12 items from the queue and gave back 3, 9 are left\n'

function suiteOf(suite: number, outputLines: number): string {
  const name = `org.example.module${suite % 97}.Suite${suite}Test`
  let text = `  <testsuite name="${name}" tests="${CASES}" failures="5" errors="0" skipped="0" time="1.25" timestamp="2026-02-25T10:00:00">\n`
  for (let index = 0; index < CASES; index += 1) {
    const open = `    <testcase name="takes item ${index} of [${suite}] when the queue is &quot;full&quot;" classname="${name}" time="0.0${index}7"`
    text +=
      index % 10 === 0
        ? `${open}>\n      <failure message="expected: ${index} but was: ${index + 1}" type="AssertionError">${TRACE}</failure>\n    </testcase>\n`
        : `${open}/>\n`
  }
  return `${text}    <system-out><![CDATA[${LINE.repeat(outputLines)}]]></system-out>\n  </testsuite>\n`
}

/** The pieces of a report that is nothing but cases, as one of a fast runner. */
export function* dense(bytes: number): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="bench">\n'
  let written = 0
  for (let suite = 0; written < bytes; suite += 1) {
    const name = `src/module-${suite}/queue.test.ts`
    const cases = Array.from(
      { length: CASES },
      (_, index) =>
        `    <testcase classname="${name}" name="queue &gt; takes item ${index} from its head" time="0.0${index}${suite % 10}"/>\n`,
    )
    const text = `  <testsuite name="${name}" tests="${CASES}" failures="0" errors="0" skipped="0" time="1.2">\n${cases.join('')}  </testsuite>\n`
    written += text.length
    yield text
  }
  yield '</testsuites>\n'
}

/** Writes the report to a file, piece by piece. */
export async function writeReport(path: string, pieces: Iterable<string>): Promise<void> {
  const stream = createWriteStream(path)
  for (const piece of pieces) if (!stream.write(piece)) await once(stream, 'drain')
  stream.end()
  await once(stream, 'finish')
}
