/**
 * Where one looks at the map from. Pure arithmetic: a camera is a value, moving it gives another.
 *
 * Data coordinates have y upwards, screen coordinates (CSS pixels of the stage) y downwards. Both
 * axes share one scale, because distances on a map mean the same in every direction.
 */

import type { Bounds } from './payload'

export interface Camera {
  /** Data coordinates shown in the middle of the stage. */
  readonly x: number
  readonly y: number
  /** CSS pixels per data unit. */
  readonly scale: number
  /** Size of the stage in CSS pixels. */
  readonly width: number
  readonly height: number
}

export interface Padding {
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly left: number
}

export type ScreenPoint = readonly [x: number, y: number]
export type DataPoint = readonly [x: number, y: number]

/** How far one may zoom away from the whole map, and into it, as factors of the fitted scale. */
const FARTHEST = 0.4
const NEAREST = 4000

/** Scale for a map without extent: one point, or points that all lie on each other. */
const SCALE_WITHOUT_EXTENT = 40

/** Show all of `bounds` inside the padded stage, in the middle of what the padding leaves. */
export function fitTo(bounds: Bounds, width: number, height: number, padding: Padding): Camera {
  const scale = fittedScale(bounds, width, height, padding)
  const [minX, minY, maxX, maxY] = bounds
  return {
    x: (minX + maxX) / 2 + (padding.right - padding.left) / 2 / scale,
    y: (minY + maxY) / 2 + (padding.top - padding.bottom) / 2 / scale,
    scale,
    width,
    height,
  }
}

/** Move what is shown by a distance on the screen, as when it is dragged. */
export function pan(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.scale, y: camera.y + dy / camera.scale }
}

/** Zoom by `factor`, keeping what lies under the screen point `at` where it is. */
export function zoomAt(camera: Camera, at: ScreenPoint, factor: number): Camera {
  const [x, y] = toData(camera, at)
  const scale = camera.scale * factor
  return {
    ...camera,
    x: x - (at[0] - camera.width / 2) / scale,
    y: y + (at[1] - camera.height / 2) / scale,
    scale,
  }
}

/** Keep scale and middle of the view for a stage of another size. */
export function resize(camera: Camera, width: number, height: number): Camera {
  return { ...camera, width, height }
}

/** Put the data point into the middle of the stage. */
export function centreOn(camera: Camera, [x, y]: DataPoint): Camera {
  return { ...camera, x, y }
}

/** Keep the camera where something can be seen: within the bounds and a sensible scale. */
export function clamp(camera: Camera, bounds: Bounds, padding: Padding): Camera {
  const whole = fittedScale(bounds, camera.width, camera.height, padding)
  const scale = between(camera.scale, whole * FARTHEST, whole * NEAREST)
  const [minX, minY, maxX, maxY] = bounds
  // Half of the stage may be empty, as beside a legend.
  const slackX = camera.width / 4 / scale
  const slackY = camera.height / 4 / scale
  return {
    ...camera,
    scale,
    x: between(camera.x, minX - slackX, maxX + slackX),
    y: between(camera.y, minY - slackY, maxY + slackY),
  }
}

/** Data coordinates of a point on the screen. */
export function toData(camera: Camera, [x, y]: ScreenPoint): DataPoint {
  return [
    camera.x + (x - camera.width / 2) / camera.scale,
    camera.y - (y - camera.height / 2) / camera.scale,
  ]
}

/** Screen coordinates of a data point. */
export function toScreen(camera: Camera, [x, y]: DataPoint): ScreenPoint {
  return [
    (x - camera.x) * camera.scale + camera.width / 2,
    (camera.y - y) * camera.scale + camera.height / 2,
  ]
}

/** The part of the map that the stage shows. */
export function viewOf(camera: Camera): Bounds {
  const [minX, maxY] = toData(camera, [0, 0])
  const [maxX, minY] = toData(camera, [camera.width, camera.height])
  return [minX, minY, maxX, maxY]
}

/** CSS pixels per data unit at which all of `bounds` fits. */
function fittedScale(bounds: Bounds, width: number, height: number, padding: Padding): number {
  const [minX, minY, maxX, maxY] = bounds
  const roomX = Math.max(width - padding.left - padding.right, 1)
  const roomY = Math.max(height - padding.top - padding.bottom, 1)
  const scale = Math.min(roomX / (maxX - minX), roomY / (maxY - minY))
  return Number.isFinite(scale) ? scale : SCALE_WITHOUT_EXTENT
}

function between(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
