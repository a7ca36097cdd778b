/** The surface that points are drawn on: canvas, size, camera, theme, and one picture per frame. */

import { type Camera, clamp, fitTo, type Padding, resize } from './camera'
import type { Box } from './card'
import { type Colouring, plainColouring, slotColours } from './colouring'
import { element } from './dom'
import {
  byLevel,
  crowdOf,
  dimmedStyle,
  type Group,
  hitStyle,
  type Painter,
  plainStyle,
  pointSize,
  shuffledOrder,
  waitingStyle,
} from './drawing'
import { fitClearOf } from './fitting'
import { Overlay } from './overlay'
import type { Rgb, Theme } from './palette'
import type { MapPoints } from './payload'
import { PicturePainter } from './picture'
import { RenderError } from './programs'
import { PointRenderer, webgl2 } from './renderer'
import { StillPictures } from './still'
import { readTheme, watchTheme } from './theme'
import type { Place } from './view-state'

/** Room that the fitted map leaves: for the tools above, air elsewhere. */
const PADDING: Padding = { top: 56, right: 20, bottom: 20, left: 20 }
/** How much a point matters now: what a filter leaves out, what a region leaves out, hits. */
export const LEVEL = { filteredOut: 0, waiting: 1, hit: 2 } as const

/** While the map moves, at most so many points are drawn; all of them once it rests. */
const MOVING_POINTS = 200_000
const REST = 150

export class Stage {
  readonly root = element('div', { class: 'map-surface' })
  readonly overlay = new Overlay()
  /** Why there is only a still picture; null where the map is live. */
  readonly problem: string | null
  camera: Camera
  theme: Theme
  readonly #canvas: HTMLCanvasElement
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
  #obstacle: Element | null = null

