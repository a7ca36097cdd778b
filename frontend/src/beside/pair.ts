/** The two versions of a map, read from the server's frame: the same rows, at two places each. */

import { PayloadError, parseFrame } from '../map/frames'
import type { Bounds, MapPoints } from '../map/payload'

export interface Pair {
  readonly before: MapPoints
  readonly after: MapPoints
  /** How far each row moved, as a share of the width of the version before. */
  readonly shifts: Float32Array
}

/** Read a frame; throw PayloadError where the bytes break the format. */
export function parsePair(buffer: ArrayBuffer): Pair {
  const { json, columns } = parseFrame(buffer, 'KTWO')
  const floats = (name: string): Float32Array => {
    const column = columns.get(name)
    if (!(column instanceof Float32Array)) throw new PayloadError(`${name} must be float32.`)
    return column
  }
  const ordinal = columns.get('ordinal')
  if (!(ordinal instanceof Uint32Array)) throw new PayloadError('ordinal must be uint32.')
  const [x, y, oldX, oldY] = ['x', 'y', 'before_x', 'before_y'].map(floats) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  // One frame of view for both, so that a place on one is the same place on the other.
  const bounds = boundsOf([x, oldX], [y, oldY])
  const side = (version: unknown, xs: Float32Array, ys: Float32Array): MapPoints => ({
    reduction: String(version),
    mark: '',
    count: ordinal.length,
    bounds,
    x: xs,
    y: ys,
    ordinal,
  })
  return {
    before: side(json.before, oldX, oldY),
    after: side(json.reduction, x, y),
    shifts: shiftsOf(oldX, oldY, x, y),
  }
}

/** Distances between the two places, as shares of the greater extent of the first. */
export function shiftsOf(
  oldX: Float32Array,
  oldY: Float32Array,
  x: Float32Array,
  y: Float32Array,
): Float32Array {
  const [minX, minY, maxX, maxY] = boundsOf([oldX], [oldY])
  const width = Math.max(maxX - minX, maxY - minY) || 1
  return x.map(
    (to, row) =>
      Math.hypot(to - (oldX[row] as number), (y[row] as number) - (oldY[row] as number)) / width,
  )
}

function boundsOf(xs: readonly Float32Array[], ys: readonly Float32Array[]): Bounds {
  const [minX, maxX] = extent(xs)
  const [minY, maxY] = extent(ys)
  return [minX, minY, maxX, maxY]
}

function extent(columns: readonly Float32Array[]): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const column of columns) {
    for (const value of column) {
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  return low <= high ? [low, high] : [0, 0]
}
