import { execFileSync } from 'node:child_process'

/** Lines of a language as programs have them: code, strings that hold comment signs, comments of every kind, blank ones. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  ts: [
    "import { reader } from './reader.ts'",
    'export function take(queue: readonly number[], most = 10): number | undefined {',
    '  const url = `https://example.org/${queue.length}/items`',
    '  if (queue.length > most && most !== 0) return queue.slice(0, most).at(-1) // the last of them',
    "  return queue.filter((one) => one !== most).map((one) => one * 2)[0] ?? Number('12')",
    '}',
    '  /** What is taken is gone. */',
    '',
  ],
  py: [
    'from queue import reader',
    'def take(queue, most=10):',
    '    """What is taken is gone."""',
    "    if len(queue) > most and most != 0:  # not '#' in text",
    "        return [one * 2 for one in queue[:most] if one != '# no comment']",
    '    # everything else',
    '',
  ],
  java: [
    'package org.example.queue;',
    '    public Optional<Integer> take(final List<Integer> queue, int most) {',
    '        String pattern = "/* no comment */";',
    '        if (queue.size() > most) { return Optional.of(queue.get(most)); } // the last',
    '    /*',
    '     * What is taken is gone.',
    '     */',
    '    }',
    '',
  ],
  go: [
    'package queue',
    'func Take(items []int, most int) (int, error) {',
    '\tif len(items) == 0 || most < 0 { return 0, fmt.Errorf("nothing // here: %d", most) }',
    '\t// Everything else is taken.',
    '\treturn items[most], nil',
    '}',
    '',
  ],
  rs: [
    'use std::collections::VecDeque;',
    'pub fn take<T: Clone>(queue: &mut VecDeque<T>, most: usize) -> Option<T> {',
    '    let separator = \'/\'; let text = r#"// no comment"#;',
    '    /// What is taken is gone.',
    '    queue.iter().skip(most).next().cloned()',
    '}',
    '',
  ],
  c: [
    '#include "queue.h"',
    'int take(struct queue *queue, int most) {',
    '  if (queue->length > most) return queue->items[most]; /* the last */',
    '  // everything else',
    '  printf("%d of %d\\n", most, queue->length);',
    '}',
    '',
  ],
  css: ['.queue > li:first-child {', '  margin: 0 auto;', '  /* what is taken is gone */', '}', ''],
  md: ['# Queue', 'What is taken is gone, and what is *not* taken stays `where it was`.', ''],
  json: ['  { "name": "queue", "items": [1, 2, 3] },'],
}
const EXTENSIONS = ['ts', 'ts', 'ts', 'py', 'py', 'java', 'java', 'go', 'rs', 'c', 'css', 'md', 'json']

/** A bare repository of one commit, `refs/heads/main`, with as many files of 20 to 200 lines; one of thirty is not ASCII. Gives its bytes. */
export function generateTree(folder: string, files: number): number {
  execFileSync('git', ['init', '--quiet', '--bare', folder])
  let random = 7
  const below = (end: number): number => (random = (random * 1_103_515_245 + 12_345) % 2_147_483_648) % end
  const content = (index: number): string => {
    const lines = LINES[EXTENSIONS[index % EXTENSIONS.length] ?? 'ts'] ?? []
    const text: string[] = [index % 30 === 0 ? `// é ${index}` : `// file ${index}`]
    for (let left = 20 + below(180); left > 0; left -= 1) {
      const line = lines[below(lines.length)] ?? ''
      text.push(left % 3 === 0 ? `${line} ${below(1_000_000)}` : line)
    }
    return `${text.join('\n')}\n`
  }
  const stream: Buffer[] = []
  const who = 'lead-a <lead-a@example.org> 1700000000 +0000'
  let bytes = 0
  stream.push(Buffer.from(`commit refs/heads/main\nauthor ${who}\ncommitter ${who}\ndata 1\nx\n`))
  for (let index = 0; index < files; index += 1) {
    const path = `part${index % 97}/unit${index % 1_009}/file${index}.${EXTENSIONS[index % EXTENSIONS.length]}`
    const data = Buffer.from(content(index))
    bytes += data.length
    stream.push(Buffer.from(`M 100644 inline ${path}\ndata ${data.length}\n`), data, Buffer.from('\n'))
  }
  execFileSync('git', ['fast-import', '--quiet'], { cwd: folder, input: Buffer.concat(stream), maxBuffer: 1 << 30 })
  return bytes
}
