import { describe, expect, test } from 'vitest'
import { clamp, fitTo, pan, resize, toData, toScreen, zoomAt } from './camera'
import type { Bounds } from './payload'

const BOUNDS: Bounds = [-10, 0, 30, 20]
const NONE = { top: 0, right: 0, bottom: 0, left: 0 }
const CAMERA = fitTo(BOUNDS, 400, 400, NONE)

describe('fitTo', () => {
  test('shows the whole, on one scale for both axes', () => {
    expect(CAMERA).toEqual({ x: 10, y: 10, scale: 10, width: 400, height: 400 })
  })

  test('keeps off the padding', () => {
    const camera = fitTo(BOUNDS, 440, 300, { top: 80, right: 20, bottom: 20, left: 20 })

    const [left, top] = toScreen(camera, [-10, 20])
    const [right, bottom] = toScreen(camera, [30, 0])

    expect([left, right]).toEqual([20, 420])
    expect(top).toBeGreaterThanOrEqual(80)
    expect(bottom).toBeLessThanOrEqual(280)
    expect(top - 80).toBeCloseTo(280 - bottom)
  })

  test.each([
    ['one point', [3, 4, 3, 4]],
    ['points on a line', [0, 4, 8, 4]],
  ] as const)('shows %s in the middle', (_, bounds) => {
    const camera = fitTo(bounds, 400, 200, NONE)

    expect(camera.scale).toBeGreaterThan(0)
    expect(Number.isFinite(camera.scale)).toBe(true)
    expect(toScreen(camera, [(bounds[0] + bounds[2]) / 2, 4])).toEqual([200, 100])
  })
})

test('y grows upwards in the data and downwards on the screen', () => {
  expect(toScreen(CAMERA, [-10, 20])).toEqual([0, 100])
  expect(toData(CAMERA, [0, 100])).toEqual([-10, 20])
})

test('pan moves what is shown with the pointer', () => {
  const moved = pan(CAMERA, 30, -50)

  const [x, y] = toScreen(CAMERA, [5, 5])
  expect(toScreen(moved, [5, 5])).toEqual([x + 30, y - 50])
})

test.each([0.5, 3])('zoom by %f keeps the point under the pointer', (factor) => {
  const at = [123, 45] as const

  const zoomed = zoomAt(CAMERA, at, factor)

  const [x, y] = toScreen(zoomed, toData(CAMERA, at))
  expect(x).toBeCloseTo(123)
  expect(y).toBeCloseTo(45)
  expect(zoomed.scale).toBe(CAMERA.scale * factor)
})

test('resize keeps the middle and the scale', () => {
  const wider = resize(CAMERA, 800, 300)

  expect(toScreen(wider, [10, 10])).toEqual([400, 150])
  expect(wider.scale).toBe(CAMERA.scale)
})

describe('clamp', () => {
  test('leaves the fitted view alone, however uneven the padding', () => {
    const padding = { top: 60, right: 20, bottom: 20, left: 0 }
    const camera = fitTo([3, 4, 3, 4], 400, 400, padding)

    expect(clamp(camera, [3, 4, 3, 4], padding)).toEqual(camera)
  })

  test('does not let the map out of sight', () => {
    const far = clamp(pan(CAMERA, 100_000, 100_000), BOUNDS, NONE)

    expect([far.x, far.y]).toEqual([-20, 30])
  })

  test('ends zooming in both directions', () => {
    const near = clamp(zoomAt(CAMERA, [200, 200], 1e9), BOUNDS, NONE)
    const far = clamp(zoomAt(CAMERA, [200, 200], 1e-9), BOUNDS, NONE)

    expect(near.scale).toBe(CAMERA.scale * 4000)
    expect(far.scale).toBe(CAMERA.scale * 0.4)
  })
})
