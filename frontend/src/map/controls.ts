/** What pointers and keys do on the map. */

import {
  type Camera,
  centreOn,
  type DataPoint,
  pan,
  type ScreenPoint,
  toData,
  toScreen,
  zoomAt,
} from './camera'
import { rectangleBetween } from './geometry'
import { Gestures, type GestureTarget, type Tool } from './gestures'
import type { Hover } from './hover'
import { type KeyTarget, listenForKeys } from './keyboard'
import { screenCorners } from './overlay'
import type { MapPoints } from './payload'
import { nearest } from './picking'
import type { Region } from './region'
import type { Mode } from './selection'
import type { Stage } from './stage'

/** Pixels around a point in which it is hovered, and around a handle in which it is held. */
const REACH = 10
/** A point closer to the edge than this is brought to the middle when one steps to it. */
const EDGE = 40

/** What the controls need of the map. */
export interface ControlsContext {
  readonly points: MapPoints
  readonly stage: Stage
  readonly region: Region
  readonly hover: Hover
  /** Rows that can be pointed at, or null for all. */
  pickable(): Uint8Array | null
  /** Rows to step through, in order. */
  steps(): Uint32Array
  /** The region changed, for good or as a draft. */
  regionChanged(final: boolean): void
  toolChanged(tool: Tool): void
  hovered(row: number): void
  /** One stepped to a row. */
  stepped(row: number, index: number, total: number): void
  open(row: number): void
  /** The row whose picture lies there, or -1, where the map shows pictures. */
  pictureAt?(at: ScreenPoint): number
  /** List the points of the region, where the map does so. */
  list?(): void
}

export class Controls implements GestureTarget, KeyTarget {
  readonly #context: ControlsContext
  readonly #gestures: Gestures
  #tool: Tool = 'pan'
  #row = -1

  constructor(context: ControlsContext, focusable: HTMLElement, signal: AbortSignal) {
    this.#context = context
    this.#gestures = new Gestures(context.stage.root, this, signal)
    listenForKeys(focusable, this, signal)
    const focus = (): void => focusable.focus({ preventScroll: true, focusVisible: false })
    context.stage.root.addEventListener('pointerdown', focus, { signal })
  }

  /** The row under the pointer or stepped to, or -1. */
  get row(): number {
    return this.#row
  }

  tool(): Tool {
    return this.#tool
  }

  setTool(tool: Tool): void {
    this.#gestures.abandon()
    this.#tool = tool
    this.#context.toolChanged(tool)
  }

  pan(dx: number, dy: number): void {
    this.#move(pan(this.#camera, dx, dy))
  }

  zoom(at: ScreenPoint, factor: number): void {
    this.#move(zoomAt(this.#camera, at, factor))
  }

  zoomBy(factor: number): void {
    this.zoom([this.#camera.width / 2, this.#camera.height / 2], factor)
  }

  fit(): void {
    this.#leave()
    this.#context.stage.fit()
  }

  anchorOf(at: ScreenPoint): ScreenPoint | null {
    const { parts } = this.#context.region.selection
    const shape = parts.length === 1 ? parts[0]?.shape : undefined
    if (this.#tool !== 'rectangle' || shape?.type !== 'rectangle') return null
    const corners = screenCorners(this.#camera, shape)
    const held = corners.findIndex(([x, y]) => Math.hypot(x - at[0], y - at[1]) <= REACH)
    return held === -1 ? null : (corners[(held + 2) % 4] ?? null)
  }

  draw(line: readonly ScreenPoint[], mode: Mode): void {
    this.#context.region.draw(this.#camera, this.#tool, line, mode)
    this.#context.regionChanged(false)
  }

  commit(line: readonly ScreenPoint[], mode: Mode): void {
    this.#context.region.commit(this.#camera, this.#tool, line, mode)
    this.#context.regionChanged(true)
  }

  cancel(): void {
    this.#context.region.cancel()
    this.#context.regionChanged(false)
  }

  click(at: ScreenPoint, touch: boolean): void {
    const row = this.#nearest(at)
    if (row === -1) {
      this.#leave()
      if (this.#tool !== 'pan') this.clear()
    } else if (touch && row !== this.#row) {
      // A finger cannot hover: its first tap shows the card, its second opens.
      this.#rest(row, 0)
    } else {
      this.#context.open(row)
    }
  }

  hover(at: ScreenPoint | null): void {
    const row = at === null ? -1 : this.#nearest(at)
    if (row === this.#row) return
    if (row === -1) this.#leave()
    else this.#rest(row)
  }

  step(direction: 1 | -1): void {
    const rows = this.#context.steps()
    if (rows.length === 0) return
    const at = rows.indexOf(this.#row)
    const start = direction === 1 ? -1 : 0
    const index = ((at === -1 ? start : at) + direction + rows.length) % rows.length
    const row = rows[index] as number
    this.goTo(row)
    this.#rest(row, 0)
    this.#context.stepped(row, index, rows.length)
  }

  /** Ring a point without its card, in the middle of the stage where it is out of view. */
  goTo(row: number): void {
    this.#leave()
    const [x, y] = toScreen(this.#camera, this.#place(row))
    const { width, height } = this.#camera
    if (x < EDGE || y < EDGE || x > width - EDGE || y > height - EDGE) {
      this.#context.stage.move(centreOn(this.#camera, this.#place(row)))
    }
    this.#row = row
    this.#context.hovered(row)
  }

  open(): void {
    if (this.#row !== -1) this.#context.open(this.#row)
  }

  toggle(): void {
    if (this.#row === -1) return
    const within = this.#context.region.selection.flags[this.#row] === 1
    this.include(this.#row, !within)
  }

  /** Take a point into the region, with what lies at its very place; or out of it. */
  include(row: number, within: boolean): void {
    const place = this.#place(row)
    this.#context.region.select(rectangleBetween(place, place), within ? 'add' : 'subtract')
    this.#context.regionChanged(true)
  }

  list(): void {
    if (this.#context.list === undefined) return
    if (!this.#context.region.present) this.selectView()
    this.#context.list()
  }

  selectView(): void {
    const { width, height } = this.#camera
    const corners = [toData(this.#camera, [0, 0]), toData(this.#camera, [width, height])] as const
    this.#context.region.select(rectangleBetween(...corners), 'replace')
    this.#context.regionChanged(true)
  }

  clear(): boolean {
    if (this.#gestures.abandon()) return true
    const had = this.#context.region.clear()
    if (had) this.#context.regionChanged(true)
    return had
  }

  get #camera(): Camera {
    return this.#context.stage.camera
  }

  #move(camera: Camera): void {
    this.#leave()
    this.#context.stage.move(camera)
  }

  #nearest(at: ScreenPoint): number {
    const row = nearest(this.#context.points, this.#camera, at, REACH, this.#context.pickable())
    return row === -1 ? (this.#context.pictureAt?.(at) ?? -1) : row
  }

  #rest(row: number, delay?: number): void {
    this.#row = row
    const ordinal = this.#context.points.ordinal[row] as number
    this.#context.hover.rest(ordinal, () => toScreen(this.#camera, this.#place(row)), delay)
    this.#context.hovered(row)
  }

  #leave(): void {
    if (this.#row === -1) return
    this.#row = -1
    this.#context.hover.leave()
    this.#context.hovered(-1)
  }

  #place(row: number): DataPoint {
    const { x, y } = this.#context.points
    return [x[row] as number, y[row] as number]
  }
}
