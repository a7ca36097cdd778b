import { describe, expect, test } from 'vitest'
import { and, countFlags, not, rowsOf, unpackBits } from './bits'
import { place } from './card'
import { colouringOf, countSlots, plainColouring, slotColours } from './colouring'
import { byLevel, crowdOf, pointSize, shuffledOrder } from './drawing'
import type { Rgb, Theme } from './palette'
import { parseCss, rampColour } from './palette'

const THEME: Theme = {
  scheme: 'light',
  surface: [255, 255, 255],
  accent: [1, 2, 3],
  categories: Array.from({ length: 12 }, (_, index): Rgb => [index, index, index]),
  sets: [],
  neither: [0, 0, 0],
  other: [99, 99, 99],
}

describe('draw order', () => {
  test('is a permutation, the same for a seed', () => {
    const order = shuffledOrder(1_000)

    expect(order).toEqual(shuffledOrder(1_000))
    expect(order).not.toEqual(shuffledOrder(1_000, 2))
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(1_000).keys()])
    expect(order).not.toEqual(Uint32Array.from(Array(1_000).keys()))
  })

  test('puts higher levels last and keeps the order within each', () => {
    const sorted = byLevel(Uint32Array.of(3, 1, 0, 2), Uint8Array.of(2, 0, 2, 0), 3)

    expect([...sorted.order]).toEqual([3, 1, 0, 2])
    expect(sorted.counts).toEqual([2, 0, 2])
  })

  test.each([
    [2_000, 6],
    [2_001, 4],
    [20_001, 3],
    [200_001, 2],
  ])('%d points are %d px wide', (count, size) => {
    expect(pointSize(count)).toBe(size)
  })
})

describe('colouring', () => {
  const category = (labels: number, codes: number[], missing = 0) =>
    colouringOf({
      type: 'category',
      labels: Array.from({ length: labels }, (_, index) => `c${index}`),
      counts: Array.from({ length: labels }, (_, index) => labels - index),
      missing,
      missingCode: 255,
      codes: Uint8Array.from(codes),
    })

  test('gives twelve categories a colour each', () => {
    const colouring = category(12, [0, 11, 255], 1)

    expect(colouring.categories.map(({ label }) => label)).toEqual([
      ...Array.from({ length: 12 }, (_, index) => `c${index}`),
      'No value',
    ])
    const colours = [...colouring.slots].map((slot) => colouring.colour(THEME, slot))
    expect(colouring.blank).toBe(false)
    expect(colours).toEqual([THEME.categories[0], THEME.categories[11], THEME.other])
  })

  test('folds what is beyond the eleventh of many', () => {
    const colouring = category(14, [10, 11, 13])

    expect(colouring.categories.at(-1)).toMatchObject({ label: 'Other (3)', total: 3 + 2 + 1 })
    expect(colouring.slots[1]).toBe(colouring.slots[2])
    expect(colouring.colour(THEME, colouring.slots[0] ?? -1)).toEqual(THEME.categories[10])
    expect(colouring.colour(THEME, colouring.slots[1] ?? -1)).toEqual(THEME.other)
  })

  test('spreads numbers over the ramp', () => {
    const values = Float32Array.of(10, 20, Number.NaN, 15)
    const colouring = colouringOf({ type: 'number', min: 10, max: 20, median: 15, values })

    expect([...colouring.slots]).toEqual([0, 254, 255, 127])
    expect(colouring.categories).toEqual([{ label: 'No value', slot: 255, total: 1 }])
    expect(colouring.colour(THEME, 255)).toEqual(THEME.other)
  })

  test('puts equal numbers into the middle of the ramp', () => {
    const values = Float32Array.of(7, 7)
    const colouring = colouringOf({ type: 'number', min: 7, max: 7, median: 7, values })

    expect([...colouring.slots]).toEqual([127, 127])
  })

  test('has no ramp where there are no numbers', () => {
    const values = Float32Array.of(Number.NaN)
    const nan = { min: Number.NaN, max: Number.NaN, median: Number.NaN }
    const colouring = colouringOf({ type: 'number', ...nan, values })

    expect(colouring.scale).toBeNull()
    expect(colouring.blank).toBe(true)
    expect([...colouring.slots]).toEqual([255])
  })

  test('makes hidden slots transparent', () => {
    const bytes = slotColours(plainColouring(3), THEME, new Set([1]))

    expect([...bytes.subarray(0, 8)]).toEqual([1, 2, 3, 255, 1, 2, 3, 0])
  })

  test('counts the slots of flagged rows', () => {
    const counts = countSlots(Uint8Array.of(0, 1, 1, 0), Uint8Array.of(1, 1, 0, 0))

    expect([...counts.subarray(0, 3)]).toEqual([1, 1, 0])
  })

  test('the ramp ends in its first and last colour', () => {
    expect(rampColour('dark', 0)).toEqual([68, 1, 84])
    expect(rampColour('dark', 1)).toEqual([253, 231, 37])
  })

  test('reads colours as browsers write them', () => {
    expect(parseCss('rgb(12, 34, 56)')).toEqual([12, 34, 56])
    expect(parseCss('rgba(0, 0, 0, 0)')).toEqual([0, 0, 0])
  })
})

describe('bits', () => {
  test('are read from the least significant on', () => {
    const flags = unpackBits(Uint8Array.of(0b0000_0101, 0b1000_0001), 9)

    expect([...flags]).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 1])
    expect(countFlags(flags)).toBe(3)
    expect([...rowsOf(flags)]).toEqual([0, 2, 8])
  })

  test('of another length are refused', () => {
    expect(() => unpackBits(Uint8Array.of(1), 9)).toThrow('2 bytes')
  })

  test('combine', () => {
    const flags = Uint8Array.of(1, 0, 1)

    expect([...and(flags, Uint8Array.of(1, 1, 0))]).toEqual([1, 0, 0])
    expect([...not(flags)]).toEqual([0, 1, 0])
  })
})

describe('place', () => {
  const card = { width: 176, height: 200 }
  const stage = { width: 800, height: 600 }

  test('stands above the point', () => {
    expect(place([400, 400], card, stage, [])).toEqual([312, 186])
  })

  test('goes below where there is no room above', () => {
    expect(place([400, 100], card, stage, [])).toEqual([312, 114])
  })

  test('stays clear of the legend', () => {
    const legend = { left: 600, top: 12, right: 788, bottom: 300 }

    const [left, top] = place([690, 320], card, stage, [legend])

    expect(top >= 300 || left + card.width <= 600).toBe(true)
  })

  test('stays within the stage', () => {
    const [left, top] = place([2, 598], card, stage, [])

    expect(left).toBeGreaterThanOrEqual(8)
    expect(top + card.height).toBeLessThanOrEqual(592)
  })
})

describe('crowdOf', () => {
  const camera = { x: 0, y: 0, scale: 10, width: 100, height: 100 }

  test('is the share of the map that points would cover side by side', () => {
    // 1,000 discs of 6 pixels on 100 by 100 pixels.
    expect(crowdOf(1000, [0, 0, 10, 10], camera)).toBeCloseTo((1000 * Math.PI * 9) / 10_000)
  })

  test('falls as one comes nearer, and is none where points have no extent', () => {
    const near = crowdOf(1000, [0, 0, 10, 10], { ...camera, scale: 20 })
    expect(near).toBeCloseTo(crowdOf(1000, [0, 0, 10, 10], camera) / 4)
    expect(crowdOf(5, [1, 1, 1, 1], camera)).toBe(0)
  })
})
