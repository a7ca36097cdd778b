/** What is drawn over the points: the region, its handles, rings around single points. */

import { type Camera, type DataPoint, type ScreenPoint, toScreen } from './camera'
import { svgElement } from './dom'
import type { Shape } from './geometry'
import type { Part } from './selection'

const HANDLE = 7
const HOVER_RING = 7
const QUERY_RING = 10
const FRESH_RING = 6

export interface Marks {
  /** Parts of the region, the last perhaps still being drawn. */
  readonly parts: readonly Part[]
  /** The corners of this rectangle can be dragged. */
  readonly handles: Shape | null
  readonly hovered: DataPoint | null
  readonly highlighted: readonly DataPoint[]
  /** Points that are new to the person. */
  readonly fresh?: readonly DataPoint[]
  /** Rings that draw attention for a moment. */
  readonly pulse: DataPoint | null
}

export class Overlay {
  readonly root = svgElement('svg', { class: 'map-overlay', 'aria-hidden': 'true' })

  /** Draw everything anew; there are few elements. */
  draw(camera: Camera, marks: Marks): void {
    this.root.setAttribute('viewBox', `0 0 ${camera.width} ${camera.height}`)
    this.root.replaceChildren(
      ...marks.parts.map((part) => region(camera, part)),
      ...handles(camera, marks.handles),
      ...(marks.fresh ?? []).flatMap((at) => ring(camera, at, FRESH_RING, 'map-ring map-fresh')),
      ...marks.highlighted.flatMap((at) => ring(camera, at, QUERY_RING, 'map-ring')),
      ...(marks.hovered ? ring(camera, marks.hovered, HOVER_RING, 'map-ring') : []),
      ...(marks.pulse ? ring(camera, marks.pulse, QUERY_RING, 'map-ring map-pulse') : []),
    )
  }
}

/** The corners of a rectangle on the screen: top left, top right, bottom right, bottom left. */
export function screenCorners(camera: Camera, shape: Shape): ScreenPoint[] {
  if (shape.type === 'polygon') return shape.corners.map((corner) => toScreen(camera, corner))
  const [minX, minY, maxX, maxY] = shape.bounds
  return [
    toScreen(camera, [minX, maxY]),
    toScreen(camera, [maxX, maxY]),
    toScreen(camera, [maxX, minY]),
    toScreen(camera, [minX, minY]),
  ]
}

function region(camera: Camera, { mode, shape }: Part): SVGElement {
  return svgElement('polygon', {
    class: mode === 'subtract' ? 'map-region map-region-minus' : 'map-region',
    points: pointList(screenCorners(camera, shape)),
  })
}

function handles(camera: Camera, shape: Shape | null): SVGElement[] {
  if (shape?.type !== 'rectangle') return []
  return screenCorners(camera, shape).map(([x, y]) =>
    svgElement('rect', {
      class: 'map-handle',
      x: String(x - HANDLE / 2),
      y: String(y - HANDLE / 2),
      width: String(HANDLE),
      height: String(HANDLE),
    }),
  )
}

function ring(camera: Camera, at: DataPoint, radius: number, name: string): SVGElement[] {
  const [x, y] = toScreen(camera, at)
  const place = { cx: String(x), cy: String(y), r: String(radius) }
  return [
    svgElement('circle', { ...place, class: 'map-halo' }),
    svgElement('circle', { ...place, class: name }),
  ]
}

function pointList(corners: readonly ScreenPoint[]): string {
  return corners.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
}
