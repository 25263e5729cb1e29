import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { EVENT_SHAPES, KNOWN_SCHEMAS, SCHEMA, SCHEMA_VERSION, schemaId } from '#core/ledger/schema.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('the schema that records are sealed under is that of the event shapes', () => {
  const message =
    'the event shapes changed: before the first release write the new id into SCHEMA; after it raise SCHEMA_VERSION and keep the old id in KNOWN_SCHEMAS'
  expect(schemaId(SCHEMA_VERSION, EVENT_SHAPES, sha256), message).toBe(SCHEMA)
  expect(KNOWN_SCHEMAS).toContain(SCHEMA)
})

test('another meaning of one field is another schema', () => {
  const changed = { ...EVENT_SHAPES, waiver: { ...EVENT_SHAPES.waiver, expires: 'date?' } }
  expect(schemaId(SCHEMA_VERSION, changed, sha256)).not.toBe(SCHEMA)
  expect(schemaId(SCHEMA_VERSION + 1, EVENT_SHAPES, sha256)).not.toBe(SCHEMA)
})
