/** Draws the points on a 2D canvas: a still picture for browsers without WebGL2. */

import { toScreen } from './camera'
import type { Group, Painter, Scene, Style } from './drawing'
import { type Rgb, SLOTS, toCss } from './palette'
import type { MapPoints } from './payload'

export class PicturePainter implements Painter {
  readonly #context: CanvasRenderingContext2D
  readonly #points: MapPoints
  #slots = new Uint8Array(0)
  #order = new Uint32Array(0)
  #colours = new Uint8Array(SLOTS * 4)

  constructor(context: CanvasRenderingContext2D, points: MapPoints) {
    this.#context = context
    this.#points = points
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
    context.setTransform(scene.pixelRatio, 0, 0, scene.pixelRatio, 0, 0)
    context.clearRect(0, 0, scene.camera.width, scene.camera.height)
    for (const group of scene.groups) this.#drawGroup(group, scene)
  }

  dispose(): void {
    this.#order = new Uint32Array(0)
  }

  #drawGroup({ from, count, style }: Group, { camera, surface }: Scene): void {
    const context = this.#context
    const fills = this.#fills(style, surface)
    context.globalAlpha = style.alpha
    for (let at = from; at < from + count; at++) {
      const row = this.#order[at] as number
      const fill = fills[this.#slots[row] as number]
      if (!fill) continue
      const point = [this.#points.x[row] as number, this.#points.y[row] as number] as const
      const [x, y] = toScreen(camera, point)
      context.fillStyle = fill
      context.beginPath()
      context.arc(x, y, style.size / 2, 0, 2 * Math.PI)
      context.fill()
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
