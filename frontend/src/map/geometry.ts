/**
 * Shapes drawn on the map, in data coordinates, and the test whether a point lies in them.
 *
 * The server applies the same shapes to the same float32 coordinates and has to reach the same
 * points, so both sides compute in float64, step by step by the rules of embeddings/maps/geometry:
 * - a rectangle holds its edges;
 * - a polygon holds what lies on an edge, and what a ray to the right leaves through an odd number
 *   of edges. For an edge from a to b and a point (x, y), with
 *   `cross = (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x)`, the point is on the edge if cross
 *   is 0 and it lies between the ends, and the ray crosses if `(a.y > y) != (b.y > y)` and
 *   `(cross > 0) == (b.y > a.y)`.
 * Corners are rounded to float32 before either side sees them.
 */

import type { DataPoint, ScreenPoint } from './camera'
import type { Bounds } from './payload'

export interface Rectangle {
  readonly type: 'rectangle'
  readonly bounds: Bounds
}

export interface Polygon {
  readonly type: 'polygon'
  readonly corners: readonly DataPoint[]
}

export type Shape = Rectangle | Polygon

/** The rectangle between two opposite corners, whichever they are. */
export function rectangleBetween([x0, y0]: DataPoint, [x1, y1]: DataPoint): Rectangle {
  return {
    type: 'rectangle',
    bounds: [
      Math.fround(Math.min(x0, x1)),
      Math.fround(Math.min(y0, y1)),
      Math.fround(Math.max(x0, x1)),
      Math.fround(Math.max(y0, y1)),
    ],
  }
}

/** The closed polygon over these corners. */
export function polygonOf(corners: readonly DataPoint[]): Polygon {
  return {
    type: 'polygon',
    corners: corners.map(([x, y]): DataPoint => [Math.fround(x), Math.fround(y)]),
  }
}

/** The smallest rectangle around a shape. */
export function shapeBounds(shape: Shape): Bounds {
  if (shape.type === 'rectangle') return shape.bounds
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of shape.corners) {
    minX = Math.min(minX, x)
    minY = Math.min(minY, y)
    maxX = Math.max(maxX, x)
    maxY = Math.max(maxY, y)
  }
  return [minX, minY, maxX, maxY]
}

/** The shape as the value of a `map` leaf of the filter grammar. */
export function shapeValue(
  shape: Shape,
): { rectangle: readonly number[] } | { polygon: readonly (readonly number[])[] } {
  return shape.type === 'rectangle' ? { rectangle: shape.bounds } : { polygon: shape.corners }
}

/**
 * Leave out points of a hand-drawn line that lie within `tolerance` pixels of the line without
 * them (Ramer, Douglas and Peucker), so that a lasso fits into a link.
 */
export function simplifyLine(line: readonly ScreenPoint[], tolerance: number): ScreenPoint[] {
  const first = line[0]
  const last = line.at(-1)
  if (first === undefined || last === undefined || line.length < 3) return [...line]
  const keep = new Uint8Array(line.length)
  keep[0] = keep[line.length - 1] = 1
  const spans: [number, number][] = [[0, line.length - 1]]
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const split = farthest(line, span[0], span[1], tolerance)
    if (split === -1) continue
    keep[split] = 1
    spans.push([span[0], split], [split, span[1]])
  }
  return line.filter((_, index) => keep[index] === 1)
}

function farthest(
  line: readonly ScreenPoint[],
  from: number,
  to: number,
  tolerance: number,
): number {
  const a = line[from] as ScreenPoint
  const b = line[to] as ScreenPoint
  let found = -1
  let most = tolerance
  for (let index = from + 1; index < to; index++) {
    const distance = distanceToSegment(line[index] as ScreenPoint, a, b)
    if (distance > most) {
      most = distance
      found = index
    }
  }
  return found
}

function distanceToSegment([x, y]: ScreenPoint, a: ScreenPoint, b: ScreenPoint): number {
  const dx = b[0] - a[0]
  const dy = b[1] - a[1]
  const length = dx * dx + dy * dy
  const along = length === 0 ? 0 : ((x - a[0]) * dx + (y - a[1]) * dy) / length
  const t = Math.min(Math.max(along, 0), 1)
  return Math.hypot(x - a[0] - t * dx, y - a[1] - t * dy)
}
