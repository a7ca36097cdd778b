/** The region while it is drawn and after: a selection that stands, and perhaps a draft of the next. */

import { type Camera, type ScreenPoint, toData } from './camera'
import { polygonOf, rectangleBetween, type Shape, simplifyLine } from './geometry'
import type { Tool } from './gestures'
import type { MapPoints } from './payload'
import { emptySelection, type Mode, type Selection, withShape } from './selection'

/** A lasso is thinned to so many corners, so that its filter fits into a link. */
const MOST_CORNERS = 80
const FINEST = 1
const COARSER = 1.4

export class Region {
  readonly #points: MapPoints
  #standing: Selection
  #draft: Selection | null = null

  constructor(points: MapPoints) {
    this.#points = points
    this.#standing = emptySelection(points)
  }

  /** What is to be shown: the draft while one draws. */
  get selection(): Selection {
    return this.#draft ?? this.#standing
  }

  /** Whether there is anything to show. */
  get present(): boolean {
    return this.selection.parts.length > 0
  }

  /** Show what a line would select. */
  draw(camera: Camera, tool: Tool, line: readonly ScreenPoint[], mode: Mode): void {
    const shape = shapeOf(camera, tool, line)
    if (shape) this.#draft = withShape(this.#points, this.#standing, shape, mode)
  }

  /** Select what a line holds. */
  commit(camera: Camera, tool: Tool, line: readonly ScreenPoint[], mode: Mode): void {
    const shape = shapeOf(camera, tool, line)
    if (shape) this.select(shape, mode)
    else this.cancel()
  }

  /** Select a shape. */
  select(shape: Shape, mode: Mode): void {
    this.#standing = withShape(this.#points, this.#standing, shape, mode)
    this.#draft = null
  }

  /** Drop the draft. */
  cancel(): void {
    this.#draft = null
  }

  /** Select nothing; say whether anything was. */
  clear(): boolean {
    const had = this.present
    this.#standing = emptySelection(this.#points)
    this.#draft = null
    return had
  }
}

/** The shape that a line on the screen stands for, or null where it has no area. */
export function shapeOf(camera: Camera, tool: Tool, line: readonly ScreenPoint[]): Shape | null {
  const first = line[0]
  const last = line.at(-1)
  if (first === undefined || last === undefined || line.length < 2) return null
  if (tool === 'rectangle') return rectangleBetween(toData(camera, first), toData(camera, last))
  let corners = simplifyLine(line, FINEST)
  for (let fineness = FINEST; corners.length > MOST_CORNERS; ) {
    fineness *= COARSER
    corners = simplifyLine(line, fineness)
  }
  return corners.length < 3 ? null : polygonOf(corners.map((corner) => toData(camera, corner)))
}
