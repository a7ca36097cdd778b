/** Shows the whole map without hiding points behind what floats over its top right corner. */

import { type Camera, fitTo, type Padding, toData } from './camera'
import type { Box } from './card'
import type { MapPoints } from './payload'

/** Share of the points that may lie behind the obstacle. */
const BEHIND = 0.002
/** Steps from ignoring the obstacle to keeping off it altogether. */
const STEPS = [0, 0.2, 0.4, 0.6, 0.8, 1]
/** Between points and obstacle. */
const AIR = 12

/** The nearest camera that shows all points, with next to none of them behind the obstacle. */
export function fitClearOf(
  points: MapPoints,
  width: number,
  height: number,
  padding: Padding,
  obstacle: Box | null,
): Camera {
  const fitted = (to: Padding): Camera => fitTo(points.bounds, width, height, to)
  if (obstacle === null) return fitted(padding)
  const right = Math.max(padding.right, width - obstacle.left + AIR)
  const top = Math.max(padding.top, obstacle.bottom + AIR)
  const cameras = STEPS.flatMap((step) => [
    fitted({ ...padding, top: padding.top + (top - padding.top) * step }),
    fitted({ ...padding, right: padding.right + (right - padding.right) * step }),
  ])
  cameras.sort((one, other) => other.scale - one.scale)
  const most = points.count * BEHIND
  return cameras.find((camera) => behind(points, camera, obstacle) <= most) ?? fitted(padding)
}

/** Number of points behind a box of the screen. */
function behind({ x, y, count }: MapPoints, camera: Camera, box: Box): number {
  const [minX, maxY] = toData(camera, [box.left, box.top])
  const [maxX, minY] = toData(camera, [box.right, box.bottom])
  let found = 0
  for (let row = 0; row < count; row++) {
    const atX = x[row] as number
    const atY = y[row] as number
    if (atX >= minX && atX <= maxX && atY >= minY && atY <= maxY) found++
  }
  return found
}
