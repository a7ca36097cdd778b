/** Which points lie where: plain loops over the columns, fast enough for a million points. */

import { type Camera, type ScreenPoint, toData } from './camera'
import { type Polygon, type Shape, shapeBounds } from './geometry'
import type { Bounds, MapPoints } from './payload'

/** Bands of equal height that the edges of a polygon are sorted into. */
const BANDS = 256

/**
 * Find the row nearest to a point on the screen within `reach` CSS pixels, or -1.
 *
 * Only rows with a flag of 1 count where `flags` are given. Of rows equally near, the first wins.
 */
export function nearest(
  points: MapPoints,
  camera: Camera,
  at: ScreenPoint,
  reach: number,
  flags: Uint8Array | null = null,
): number {
  const { x, y, count } = points
  const [atX, atY] = toData(camera, at)
  const radius = reach / camera.scale
  let best = radius * radius
  let found = -1
  for (let row = 0; row < count; row++) {
    const dx = (x[row] as number) - atX
    const dy = (y[row] as number) - atY
    const distance = dx * dx + dy * dy
    if (distance <= best && (found === -1 || distance < best)) {
      if (flags !== null && flags[row] !== 1) continue
      best = distance
      found = row
    }
  }
  return found
}

/** The first rows within bounds, up to `most`; of those with a flag of 1 where flags are given. */
export function rowsWithin(
  points: MapPoints,
  bounds: Bounds,
  flags: Uint8Array | null,
  most: number,
): number[] {
  const [minX, minY, maxX, maxY] = bounds
  const { x, y, count } = points
  const found: number[] = []
  for (let row = 0; row < count && found.length < most; row++) {
    const atX = x[row] as number
    const atY = y[row] as number
    const hit = atX >= minX && atX <= maxX && atY >= minY && atY <= maxY
    if (hit && (flags === null || flags[row] === 1)) found.push(row)
  }
  return found
}

/** Say for each row, as 0 or 1, whether it lies in the shape. */
export function inside(points: MapPoints, shape: Shape): Uint8Array {
  const flags = new Uint8Array(points.count)
  const test = shape.type === 'polygon' ? polygonTest(shape) : null
  const [minX, minY, maxX, maxY] = shapeBounds(shape)
  const { x, y, count } = points
  for (let row = 0; row < count; row++) {
    const atX = x[row] as number
    const atY = y[row] as number
    if (atX >= minX && atX <= maxX && atY >= minY && atY <= maxY) {
      flags[row] = test === null || test(atX, atY) ? 1 : 0
    }
  }
  return flags
}

/**
 * Prepare the test of geometry.ts for many points.
 *
 * Edges are listed per horizontal band that they reach into, so that a point meets only those
 * whose heights are near its own; an edge of no other band can be crossed at that height.
 */
function polygonTest(polygon: Polygon): (x: number, y: number) => boolean {
  const [, low, , high] = shapeBounds(polygon)
  const perUnit = high > low ? BANDS / (high - low) : 0
  const bandOf = (y: number): number =>
    Math.min(Math.max(Math.floor((y - low) * perUnit), 0), BANDS - 1)
  const bands: number[][] = Array.from({ length: BANDS }, () => [])
  const { corners } = polygon
  corners.forEach(([bx, by], index) => {
    const [ax, ay] = corners.at(index - 1) ?? [bx, by]
    const from = bandOf(Math.min(ay, by))
    const to = bandOf(Math.max(ay, by))
    for (let band = from; band <= to; band++) bands[band]?.push(ax, ay, bx, by)
  })
  return (x, y) => holds(bands[bandOf(y)] ?? [], x, y)
}

function holds(edges: readonly number[], x: number, y: number): boolean {
  let odd = false
  for (let at = 0; at < edges.length; at += 4) {
    const ax = edges[at] as number
    const ay = edges[at + 1] as number
    const bx = edges[at + 2] as number
    const by = edges[at + 3] as number
    const cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    if (cross === 0 && isBetween(ax, x, bx) && isBetween(ay, y, by)) return true
    if (ay > y !== by > y && cross > 0 === by > ay) odd = !odd
  }
  return odd
}

function isBetween(end: number, value: number, other: number): boolean {
  return end < other ? value >= end && value <= other : value >= other && value <= end
}
