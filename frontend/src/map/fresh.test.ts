import { beforeEach, expect, test, vi } from 'vitest'
import { freshRows, markSeen } from './fresh'
import { pointsAt } from './testing'

/** Ordinals 0, 10, 20, 30. */
const points = pointsAt([
  [0, 0],
  [1, 1],
  [2, 2],
  [3, 3],
])

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  })
})

test('points that were laid out with the map are never new', () => {
  expect([...freshRows(points, 20)]).toEqual([0, 0, 1, 1])
  expect([...freshRows(points, 31)]).toEqual([0, 0, 0, 0])
})

test('what was seen is not new again', () => {
  markSeen(
    pointsAt([
      [0, 0],
      [1, 1],
      [2, 2],
    ]),
  )

  expect([...freshRows(points, 10)]).toEqual([0, 0, 0, 1])
  markSeen(points)
  expect([...freshRows(points, 10)]).toEqual([0, 0, 0, 0])
})

test('without storage everything placed is new', () => {
  vi.stubGlobal('localStorage', {
    getItem: () => {
      throw new Error('denied')
    },
    setItem: () => {
      throw new Error('denied')
    },
  })

  markSeen(points)

  expect([...freshRows(points, 20)]).toEqual([0, 0, 1, 1])
})
