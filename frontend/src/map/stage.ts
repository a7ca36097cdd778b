/** The surface that points are drawn on: canvas, size, camera, theme, and one picture per frame. */

import { type Camera, clamp, fit, type Padding, resize } from './camera'
import { type Colouring, plainColouring, slotColours } from './colouring'
import { element } from './dom'
import {
  type Group,
  hitStyle,
  hitsLast,
  type Painter,
  plainStyle,
  pointSize,
  type Style,
  shuffledOrder,
} from './drawing'
import { Overlay } from './overlay'
import type { MapPoints } from './payload'
import { PicturePainter } from './picture'
import { PointRenderer, webgl2 } from './renderer'
import { readTheme, type Theme, watchTheme } from './theme'

/** Room that the fitted map leaves: for the tools above, air elsewhere. */
const PADDING: Padding = { top: 56, right: 20, bottom: 20, left: 20 }

/** While the map moves, at most so many points are drawn; all of them once it rests. */
const MOVING_POINTS = 200_000
const REST = 150

export class Stage {
  readonly root = element('div', { class: 'map-surface' })
  readonly overlay = new Overlay()
  /** Whether this browser draws the live map; if not, it shows a still picture. */
  readonly live: boolean
  camera: Camera
  theme: Theme
  readonly #canvas = element('canvas', { class: 'map-canvas' })
  readonly #points: MapPoints
  readonly #painter: Painter
  readonly #shuffled: Uint32Array<ArrayBuffer>
  readonly #drawn: (camera: Camera) => void
  #colouring: Colouring
  #hidden: ReadonlySet<number> = new Set()
  #groups: readonly Group[]
  #frame = 0
  #rest = 0
  #moving = false
  #fitted = true

  /**
   * Build the surface inside `host`, where it has its size and colours at once.
   * @param drawn is called after every picture, to move what lies over it.
   */
  constructor(
    host: HTMLElement,
    points: MapPoints,
    drawn: (camera: Camera) => void,
    signal: AbortSignal,
  ) {
    this.#points = points
    this.#drawn = drawn
    this.root.append(this.#canvas, this.overlay.root)
    host.append(this.root)
    const gl = webgl2(this.#canvas)
    this.live = gl !== null
    this.#painter = gl
      ? new PointRenderer(gl, points, () => this.invalidate())
      : new PicturePainter(context2d(this.#canvas), points)
    this.theme = readTheme(this.#canvas)
    this.#shuffled = shuffledOrder(points.count)
    this.#colouring = plainColouring(points.count)
    this.#groups = this.#pickOut(null)
    this.colourBy(this.#colouring, this.#hidden)
    this.camera = fit(points.bounds, this.root.clientWidth, this.root.clientHeight, PADDING)
    this.#watchSize(signal)
    signal.addEventListener('abort', () => this.#dispose())
  }

  /** Call back after the theme changed and the points have their new colours. */
  onTheme(changed: () => void, signal: AbortSignal): void {
    const update = (): void => {
      this.theme = readTheme(this.#canvas)
      this.colourBy(this.#colouring, this.#hidden)
      changed()
    }
    watchTheme(update, signal)
  }

  /** Colour the points, but for those in hidden slots. */
  colourBy(colouring: Colouring, hidden: ReadonlySet<number>): void {
    if (colouring !== this.#colouring || this.#frame === 0) this.#painter.setSlots(colouring.slots)
    this.#colouring = colouring
    this.#hidden = hidden
    const { scheme, accent } = this.theme
    this.#painter.setColours(slotColours(colouring, scheme, accent, hidden))
    this.invalidate()
  }

  /** Draw the flagged points on top, and the others in the style given; null is no distinction. */
  pickOut(flags: Uint8Array | null, others: (size: number) => Style): void {
    this.#groups = this.#pickOut(flags, others)
    this.invalidate()
  }

  /** Move the camera, within what makes sense. */
  move(camera: Camera): void {
    this.camera = clamp(camera, this.#points.bounds, PADDING)
    this.#fitted = false
    this.#moving = this.#points.count > MOVING_POINTS
    window.clearTimeout(this.#rest)
    if (this.#moving) this.#rest = window.setTimeout(() => this.#settle(), REST)
    this.invalidate()
  }

  /** Show the whole map, and keep doing so when the size changes. */
  fit(): void {
    const { clientWidth: width, clientHeight: height } = this.root
    this.camera = fit(this.#points.bounds, width, height, PADDING)
    this.#fitted = true
    this.invalidate()
  }

  /** Draw with the next frame of the browser. */
  invalidate(): void {
    if (this.#frame !== 0) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      this.#draw()
    })
  }

  #settle(): void {
    this.#moving = false
    this.invalidate()
  }

  #pickOut(flags: Uint8Array | null, others: (size: number) => Style = plainStyle): Group[] {
    const size = pointSize(this.#points.count)
    const all = this.#points.count
    if (flags === null) {
      this.#painter.setOrder(this.#shuffled)
      return [{ from: 0, count: all, style: plainStyle(size) }]
    }
    const sorted = hitsLast(this.#shuffled, flags)
    this.#painter.setOrder(sorted.order)
    return [
      { from: 0, count: sorted.others, style: others(size) },
      { from: sorted.others, count: all - sorted.others, style: hitStyle(size) },
    ]
  }

  #draw(): void {
    // A hidden map has no size; the observer calls again when it is shown.
    if (this.camera.width === 0 || this.camera.height === 0) return
    const share = this.#moving ? MOVING_POINTS / this.#points.count : 1
    this.#painter.draw({
      camera: this.camera,
      pixelRatio: this.#canvas.width / this.camera.width,
      surface: this.theme.surface,
      // The order is shuffled: the first points of a group are a fair sample of it.
      groups: this.#groups.map((group) => ({ ...group, count: Math.ceil(group.count * share) })),
    })
    this.#drawn(this.camera)
  }

  #watchSize(signal: AbortSignal): void {
    const observer = new ResizeObserver(() => this.#resize())
    observer.observe(this.root)
    signal.addEventListener('abort', () => observer.disconnect())
    const watchRatio = (): void => {
      if (signal.aborted) return
      this.#resize()
      const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`)
      query.addEventListener('change', watchRatio, { once: true, signal })
    }
    watchRatio()
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.root
    this.#canvas.width = Math.round(width * devicePixelRatio)
    this.#canvas.height = Math.round(height * devicePixelRatio)
    if (this.#fitted) this.fit()
    else this.camera = resize(this.camera, width, height)
    // Setting its size has cleared the canvas: draw in this frame, lest it flash.
    this.#draw()
  }

  #dispose(): void {
    cancelAnimationFrame(this.#frame)
    window.clearTimeout(this.#rest)
    this.#painter.dispose()
  }
}

function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('This browser cannot draw on a canvas.')
  return context
}
