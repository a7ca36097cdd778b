import { expect, test } from 'vitest'
import { columnsOf, layoutOf, rangeAt, topOf } from './layout'

test('columns fit as the style sheet fits them', () => {
  expect(columnsOf(520, 124)).toBe(4)
  expect(columnsOf(519, 124)).toBe(3)
  expect(columnsOf(60, 124)).toBe(1)
})

test('the range holds whole rows of the view and some more', () => {
  const layout = layoutOf(1_000_000, 5, 148)

  const range = rangeAt(layout, 1_000_000, 160 * 1_000, 800)

  expect(range.first).toBe((1_000 - 3) * 5)
  expect(range.end).toBe((1_005 + 3) * 5)
})

test('the range ends with the tiles', () => {
  const layout = layoutOf(12, 5, 148)

  expect(rangeAt(layout, 12, 0, 4_000)).toEqual({ first: 0, end: 12 })
  expect(layout.height).toBe(3 * 160)
})

test('a tile lies in its row', () => {
  expect(topOf(layoutOf(100, 5, 148), 14)).toBe(2 * 160)
})
