import { expect, test } from 'vitest'
import { parseSequence } from './sequence'

test('a sequence knows units and places', () => {
  const sequence = parseSequence(Uint32Array.of(9, 4, 7, 1).buffer, '4')

  expect(sequence.length).toBe(4)
  expect(sequence.unit(2)).toBe(7)
  expect(sequence.place(1)).toBe(3)
  expect(sequence.place(5)).toBe(-1)
  expect(sequence.between(3, 1)).toEqual([4, 7, 1])
})

test('large ids come in eight bytes', () => {
  const sequence = parseSequence(Float64Array.of(2 ** 40, 3).buffer, '8')

  expect(sequence.unit(0)).toBe(2 ** 40)
})