  /**
   * Build the surface inside `host`, where it has its size and colours at once.
   * @param drawn is called after every picture, to move what lies over it.
   * @param pictureUrl where the server has a picture of the points; empty where it has none.
   */
  constructor(
    host: HTMLElement,
    points: MapPoints,
    drawn: (camera: Camera) => void,
    signal: AbortSignal,
    pictureUrl = '',
  ) {
    this.#points = points
    this.#drawn = drawn
    const redraw = (): void => this.invalidate()
    const stills = new StillPictures(pictureUrl, points.mark, redraw, signal)
    const { canvas, painter, problem } = choosePainter(points, stills, redraw)
    this.#canvas = canvas
    this.#painter = painter
    this.problem = problem
    this.root.append(canvas, this.overlay.root)
    host.append(this.root)
    this.theme = readTheme(this.#canvas)
    this.#shuffled = shuffledOrder(points.count)
    this.#colouring = plainColouring(points.count)
    this.#groups = this.#order(null)
    this.#painter.setSlots(this.#colouring.slots)
    this.colourBy(this.#colouring, this.#hidden)
    const { clientWidth: width, clientHeight: height } = this.root
    this.camera = fitTo(points.bounds, width, height, PADDING)
    this.#measure()
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
    if (colouring !== this.#colouring) this.#painter.setSlots(colouring.slots)
    this.#colouring = colouring
    this.#hidden = hidden
    this.#painter.setColours(slotColours(colouring, this.theme, hidden))
    this.invalidate()
  }

  /** Give every row its level, the highest drawn on top; null draws all points alike. */
  pickOut(levels: Uint8Array | null): void {
    this.#groups = this.#order(levels)
    this.invalidate()
  }

  /** Where the camera is; null while the whole map is in view. */
  get place(): Place | null {
    if (this.#fitted) return null
    const { x, y, scale } = this.camera
    return { x, y, scale }
  }

  /** How much nearer one is than where the whole map is in view, as a factor. */
  get zoom(): number {
    const { width, height, scale } = this.camera
    return scale / fitTo(this.#points.bounds, width, height, PADDING).scale
  }

  /** The colour of a row. */
  colourOf(row: number): Rgb {
    return this.#colouring.colour(this.theme, this.#colouring.slots[row] as number)
  }

  /** Draw the points where they are now; the whole map stays in view if one has not moved it. */
  pointsMoved(): void {
    this.#painter.movePoints()
    this.refit()
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
    this.camera = fitClearOf(this.#points, width, height, PADDING, this.#obstacleBox())
    this.#fitted = true
    this.invalidate()
  }

  /** Keep the whole map clear of what lies in the top right corner, from now on. */
  avoid(obstacle: Element): void {
    this.#obstacle = obstacle
    this.refit()
  }

  /** Show the whole map anew if one has not moved it: the obstacle has another size. */
  refit(): void {
    if (this.#fitted) this.fit()
  }

  /** Draw with the next frame of the browser. */
  invalidate(): void {
    if (this.#frame !== 0) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      this.#draw()
    })
  }

  /** Where the obstacle is, in the coordinates of the stage. */
  #obstacleBox(): Box | null {
    if (this.#obstacle === null) return null
    const stage = this.root.getBoundingClientRect()
    const box = this.#obstacle.getBoundingClientRect()
    return {
      left: box.left - stage.left,
      top: box.top - stage.top,
      right: box.right - stage.left,
      bottom: box.bottom - stage.top,
    }
  }

  #settle(): void {
    this.#moving = false
    this.invalidate()
  }

  #order(levels: Uint8Array | null): Group[] {
    const size = pointSize(this.#points.count)
    if (levels === null) {
      this.#painter.setOrder(this.#shuffled)
      return [{ from: 0, count: this.#points.count, style: plainStyle(size) }]
    }
    const styles = [dimmedStyle(size), waitingStyle(size), hitStyle(size)]
    const sorted = byLevel(this.#shuffled, levels, styles.length)
    this.#painter.setOrder(sorted.order)
    let from = 0
    return styles.map((style, level) => {
      const count = sorted.counts[level] ?? 0
      from += count
      return { from: from - count, count, style }
    })
  }

  #draw(): void {
    // A hidden map has no size; the observer calls again when it is shown.
    if (this.camera.width === 0 || this.camera.height === 0) return
    const share = this.#moving ? MOVING_POINTS / this.#points.count : 1
    this.#painter.draw({
      camera: this.camera,
      pixelRatio: this.#canvas.width / this.camera.width,
      surface: this.theme.surface,
      scheme: this.theme.scheme,
      crowd: crowdOf(this.#points.count * share, this.#points.bounds, this.camera),
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
      const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`)
      const changed = (): void => {
        this.#resize()
        watchRatio()
      }
      query.addEventListener('change', changed, { once: true, signal })
    }
    watchRatio()
  }

  #resize(): void {
    this.#measure()
    // Setting its size has cleared the canvas: draw in this frame, lest it flash.
    this.#draw()
  }

  #measure(): void {
    const { clientWidth: width, clientHeight: height } = this.root
    this.#canvas.width = Math.round(width * devicePixelRatio)
    this.#canvas.height = Math.round(height * devicePixelRatio)
    if (this.#fitted) this.fit()
    else this.camera = resize(this.camera, width, height)
  }

  #dispose(): void {
    cancelAnimationFrame(this.#frame)
    window.clearTimeout(this.#rest)
    this.#painter.dispose()
  }
}

interface Painting {
  readonly canvas: HTMLCanvasElement
  readonly painter: Painter
  readonly problem: string | null
}

/** The live renderer where the browser has WebGL2, else a still picture and the reason. */
function choosePainter(points: MapPoints, stills: StillPictures, restored: () => void): Painting {
  const canvas = element('canvas', { class: 'map-canvas' })
  let problem =
    'This browser cannot draw the live map. Showing a picture of it: zoom in for points and colours.'
  try {
    const gl = webgl2(canvas)
    if (gl) return { canvas, painter: new PointRenderer(gl, points, restored), problem: null }
  } catch (error) {
    if (!(error instanceof RenderError)) throw error
    problem = `${problem} ${error.message}`
  }
  // A canvas that once gave a WebGL context gives no other: the picture needs its own.
  const still = element('canvas', { class: 'map-canvas' })
  const context = still.getContext('2d')
  if (context === null) throw new RenderError('This browser cannot draw on a canvas.')
  return { canvas: still, painter: new PicturePainter(context, points, stills), problem }
}
