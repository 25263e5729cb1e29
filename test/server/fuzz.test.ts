import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createScene } from '../cli/scene.ts'
import { answerIn, OPERATIONS, wrongIn, type Operation } from './described.ts'
import { newKey, serve } from './served.ts'

/** As much of JSON Schema as the bodies and parameters of the description use. */
interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
}

/** Text that others have stumbled over. */
const hostile = [
  '',
  '\0',
  '\u{202e}evil',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '-1',
  '1e999',
  '2026-02-30 25:00',
  '9'.repeat(400),
]
/** Ids and amounts that there are: behind them lies what made-up ones never reach. */
const real = 'demo reader writer week1 week2 boss lead-a lead-b phase-lead builds behind blocker-1 80% 2h GO'.split(' ')
const text = fc.oneof(
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(...hostile) },
  { weight: 5, arbitrary: fc.constantFrom(...real) },
)

/** What would go on record in a field of that name. */
const LIKELY: Readonly<Record<string, readonly unknown[]>> = {
  program: ['demo'],
  stream: ['reader', 'writer'],
  checkpoint: ['week1', 'week2'],
  as: ['boss', 'lead-a', 'lead-b'],
  owner: ['lead-a', 'lead-b'],
  criterion: ['there', 'builds', 'tests'],
  deadline: ['2h', '3 days'],
  until: ['2h', '1 day'],
  expires: ['2026-03-03 12:00', '2 days'],
  to: ['2026-02-27 16:00', '2 days'],
  reason: ['It is so'],
}

const fieldOf = (name: string, schema: Schema): fc.Arbitrary<unknown> =>
  LIKELY[name]
    ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...LIKELY[name]) }, { weight: 1, arbitrary: valueOf(schema) })
    : valueOf(schema)

function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(valueOf))
  switch (schema.type) {
    case 'object': {
      const properties = Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, one]) => [key, fieldOf(key, one)]))
      if (Object.keys(properties).length === 0 && schema.additionalProperties === false) return fc.constant({})
      if (Object.keys(properties).length === 0)
        return fc.dictionary(
          text,
          typeof schema.additionalProperties === 'object' ? valueOf(schema.additionalProperties) : fc.jsonValue(),
          { maxKeys: 3 },
        )
      return fc.record(properties, { requiredKeys: [...(schema.required ?? [])] })
    }
    case 'array':
      return fc.array(schema.items ? valueOf(schema.items) : fc.jsonValue(), { maxLength: 3 })
    case 'boolean':
      return fc.boolean()
    case 'number':
    case 'integer':
      return fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    case 'string':
      return text
    case undefined:
    default:
      return fc.jsonValue()
  }
}

/** Mostly what the schema allows, else one key too many, or anything. */
const bodyOf = (schema: Schema): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 4, arbitrary: valueOf(schema) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(valueOf(schema), fc.jsonValue())
        .map(([body, more]) => (typeof body === 'object' ? { ...body, 'no-such-key': more } : body)),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
  )

const requestTo = ({ path, method, operation }: (typeof OPERATIONS)[number]) => {
  const of = (where: string) => (operation.parameters ?? []).filter((one) => one.in === where)
  const given = (list: NonNullable<Operation['parameters']>) =>
    fc.record(
      Object.fromEntries(
        list.map(({ name, schema }) => [name, name === 'program' ? fc.constant('demo') : fieldOf(name, schema as Schema)]),
      ),
    )
  const query = fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: given(of('query')) },
    { weight: 1, arbitrary: fc.dictionary(text, text, { maxKeys: 2 }) },
  )
  const schema = operation.requestBody?.content['application/json'].schema
  return fc
    .record({ names: given(of('path')), query, body: schema ? bodyOf(schema) : fc.constant(undefined) })
    .map(({ names, query: asked, body }) => ({
      id: operation.operationId,
      path,
      method,
      at: path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(names[name])).replaceAll('.', '%2E') || '%20'),
      query: Object.entries(asked).map(([key, value]) => [key, String(value)] as const),
      body,
    }))
}

/** What starts work in processes, or simulates: asked seldom enough that no queue is full; looks come before they are read. */
const SLOW = new Set(['startCheck', 'startRadar', 'readForecast', 'readRadar'])
const [QUICK_RUNS, SLOW_RUNS] = [400, 24]

const wellFormed = (value: string): string => value.toWellFormed()

test('whatever is asked, the server answers as it describes itself: never with a failure of its own', async () => {
  const scene = createScene()
  const served = await serve(scene)
  const { client } = served
  await client.act(
    'demo',
    'open-blocker',
    { stream: 'reader', title: 'A', severity: 'high', impact: 'B', deadline: '1 day' },
    { as: 'lead-a' },
  )
  const statuses = new Map<string, Set<number>>()
  const ask = async (operations: readonly (typeof OPERATIONS)[number][], numRuns: number): Promise<void> => {
    // Writes are what can go wrong in the most ways.
    const requests = fc.oneof(...operations.map((one) => ({ weight: one.method === 'post' ? 6 : 1, arbitrary: requestTo(one) })))
    await fc.assert(
      fc.asyncProperty(requests, async ({ id, path, method, at, query, body }) => {
        const asked =
          query.length === 0
            ? ''
            : `?${new URLSearchParams(query.map(([key, value]): [string, string] => [wellFormed(key), wellFormed(value)])).toString()}`
        const response =
          method === 'get' ? await served.get(`${at}${asked}`) : await served.post(at, body ?? {}, { 'idempotency-key': newKey() })
        const answer = await answerIn(response)
        const said = JSON.stringify(answer)
        statuses.set(id, (statuses.get(id) ?? new Set()).add(response.status))
        const type = response.headers.get('content-type') ?? ''
        expect([response.status < 500, said.includes('node_modules'), said.includes('    at ')]).toEqual([true, false, false])
        expect(wrongIn(method, path, response.status, type, answer)).toBe('')
        const isKnown = typeof body !== 'object' || body === null || !('no-such-key' in body)
        if (!isKnown) expect(response.status).toBeGreaterThanOrEqual(400)
      }),
      { numRuns },
    )
  }
  await ask(
    OPERATIONS.filter(({ operation }) => !SLOW.has(operation.operationId)),
    QUICK_RUNS,
  )
  // All kinds of answers were met, or it asked for nothing.
  expect([...new Set([...statuses.values()].flatMap((one) => [...one]))]).toEqual(expect.arrayContaining([200, 201, 400, 404, 422]))
  for (const id of SLOW) {
    await ask(
      OPERATIONS.filter(({ operation }) => operation.operationId === id),
      SLOW_RUNS / SLOW.size,
    )
    for (const job of (await client.read('listJobs', { program: 'demo' })).items)
      expect(await client.finished('demo', job.id)).toMatchObject({ state: 'done' })
  }
  expect((await client.read('listJobs', { program: 'demo' })).items, 'some were started').not.toEqual([])
  expect((await served.get('/readyz')).status).toBe(200)
  expect((await scene.muster(['verify'])).code).toBe(0)
  expect(await served.stop()).toBe(0)
})
