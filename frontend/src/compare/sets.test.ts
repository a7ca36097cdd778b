import { expect, test } from 'vitest'
import { setColumn } from './sets'

test('setColumn tells the four cases apart and counts them', () => {
  const column = setColumn(Uint8Array.of(1, 0, 1, 0, 1), Uint8Array.of(0, 1, 1, 0, 0))

  expect([...column.codes]).toEqual([0, 1, 2, 255, 0])
  expect(column.counts).toEqual([2, 1, 1])
  expect(column.missing).toBe(1)
})
