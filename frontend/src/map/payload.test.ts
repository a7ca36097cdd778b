import { describe, expect, test } from 'vitest'
import { PayloadError } from './frames'
import { parseColours, parsePoints, rowOf } from './payload'
import { frame, pointsAt } from './testing'

const POINTS = [
  { name: 'x', type: 'float32', data: Float32Array.of(0.5, -1, 2) },
  { name: 'y', type: 'float32', data: Float32Array.of(3, 4, 5) },
  { name: 'ordinal', type: 'uint32', data: Uint32Array.of(0, 2, 7) },
]
const HEADER = { version: 1, reduction: '0f9c', mark: 'm1', count: 3, bounds: [-1, 3, 2, 5] }

describe('parsePoints', () => {
  test('gives views of the columns', () => {
    const buffer = frame('KMAP', HEADER, POINTS)

    const points = parsePoints(buffer)

    expect(points.reduction).toBe('0f9c')
    expect(points.count).toBe(3)
    expect(points.bounds).toEqual([-1, 3, 2, 5])
    expect([...points.x]).toEqual([0.5, -1, 2])
    expect([...points.y]).toEqual([3, 4, 5])
    expect([...points.ordinal]).toEqual([0, 2, 7])
    expect(points.x.buffer).toBe(buffer)
  })

  test('reads a map without points', () => {
    const empty = POINTS.map((column) => ({ ...column, data: column.data.slice(0, 0) }))

    const points = parsePoints(frame('KMAP', { ...HEADER, count: 0 }, empty))

    expect(points.count).toBe(0)
  })

  test.each([
    ['another magic', frame('KCOL', HEADER, POINTS), 'letters KMAP'],
    ['a few bytes', new ArrayBuffer(3), 'too short'],
    ['more rows than bytes', frame('KMAP', { ...HEADER, count: 300 }, POINTS), 'outside'],
    ['another version', frame('KMAP', { ...HEADER, version: 2 }, POINTS), 'Reload'],
    ['bounds of three', frame('KMAP', { ...HEADER, bounds: [1, 2, 3] }, POINTS), 'four numbers'],
    ['no ordinals', frame('KMAP', HEADER, POINTS.slice(0, 2)), 'ordinal must be uint32'],
    ['no places', frame('KMAP', HEADER, POINTS.slice(2)), 'x and y must be float32'],
  ])('refuses %s', (_, buffer, words) => {
    expect(() => parsePoints(buffer)).toThrow(PayloadError)
    expect(() => parsePoints(buffer)).toThrow(words)
  })

  test('refuses ordinals out of order', () => {
    const columns = [...POINTS.slice(0, 2), { ...POINTS[2], data: Uint32Array.of(0, 7, 2) }]

    const parse = () => parsePoints(frame('KMAP', HEADER, columns as typeof POINTS))

    expect(parse).toThrow('do not ascend')
  })

  test('refuses a column off its alignment', () => {
    const buffer = frame('KMAP', HEADER, POINTS)
    const text = new TextDecoder('latin1').decode(buffer).replace('"offset":12', '"offset":10')
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0))

    expect(() => parsePoints(bytes.buffer)).toThrow('lies outside')
  })
})

describe('parseColours', () => {
  const codes = (data: Uint8Array | Uint16Array, type: string) =>
    frame('KCOL', { type: 'category', labels: ['cat', 'dog'], counts: [1, 1], missing: 1 }, [
      { name: 'code', type, data },
    ])

  test.each([
    ['uint8', Uint8Array.of(0, 255, 1), 255],
    ['uint16', Uint16Array.of(0, 65535, 1), 65535],
  ])('reads categories of %s', (type, data, missingCode) => {
    const column = parseColours(codes(data, type), 3)

    expect(column).toMatchObject({ type: 'category', labels: ['cat', 'dog'], missing: 1 })
    expect(column).toMatchObject({ missingCode, codes: data })
  })

  test('reads numbers', () => {
    const data = Float32Array.of(1, Number.NaN, 3)
    const header = { type: 'number', min: 1, max: 3, median: 2 }

    const column = parseColours(
      frame('KCOL', header, [{ name: 'value', type: 'float32', data }]),
      3,
    )

    expect(column).toEqual({ type: 'number', min: 1, max: 3, median: 2, values: data })
  })

  test('reads numbers of which there are none', () => {
    const data = Float32Array.of(Number.NaN)
    const header = { type: 'number', min: null, max: null, median: null }

    const column = parseColours(
      frame('KCOL', header, [{ name: 'value', type: 'float32', data }]),
      1,
    )

    expect(column).toMatchObject({ min: Number.NaN, max: Number.NaN, median: Number.NaN })
  })

  test('refuses a column that is shorter than the map', () => {
    const buffer = codes(Uint8Array.of(0, 1, 1), 'uint8')

    expect(() => parseColours(buffer, 5)).toThrow('lies outside')
  })

  test('refuses a type that it does not know', () => {
    const buffer = codes(Uint8Array.of(0, 1, 1), 'uint8')
    const text = new TextDecoder('latin1').decode(buffer).replace('"category"', '"spectrum"')
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0))

    expect(() => parseColours(bytes.buffer, 3)).toThrow('category of codes or a number')
  })
})

test('rowOf finds ordinals that are there', () => {
  const points = pointsAt([
    [0, 0],
    [1, 1],
    [2, 2],
  ])

  expect([0, 10, 20].map((ordinal) => rowOf(points, ordinal))).toEqual([0, 1, 2])
  expect([5, 21, 4_000_000_000].map((ordinal) => rowOf(points, ordinal))).toEqual([-1, -1, -1])
})
