import { describe, expect, test } from 'vitest'
import { fitTo } from './camera'
import { rectangleBetween } from './geometry'
import { Region, shapeOf } from './region'
import { emptySelection, selectionBounds, selectionFilter, withShape } from './selection'
import { pointsAt } from './testing'

const POINTS = pointsAt([
  [0, 0],
  [1, 0],
  [2, 0],
  [3, 0],
])
const LEFT = rectangleBetween([0, 0], [1, 0])
const MIDDLE = rectangleBetween([1, 0], [2, 0])
const CAMERA = fitTo(POINTS.bounds, 300, 300, { top: 0, right: 0, bottom: 0, left: 0 })
const leaf = (shape: typeof LEFT) => ({
  field: 'map',
  op: 'within',
  value: { reduction: '0f9c', rectangle: shape.bounds },
})

describe('withShape', () => {
  test('adds, subtracts and replaces', () => {
    const left = withShape(POINTS, emptySelection(POINTS), LEFT, 'replace')
    const both = withShape(POINTS, left, MIDDLE, 'add')
    const minus = withShape(POINTS, both, LEFT, 'subtract')
    const fresh = withShape(POINTS, minus, LEFT, 'replace')

    expect([...left.flags]).toEqual([1, 1, 0, 0])
    expect([...both.flags]).toEqual([1, 1, 1, 0])
    expect([...minus.flags]).toEqual([0, 0, 1, 0])
    expect([...fresh.flags]).toEqual([1, 1, 0, 0])
    expect(fresh.parts).toHaveLength(1)
  })

  test('leaves what it builds on as it was', () => {
    const left = withShape(POINTS, emptySelection(POINTS), LEFT, 'replace')

    withShape(POINTS, left, LEFT, 'subtract')

    expect([...left.flags]).toEqual([1, 1, 0, 0])
  })

  test('adding to nothing selects, subtracting from nothing does nothing', () => {
    const none = emptySelection(POINTS)

    expect([...withShape(POINTS, none, LEFT, 'add').flags]).toEqual([1, 1, 0, 0])
    expect(withShape(POINTS, none, LEFT, 'subtract')).toBe(none)
  })
})

describe('selectionFilter', () => {
  test('is nothing for nothing', () => {
    expect(selectionFilter(emptySelection(POINTS), '0f9c')).toBeNull()
  })

  test('says in the filter grammar what was drawn', () => {
    let selection = withShape(POINTS, emptySelection(POINTS), LEFT, 'replace')
    expect(selectionFilter(selection, '0f9c')).toEqual(leaf(LEFT))

    selection = withShape(POINTS, selection, MIDDLE, 'add')
    selection = withShape(POINTS, selection, LEFT, 'subtract')
    expect(selectionFilter(selection, '0f9c')).toEqual({
      all: [{ any: [leaf(LEFT), leaf(MIDDLE)] }, { not: leaf(LEFT) }],
    })
  })
})

test('selectionBounds goes around what was added', () => {
  const none = emptySelection(POINTS)
  const left = withShape(POINTS, none, LEFT, 'replace')

  expect(selectionBounds(none)).toBeNull()
  expect(selectionBounds(withShape(POINTS, left, MIDDLE, 'add'))).toEqual([0, 0, 2, 0])
  expect(selectionBounds(withShape(POINTS, left, MIDDLE, 'subtract'))).toEqual([0, 0, 1, 0])
})

describe('Region', () => {
  test('shows the draft and goes back to what stood', () => {
    const region = new Region(POINTS)
    region.select(LEFT, 'replace')

    region.draw(
      CAMERA,
      'rectangle',
      [
        [140, 140],
        [310, 160],
      ],
      'add',
    )
    expect([...region.selection.flags]).toEqual([1, 1, 1, 1])

    region.cancel()
    expect([...region.selection.flags]).toEqual([1, 1, 0, 0])
  })

  test('clears, and says whether there was anything', () => {
    const region = new Region(POINTS)

    expect(region.clear()).toBe(false)
    region.select(LEFT, 'replace')
    expect(region.clear()).toBe(true)
    expect(region.present).toBe(false)
  })
})

describe('shapeOf', () => {
  test('thins a long lasso to corners that fit into a link', () => {
    const line = Array.from({ length: 2_000 }, (_, index) => {
      const angle = (index / 2_000) * 2 * Math.PI
      const radius = 100 + 12 * Math.sin(angle * 40)
      return [150 + radius * Math.cos(angle), 150 + radius * Math.sin(angle)] as const
    })

    const shape = shapeOf(CAMERA, 'lasso', line)

    expect(shape?.type === 'polygon' && shape.corners.length).toBeLessThanOrEqual(80)
    expect(shape?.type === 'polygon' && shape.corners.length).toBeGreaterThan(20)
  })

  test('is nothing for a line without area', () => {
    expect(
      shapeOf(CAMERA, 'lasso', [
        [10, 10],
        [60, 10],
        [90, 10],
      ]),
    ).toBeNull()
    expect(shapeOf(CAMERA, 'rectangle', [[10, 10]])).toBeNull()
  })
})
