import { expect, test } from 'vitest'
import { fitTo, toScreen } from './camera'
import { fitClearOf } from './fitting'
import { pointsAt, strewn } from './testing'

const PADDING = { top: 50, right: 20, bottom: 20, left: 20 }
const LEGEND = { left: 400, top: 10, right: 590, bottom: 300 }

test('without an obstacle it is the plain fit', () => {
  const points = strewn(100)

  expect(fitClearOf(points, 600, 600, PADDING, null)).toEqual(
    fitTo(points.bounds, 600, 600, PADDING),
  )
})

test('an obstacle over an empty corner costs no room', () => {
  const diagonal = pointsAt(Array.from({ length: 50 }, (_, row) => [row, -row] as const))

  const camera = fitClearOf(diagonal, 600, 600, PADDING, LEGEND)

  expect(camera).toEqual(fitTo(diagonal.bounds, 600, 600, PADDING))
})

test.each([
  [600, 900],
  [1000, 500],
])('points everywhere keep off the obstacle on a stage of %d x %d', (width, height) => {
  const points = strewn(500)
  const legend = { ...LEGEND, left: width - 200, right: width - 10 }

  const camera = fitClearOf(points, width, height, PADDING, legend)

  const behind = Array.from(points.x, (x, row) => toScreen(camera, [x, points.y[row] ?? 0])).filter(
    ([x, y]) => x >= legend.left && y <= legend.bottom,
  )
  expect(behind.length).toBeLessThanOrEqual(1)
})
