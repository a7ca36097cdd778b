import { expect, test } from 'vitest'
import { polygonOf, rectangleBetween } from './geometry'
import { readRegion, writeRegion } from './region-link'
import type { Part } from './selection'

const PARTS: Part[] = [
  { mode: 'replace', shape: rectangleBetween([0.1, -3.3], [1 / 3, 1e-7]) },
  {
    mode: 'add',
    shape: polygonOf([
      [0.7, 0.1],
      [5.123456789, 0],
      [5, 12345.678],
    ]),
  },
  { mode: 'subtract', shape: rectangleBetween([-1, -1], [2, 2]) },
]

test('a region comes back from its link to the last bit', () => {
  const text = writeRegion('f7f2fc8b', PARTS)

  expect(text).toMatch(/^f7f2fc8b;r,[^;]+;\+p,[^;]+;-r,-1,-1,2,2$/)
  expect(readRegion(text, 'f7f2fc8b')).toEqual(PARTS)
})

test('on another map, and where it cannot be read, there is none', () => {
  expect(readRegion(writeRegion('f7f2fc8b', PARTS), '00000000')).toEqual([])
  for (const wrong of ['', 'r,1,2,3', 'r,1,2,3,', 'p,1,2,3,4', 'p,1,2,3,4,5,x', 'q,1,2,3,4']) {
    expect(readRegion(`f7f2fc8b;${wrong}`, 'f7f2fc8b')).toEqual([])
  }
})

test('what is too much for a link is not said', () => {
  const corners = Array.from({ length: 200 }, (_, at): [number, number] => [at / 7, at / 3])

  expect(writeRegion('f7f2fc8b', [{ mode: 'replace', shape: polygonOf(corners) }])).toBe('')
  expect(writeRegion('f7f2fc8b', [])).toBe('')
})
