import { describe, expect, it } from 'vitest'
import { parsePair, shiftsOf } from './pair'

function frame(header: object, ordinals: number[], floats: number[][]): ArrayBuffer {
  const count = ordinals.length
  const names = ['x', 'y', 'before_x', 'before_y']
  const columns = [
    { name: 'ordinal', type: 'uint32', offset: 0 },
    ...names.map((name, place) => ({ name, type: 'float32', offset: (place + 1) * count * 4 })),
  ]
  let text = JSON.stringify({ ...header, count, columns })
  while ((8 + text.length) % 8 !== 0) text += ' '
  const buffer = new ArrayBuffer(8 + text.length + 20 * count)
  const bytes = new Uint8Array(buffer)
  bytes.set(new TextEncoder().encode('KTWO'))
  new DataView(buffer).setUint32(4, text.length, true)
  bytes.set(new TextEncoder().encode(text), 8)
  new Uint32Array(buffer, 8 + text.length, count).set(ordinals)
  floats.forEach((values, place) => {
    new Float32Array(buffer, 8 + text.length + (place + 1) * count * 4, count).set(values)
  })
  return buffer
}

describe('parsePair', () => {
  it('gives both versions the same rows and the same frame of view', () => {
    const bytes = frame(
      { reduction: 'b', before: 'a' },
      [3, 8],
      [
        [0, 4],
        [0, 3],
        [0, 10],
        [0, 0],
      ],
    )

    const { before, after, shifts } = parsePair(bytes)

    expect([before.reduction, after.reduction]).toEqual(['a', 'b'])
    expect(before.bounds).toEqual([0, 0, 10, 3])
    expect(after.bounds).toEqual(before.bounds)
    expect([...after.ordinal]).toEqual([3, 8])
    expect([...after.x]).toEqual([0, 4])
    expect([...before.x]).toEqual([0, 10])
    expect(shifts[0]).toBe(0)
    expect(shifts[1]).toBeCloseTo(Math.hypot(6, 3) / 10)
  })

  it('reads a pair without common units', () => {
    const { before, shifts } = parsePair(
      frame({ reduction: 'b', before: '' }, [], [[], [], [], []]),
    )

    expect(before.count).toBe(0)
    expect(before.bounds).toEqual([0, 0, 0, 0])
    expect(shifts).toHaveLength(0)
  })

  it('refuses another kind of frame', () => {
    const bytes = frame({ reduction: 'b', before: 'a' }, [1], [[0], [0], [0], [0]])
    new Uint8Array(bytes).set(new TextEncoder().encode('KMAP'))

    expect(() => parsePair(bytes)).toThrow('KTWO')
  })
})

describe('shiftsOf', () => {
  it('takes the greater extent as the width, and 1 where there is none', () => {
    const at = (...values: number[]) => Float32Array.from(values)

    expect(shiftsOf(at(0, 1), at(0, 8), at(0, 1), at(4, 8))[0]).toBeCloseTo(0.5)
    expect(shiftsOf(at(2), at(2), at(2), at(5))[0]).toBe(3)
  })
})
