import { readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Random } from './work.ts'

/** What a process asked of the file system, in order, as `recorder.c` wrote it down. */
export type Operation =
  | { readonly kind: 'write'; readonly object: bigint; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly object: bigint; readonly size: number }
  | { readonly kind: 'sync'; readonly object: bigint }
  | { readonly kind: 'sync-folder'; readonly folder: string }
  | { readonly kind: 'create'; readonly object: bigint; readonly name: string }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'link' | 'rename'; readonly from: string; readonly name: string }

const HEAD = 21

export function readLog(file: string): readonly Operation[] {
  const bytes = readFileSync(file)
  const operations: Operation[] = []
  for (let at = 0; at + HEAD <= bytes.length;) {
    const size = bytes.readUInt32LE(at + 17)
    const data = bytes.subarray(at + HEAD, at + HEAD + size)
    operations.push(
      operationOf(String.fromCharCode(bytes[at] ?? 0), bytes.readBigUInt64LE(at + 1), Number(bytes.readBigUInt64LE(at + 9)), data),
    )
    at += HEAD + size
  }
  return operations
}

function operationOf(kind: string, object: bigint, offset: number, data: Buffer): Operation {
  const [name = '', second = ''] = 'CULRD'.includes(kind) ? data.toString('utf8').split('\n') : []
  switch (kind) {
    case 'W':
      return { kind: 'write', object, offset, data }
    case 'T':
      return { kind: 'truncate', object, size: offset }
    case 'S':
      return { kind: 'sync', object }
    case 'D':
      return { kind: 'sync-folder', folder: name }
    case 'C':
      return { kind: 'create', object, name }
    case 'U':
      return { kind: 'remove', name }
    case 'L':
    case 'R':
      return { kind: kind === 'L' ? 'link' : 'rename', from: name, name: second }
    default:
      throw new Error(`the log holds an operation "${kind}"`)
  }
}

/** One change of a file that may be lost until the file is forced to the disk. */
type Pending = Extract<Operation, { kind: 'write' | 'truncate' }>
type NameChange = Extract<Operation, { kind: 'create' | 'remove' | 'link' | 'rename' }>

/** Bytes of a file that grows. */
class Bytes {
  #buffer: Buffer
  length: number

  constructor(from: Buffer = Buffer.alloc(0), length = from.length) {
    this.#buffer = from
    this.length = length
  }

  copy(): Bytes {
    return new Bytes(Buffer.from(this.#buffer.subarray(0, this.length)))
  }

  write(offset: number, data: Buffer): void {
    this.resize(Math.max(this.length, offset + data.length))
    data.copy(this.#buffer, offset)
  }

  resize(length: number): void {
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(length, this.#buffer.length * 2, 65_536))
      this.#buffer.copy(larger, 0, 0, this.length)
      this.#buffer = larger
    }
    if (length < this.length) this.#buffer.fill(0, length, this.length)
    this.length = length
  }

  view(): Buffer {
    return this.#buffer.subarray(0, this.length)
  }
}

/**
 * A disk that loses its power. What was forced to it stays; of everything else any part may be
 * there or not: each block of each write, each truncation, each name.
 */
export class Disk {
  readonly #durable = new Map<bigint, Bytes>()
  readonly #pending = new Map<bigint, Pending[]>()
  #names = new Map<string, bigint>()
  #changes: NameChange[] = []

  apply(operation: Operation): void {
    switch (operation.kind) {
      case 'write':
      case 'truncate': {
        const list = this.#pending.get(operation.object)
        if (list) list.push(operation)
        else this.#pending.set(operation.object, [operation])
        return
      }
      case 'sync':
        for (const change of this.#pending.get(operation.object) ?? []) applyTo(this.#bytes(operation.object), change)
        this.#pending.delete(operation.object)
        return
      case 'sync-folder': {
        const isIn = ({ name }: NameChange) => dirname(name) === operation.folder
        this.#names = named(this.#names, this.#changes.filter(isIn))
        this.#changes = this.#changes.filter((change) => !isIn(change))
        return
      }
      case 'create':
        // The system may give the number of a file that is gone to a new one.
        this.#durable.set(operation.object, new Bytes())
        this.#pending.delete(operation.object)
        this.#changes.push(operation)
        return
      case 'remove':
      case 'link':
      case 'rename':
        this.#changes.push(operation)
    }
  }

  /** Writes what one loss of power leaves into a folder. */
  image(folder: string, random: Random): void {
    const block = random(2) === 0 ? 512 : 4096
    const luck = LUCK[random(LUCK.length)] ?? 0
    const survives = () => random(1000) < luck * 1000
    const names = named(
      this.#names,
      this.#changes.filter(() => survives()),
    )
    for (const [name, object] of names) writeFileSync(join(folder, basename(name)), this.#survivor(object, block, survives))
  }

  #survivor(object: bigint, block: number, survives: () => boolean): Buffer {
    const bytes = this.#bytes(object)
    const changes = this.#pending.get(object) ?? []
    if (changes.length === 0) return bytes.view()
    const image = bytes.copy()
    for (const change of changes)
      if (change.kind === 'truncate') {
        if (survives()) image.resize(change.size)
      } else {
        // The length of a file may be on the disk before its bytes: then there are zeros.
        if (survives()) image.resize(Math.max(image.length, change.offset + change.data.length))
        for (const part of blocksOf(change, block)) if (survives()) image.write(part.offset, part.data)
      }
    return image.view()
  }

  #bytes(object: bigint): Bytes {
    let bytes = this.#durable.get(object)
    if (!bytes) this.#durable.set(object, (bytes = new Bytes()))
    return bytes
  }
}

/** How likely it is that a change is on the disk though nobody forced it there. */
const LUCK = [0, 0.05, 0.5, 0.5, 0.95, 1]

function applyTo(bytes: Bytes, change: Pending): void {
  if (change.kind === 'truncate') bytes.resize(change.size)
  else bytes.write(change.offset, change.data)
}

/** Parts of a write that reach the disk by themselves. */
function* blocksOf(
  { offset, data }: Extract<Operation, { kind: 'write' }>,
  block: number,
): Generator<{ readonly offset: number; readonly data: Buffer }> {
  for (let at = 0; at < data.length;) {
    const size = Math.min(block - ((offset + at) % block), data.length - at)
    yield { offset: offset + at, data: data.subarray(at, at + size) }
    at += size
  }
}

function named(names: ReadonlyMap<string, bigint>, changes: readonly NameChange[]): Map<string, bigint> {
  const result = new Map(names)
  for (const change of changes) {
    if (change.kind === 'create') result.set(change.name, change.object)
    else if (change.kind === 'remove') result.delete(change.name)
    else {
      const object = result.get(change.from)
      if (object !== undefined) result.set(change.name, object)
      if (change.kind === 'rename') result.delete(change.from)
    }
  }
  return result
}
