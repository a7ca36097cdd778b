/** Frames and points for tests, made as the server makes them. */

import type { MapPoints } from './payload'

type Numbers = ArrayLike<number> & { readonly buffer: ArrayBufferLike; readonly byteLength: number }

/** Put a header and its columns into one frame. */
export function frame(
  magic: string,
  header: Record<string, unknown>,
  columns: readonly { readonly name: string; readonly type: string; readonly data: Numbers }[],
): ArrayBuffer {
  let offset = 0
  const entries = columns.map(({ name, type, data }) => {
    const entry = { name, type, offset }
    offset += Math.ceil(data.byteLength / 4) * 4
    return entry
  })
  const json = JSON.stringify({ ...header, columns: entries })
  const length = Math.ceil((8 + json.length) / 8) * 8 - 8
  const bytes = new Uint8Array(8 + length + offset)
  bytes.set(new TextEncoder().encode(magic))
  new DataView(bytes.buffer).setUint32(4, length, true)
  bytes.set(new TextEncoder().encode(json.padEnd(length)), 8)
  columns.forEach(({ data }, index) => {
    bytes.set(new Uint8Array(data.buffer), 8 + length + (entries[index]?.offset ?? 0))
  })
  return bytes.buffer
}

/** Points at these places, with ordinals 0, 10, 20, … */
export function pointsAt(places: readonly (readonly [number, number])[]): MapPoints {
  const x = Float32Array.from(places, ([at]) => at)
  const y = Float32Array.from(places, ([, at]) => at)
  return {
    reduction: '0f9c',
    mark: 'm1',
    count: places.length,
    bounds: [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)],
    x,
    y,
    ordinal: Uint32Array.from(places, (_, row) => row * 10),
  }
}

/** Points strewn over the unit square, always the same for a seed. */
export function strewn(count: number, seed = 7): MapPoints {
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
  return pointsAt(Array.from({ length: count }, () => [random(), random()] as const))
}
