import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client, type CallToolResult, type ClientOptions } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { onTestFinished } from 'vitest'
import type { Scene } from './scene.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')

export interface AgentOptions {
  readonly argv?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly client?: ClientOptions
}

/** What a tool answered, as much of it as tests look at. */
export interface Told {
  readonly isError: boolean
  readonly text: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface Agent {
  readonly client: Client
  readonly call: (name: string, input?: Readonly<Record<string, unknown>>) => Promise<Told>
  /** What it said on standard error so far. */
  readonly err: () => string
}

export const told = (result: CallToolResult): Told => {
  const [content] = result.content
  return {
    isError: result.isError === true,
    text: content?.type === 'text' ? content.text : '',
    data: (result.structuredContent ?? {}) as Told['data'],
  }
}

/** A client that started `muster mcp` and speaks with it. */
export async function agent(
  scene: Scene,
  { argv = [], env = {}, cwd = scene.repository.folder, client: options }: AgentOptions = {},
): Promise<Agent> {
  const client = new Client({ name: 'test', version: '1' }, options)
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ['-C', 'source', MAIN, 'mcp', ...argv],
    cwd,
    env: { ...scene.env, ...env },
    stderr: 'pipe',
  })
  let err = ''
  transport.stderr?.on('data', (bytes: Buffer) => (err += bytes.toString()))
  onTestFinished(() => client.close())
  await client.connect(transport)
  return {
    client,
    call: async (name, input = {}) => told(await client.callTool({ name, arguments: { ...input } }, { timeout: 110_000 })),
    err: () => err,
  }
}

export interface Spoken {
  readonly id?: number
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

/** `muster mcp` spoken with line by line, without any library. */
export interface Line {
  readonly child: ChildProcessWithoutNullStreams
  /** Every line of standard output so far, as it is. */
  readonly lines: readonly string[]
  request(method: string, params: object): Promise<Spoken>
  send(text: string): void
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>
  readonly err: () => string
}

export function line(scene: Scene, { argv = [], env = {} }: Pick<AgentOptions, 'argv' | 'env'> = {}): Line {
  const child = spawn(process.execPath, ['-C', 'source', MAIN, 'mcp', ...argv], {
    cwd: scene.repository.folder,
    env: { ...scene.env, ...env },
  })
  const lines: string[] = []
  const waiting = new Map<number, (spoken: Spoken) => void>()
  createInterface(child.stdout).on('line', (text) => {
    lines.push(text)
    const spoken = JSON.parse(text) as Spoken
    if (spoken.id !== undefined) waiting.get(spoken.id)?.(spoken)
  })
  let err = ''
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()))
  const over = Promise.withResolvers<number | null>()
  child.once('error', over.reject).once('close', over.resolve)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await over.promise
  })
  let ids = 0
  const send = (text: string): void => void child.stdin.write(`${text}\n`)
  return {
    child,
    lines,
    send,
    request(method, params) {
      const id = (ids += 1)
      const { promise, resolve } = Promise.withResolvers<Spoken>()
      waiting.set(id, resolve)
      send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
      return promise
    },
    ended: over.promise,
    err: () => err,
  }
}

export const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
