/**
 * Draws the map on a 2D canvas, for browsers without WebGL2: the server's picture of all points, and
 * single points, in their colours, where few are in view or some are picked out.
 */

import { type Camera, toScreen, viewOf } from './camera'
import type { Group, Painter, Scene, Style } from './drawing'
import { type Rgb, SLOTS, toCss } from './palette'
import type { MapPoints } from './payload'
import { rowsWithin } from './picking'
import type { Still, StillPictures } from './still'

/** Points that are drawn one by one: more take longer than a frame on a weak machine. */
const MOST_DRAWN = 1_500
/** How the picture of all looks behind points that are picked out. */
const BEHIND = 0.35

export class PicturePainter implements Painter {
  readonly #context: CanvasRenderingContext2D
  readonly #points: MapPoints
  readonly #stills: StillPictures
  #slots = new Uint8Array(0)
  #order = new Uint32Array(0)
  #colours = new Uint8Array(SLOTS * 4)

  constructor(context: CanvasRenderingContext2D, points: MapPoints, stills: StillPictures) {
    this.#context = context
    this.#points = points
    this.#stills = stills
  }

  movePoints(): void {
    // Places are read anew for each picture.
  }

  setSlots(slots: Uint8Array<ArrayBuffer>): void {
    this.#slots = slots
  }

  setOrder(order: Uint32Array<ArrayBuffer>): void {
    this.#order = order
  }

  setColours(colours: Uint8Array<ArrayBuffer>): void {
    this.#colours = colours
  }

  draw(scene: Scene): void {
    const context = this.#context
    const { width, height } = scene.camera
    context.setTransform(scene.pixelRatio, 0, 0, scene.pixelRatio, 0, 0)
    context.clearRect(0, 0, width, height)
    const inView = rowsWithin(this.#points, viewOf(scene.camera), null, MOST_DRAWN + 1)
    const many = inView.length > MOST_DRAWN
    const still = many ? this.#stills.of(scene.scheme) : null
    if (still === null) {
      for (const group of scene.groups) this.#drawGroup(group, scene)
      return
    }
    const picked = scene.groups.length > 1 ? scene.groups.at(-1) : undefined
    this.#drawStill(still, scene.camera, picked ? BEHIND : 1)
    if (picked) this.#drawGroup(picked, scene)
  }

  dispose(): void {
    this.#order = new Uint32Array(0)
  }

  #drawStill({ image, bounds }: Still, camera: Camera, alpha: number): void {
    const [left, top] = toScreen(camera, [bounds[0], bounds[3]])
    const [right, bottom] = toScreen(camera, [bounds[2], bounds[1]])
    this.#context.globalAlpha = alpha
    this.#context.drawImage(image, left, top, right - left, bottom - top)
  }

  /** Draw those points of a group that are in view, or as many of them as can be drawn quickly. */
  #drawGroup({ from, count, style }: Group, { camera, surface }: Scene): void {
    const context = this.#context
    const fills = this.#fills(style, surface)
    const [minX, minY, maxX, maxY] = viewOf(camera)
    context.globalAlpha = style.alpha
    let left = MOST_DRAWN
    // The order is shuffled: the first are a fair sample.
    for (let at = from; at < from + count && left > 0; at++) {
      const row = this.#order[at] as number
      const place = [this.#points.x[row] as number, this.#points.y[row] as number] as const
      if (place[0] < minX || place[0] > maxX || place[1] < minY || place[1] > maxY) continue
      const fill = fills[this.#slots[row] as number]
      if (!fill) continue
      const [x, y] = toScreen(camera, place)
      context.fillStyle = fill
      context.beginPath()
      context.arc(x, y, style.size / 2, 0, 2 * Math.PI)
      context.fill()
      left--
    }
  }

  /** The fill of each slot, or null where the slot is hidden. */
  #fills(style: Style, surface: Rgb): (string | null)[] {
    return Array.from({ length: SLOTS }, (_, slot) => {
      const [red = 0, green = 0, blue = 0, alpha = 0] = this.#colours.subarray(slot * 4)
      if (alpha === 0) return null
      const grey = 0.2126 * red + 0.7152 * green + 0.0722 * blue
      const channel = (own: number, behind: number): number => {
        const desaturated = own + (grey - own) * style.desaturate
        return Math.round(desaturated + (behind - desaturated) * style.fade)
      }
      return toCss([
        channel(red, surface[0]),
        channel(green, surface[1]),
        channel(blue, surface[2]),
      ])
    })
  }
}
