import { expect, test } from 'vitest'
import { detectKind } from './kind'

const KINDS = [
  { kind: 'registration', suffixes: ['.json', '.csv'] },
  { kind: 'metadata', suffixes: ['.json'] },
  { kind: 'vectors', suffixes: ['.npy', '.npz', '.parquet'] },
]

const detect = (name: string, content = '') => detectKind(new File([content], name), KINDS)

test('tells kinds by how names end', async () => {
  expect(await detect('a.csv')).toBe('registration')
  expect(await detect('A.NPZ')).toBe('vectors')
  expect(await detect('a.parquet')).toBe('vectors')
  expect(await detect('a.txt')).toBeNull()
})

test('looks into JSON', async () => {
  expect(await detect('a.json', '{"videos": []}')).toBe('registration')
  expect(await detect('a.json', '{ "items" : [{"images": 1}]}')).toBe('metadata')
  expect(await detect('a.json', '{"images": [{"clientMetadata": {"items": 3}}]}')).toBe(
    'registration',
  )
  expect(await detect('a.json', 'no JSON at all')).toBe('registration')
})
