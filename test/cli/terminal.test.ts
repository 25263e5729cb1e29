import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createScene, ended, type Scene } from './scene.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')

/** A command on a terminal of its own (by script, of Debian's bsdutils), to which a key is pressed once it asks. */
async function pressing(scene: Scene, argv: readonly string[], asks: string, key: string, size = 'rows 30 cols 100') {
  const line = [process.execPath, '-C', 'source', MAIN, ...argv].map((one) => `'${one}'`).join(' ')
  const child = spawn('script', ['-qec', `stty ${size}; exec ${line}`, '/dev/null'], {
    cwd: scene.path(),
    env: { ...scene.env, TERM: 'xterm' },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  let isPressed = false
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString()
    if (isPressed || !said.includes(asks)) return
    isPressed = true
    child.stdin.write(key)
  })
  return ended(child)
}

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('whoever breaks a question off by %s is told that nothing came of it', async (_, key) => {
  const scene = createScene()
  const checkIn = await pressing(scene, ['checkin', '--as', 'lead-a'], 'What is done?', key)
  expect(checkIn).toMatchObject({ code: 2, out: expect.stringMatching(/nothing was recorded\s*$/) as string })
  const trust = await pressing(scene, ['trust'], 'until they change?', key)
  expect(trust).toMatchObject({ code: 2, out: expect.stringMatching(/nothing was trusted\s*$/) as string })
})

test('a terminal that was given no size is asked in whole words', async () => {
  const checkIn = await pressing(createScene(), ['checkin', '--as', 'lead-a'], 'What is done?', '\u0003', 'rows 0 cols 0')
  expect(checkIn).toMatchObject({ code: 2 })
})
