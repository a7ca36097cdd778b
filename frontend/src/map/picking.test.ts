import { describe, expect, test } from 'vitest'
import { fitTo, toScreen } from './camera'
import { polygonOf, rectangleBetween, shapeBounds, simplifyLine } from './geometry'
import { inside, nearest, rowsWithin } from './picking'
import { pointsAt, strewn } from './testing'

const SQUARE = pointsAt([
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
  [0.5, 0.5],
])
const CAMERA = fitTo([0, 0, 1, 1], 100, 100, { top: 0, right: 0, bottom: 0, left: 0 })

describe('nearest', () => {
  test('finds the point under the pointer and within reach', () => {
    expect(nearest(SQUARE, CAMERA, [50, 50], 10)).toBe(4)
    expect(nearest(SQUARE, CAMERA, [93, 7], 10)).toBe(2)
  })

  test('finds none beyond its reach', () => {
    expect(nearest(SQUARE, CAMERA, [75, 50], 10)).toBe(-1)
  })

  test('takes the first of points on one place', () => {
    const stacked = pointsAt([
      [0.5, 0.5],
      [0.5, 0.5],
    ])

    expect(nearest(stacked, CAMERA, [50, 50], 10)).toBe(0)
  })

  test('passes over rows without a flag', () => {
    const flags = Uint8Array.of(1, 1, 1, 1, 0)

    expect(nearest(SQUARE, CAMERA, [50, 50], 10, flags)).toBe(-1)
  })

  test('agrees with the distance to every point', () => {
    const points = strewn(500)
    const at = [37, 61] as const
    const distances = Array.from(points.x, (x, row) => {
      const [screenX, screenY] = toScreen(CAMERA, [x, points.y[row] ?? 0])
      return Math.hypot(screenX - at[0], screenY - at[1])
    })

    expect(nearest(points, CAMERA, at, 50)).toBe(distances.indexOf(Math.min(...distances)))
  })
})

describe('rowsWithin', () => {
  test('finds what lies in view, edges included, and no more than is asked for', () => {
    expect(rowsWithin(SQUARE, [0, 0, 0.5, 1], null, 9)).toEqual([0, 3, 4])
    expect(rowsWithin(SQUARE, [0, 0, 0.5, 1], null, 2)).toEqual([0, 3])
  })

  test('passes over rows without a flag', () => {
    expect(rowsWithin(SQUARE, [0, 0, 1, 1], Uint8Array.of(0, 1, 0, 0, 1), 9)).toEqual([1, 4])
  })
})

describe('inside', () => {
  test('a rectangle holds its edges, from whichever corner it is drawn', () => {
    const shape = rectangleBetween([1, 1], [0.5, 0])

    expect([...inside(SQUARE, shape)]).toEqual([0, 1, 1, 0, 1])
  })

  test('a rectangle without extent holds the points on it', () => {
    expect([...inside(SQUARE, rectangleBetween([1, 0], [1, 0]))]).toEqual([0, 1, 0, 0, 0])
  })

  test('edges are compared as float32, as points are', () => {
    const points = pointsAt([[0.1, 0.1]])

    // 0.1 as float32 lies above 0.1 as float64.
    expect([...inside(points, rectangleBetween([0, 0], [0.1, 0.1]))]).toEqual([1])
  })

  test('a polygon leaves its dents out', () => {
    const arrow = polygonOf([
      [-0.1, -0.1],
      [1.3, -0.1],
      [0.4, 0.4],
      [-0.1, 1.3],
    ])

    expect([...inside(SQUARE, arrow)]).toEqual([1, 1, 0, 1, 0])
  })

  test('a polygon holds its edges and corners, on all sides', () => {
    const corners = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ] as const
    const onEdges = pointsAt([...corners, [0.5, 0], [1, 0.25], [0.75, 1], [0, 0.5], [1.0001, 0.5]])

    expect([...inside(onEdges, polygonOf(corners))]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0])
    expect([...inside(onEdges, polygonOf(corners.toReversed()))]).toEqual([
      1, 1, 1, 1, 1, 1, 1, 1, 0,
    ])
  })

  test('a polygon that crosses itself leaves out what it winds around twice', () => {
    const star = polygonOf(
      [0, 2, 4, 1, 3].map((corner) => [
        Math.sin((corner * 2 * Math.PI) / 5),
        Math.cos((corner * 2 * Math.PI) / 5),
      ]),
    )
    const points = pointsAt([
      [0, 0],
      [0, 0.8],
    ])

    expect([...inside(points, star)]).toEqual([0, 1])
  })

  test('a polygon agrees with the plain rule for every point', () => {
    const points = strewn(2_000)
    const lasso = polygonOf(
      Array.from({ length: 60 }, (_, index) => {
        const angle = (index / 60) * 2 * Math.PI
        const radius = 0.3 + 0.15 * Math.sin(angle * 7)
        return [0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)] as const
      }),
    )
    const plain = Array.from(points.x, (x, row) =>
      holds(lasso.corners, x, points.y[row] ?? 0) ? 1 : 0,
    )

    expect([...inside(points, lasso)]).toEqual(plain)
    expect(plain.filter(Boolean).length).toBeGreaterThan(300)
  })
})

test('shapeBounds goes around all corners', () => {
  const shape = polygonOf([
    [1, 5],
    [-2, 3],
    [4, 4],
  ])

  expect(shapeBounds(shape)).toEqual([-2, 3, 4, 5])
})

describe('simplifyLine', () => {
  test('drops points on a straight line and keeps corners', () => {
    const line = [
      [0, 0],
      [5, 0.4],
      [10, 0],
      [10, 10],
    ] as const

    expect(simplifyLine(line, 1)).toEqual([
      [0, 0],
      [10, 0],
      [10, 10],
    ])
  })

  test('keeps the far point of a line that comes back to its start', () => {
    const line = [
      [0, 0],
      [20, 1],
      [0, 0],
    ] as const

    expect(simplifyLine(line, 1)).toEqual(line)
  })
})

/** The rule of geometry.ts, as short as it can be written. */
function holds(corners: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let odd = false
  corners.forEach(([bx, by], index) => {
    const [ax, ay] = corners.at(index - 1) ?? [0, 0]
    const cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    if (ay > y !== by > y && cross > 0 === by > ay) odd = !odd
  })
  return odd
}
