/**
 * Pictures in the place of points, where one has zoomed in so far that few are in view.
 *
 * They lie between the points and the overlay, take no part in pointing and are no stops of the
 * keyboard: they are how a point looks from near by.
 */

import { type Camera, type ScreenPoint, toScreen, viewOf } from './camera'
import type { PointCard } from './card'
import { MOST_CARDS } from './cards'
import { element } from './dom'
import { toCss } from './palette'
import type { MapPoints } from './payload'
import { rowsWithin } from './picking'
import type { Stage } from './stage'

/** Points in view up to which they have pictures. */
const MOST = 200
/** How much nearer than the whole map one has to be, as a factor. */
const NEAR = 1.5
/** Sides in CSS pixels, and the share of a point's room that its picture takes. */
const SMALLEST = 28
const LARGEST = 72
const FILLED = 0.7
/** How long the camera rests before pictures are asked for, in milliseconds. */
const AT_REST = 200
const REMEMBERED = 2_000

export interface ThumbnailsTarget {
  readonly stage: Pick<Stage, 'zoom' | 'colourOf'>
  /** Rows that can be pointed at; null for all. */
  pickable(): Uint8Array | null
  /** Rows that are picked out, where any are: the others are dimmed. */
  hits(): Uint8Array | null
  cards(ordinals: readonly number[]): Promise<readonly PointCard[]>
}

export class Thumbnails {
  readonly root = element('div', { class: 'map-thumbs', 'aria-hidden': 'true' })
  readonly #points: MapPoints
  readonly #target: ThumbnailsTarget
  /** Addresses of pictures by row; '' where there is none. */
  readonly #known = new Map<number, string>()
  #shown = new Map<number, HTMLImageElement>()
  #side = SMALLEST
  #camera: Camera | null = null
  #timer = 0
  #asked = 0

  constructor(points: MapPoints, target: ThumbnailsTarget, signal: AbortSignal) {
    this.#points = points
    this.#target = target
    signal.addEventListener('abort', () => window.clearTimeout(this.#timer))
  }

  /** The points were drawn: pictures go along, and are chosen anew once the camera rests. */
  follow(camera: Camera): void {
    for (const [row, image] of this.#shown) this.#place(row, image, camera)
    if (this.#camera !== null && isSame(this.#camera, camera)) return
    this.#camera = camera
    window.clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => void this.#choose(camera), AT_REST)
  }

  /** Colours, filter or region are others now. */
  refresh(): void {
    if (this.#camera) void this.#choose(this.#camera)
  }

  /** The row whose picture lies at a place of the stage, or -1. */
  rowAt([x, y]: ScreenPoint): number {
    const camera = this.#camera
    if (camera === null) return -1
    for (const row of this.#shown.keys()) {
      const [atX, atY] = toScreen(camera, this.#at(row))
      if (Math.max(Math.abs(atX - x), Math.abs(atY - y)) <= this.#side / 2) return row
    }
    return -1
  }

  async #choose(camera: Camera): Promise<void> {
    const asked = ++this.#asked
    const rows = this.#inView(camera)
    await this.#learn(rows)
    // The camera went on meanwhile, or another choice came after this one.
    if (asked !== this.#asked || camera !== this.#camera) return
    const room = Math.sqrt((camera.width * camera.height) / Math.max(rows.length, 1))
    this.#side = Math.min(Math.max(Math.round(room * FILLED), SMALLEST), LARGEST)
    this.root.style.setProperty('--side', `${this.#side}px`)
    const hits = this.#target.hits()
    const before = this.#shown
    this.#shown = new Map()
    for (const row of this.#apart(rows, camera)) {
      const image = before.get(row) ?? this.#image(row)
      this.#shown.set(row, image)
      this.#place(row, image, camera)
      image.style.setProperty('--dot', toCss(this.#target.stage.colourOf(row)))
      image.classList.toggle('is-dimmed', hits !== null && hits[row] !== 1)
    }
    // Those that stay are left where they are: a picture that is taken out and put in flickers.
    for (const [row, image] of before) if (!this.#shown.has(row)) image.remove()
    for (const image of this.#shown.values()) if (!image.isConnected) this.root.append(image)
  }

  /** Rows in view that can be pointed at; none where they are too many, or all of the map. */
  #inView(camera: Camera): readonly number[] {
    if (this.#target.stage.zoom < NEAR) return []
    const found = rowsWithin(this.#points, viewOf(camera), this.#target.pickable(), MOST + 1)
    return found.length > MOST ? [] : found
  }

  /** Those rows with pictures that do not lie over each other; who has one keeps it. */
  #apart(rows: readonly number[], camera: Camera): number[] {
    const taken: ScreenPoint[] = []
    const kept = rows.filter((row) => this.#shown.has(row))
    const others = rows.filter((row) => !this.#shown.has(row))
    return [...kept, ...others].filter((row) => {
      if (!this.#known.get(row)) return false
      const [x, y] = toScreen(camera, this.#at(row))
      const free = taken.every(
        ([otherX, otherY]) => Math.max(Math.abs(otherX - x), Math.abs(otherY - y)) >= this.#side,
      )
      if (free) taken.push([x, y])
      return free
    })
  }

  async #learn(rows: readonly number[]): Promise<void> {
    const unknown = rows.filter((row) => !this.#known.has(row))
    const { ordinal } = this.#points
    for (let first = 0; first < unknown.length; first += MOST_CARDS) {
      const some = unknown.slice(first, first + MOST_CARDS)
      const cards = await this.#target.cards(some.map((row) => ordinal[row] as number))
      const pictures = new Map(cards.map((card) => [card.ordinal, card.thumbnail]))
      for (const row of some) this.#known.set(row, pictures.get(ordinal[row] as number) ?? '')
    }
    for (const row of this.#known.keys()) {
      if (this.#known.size <= REMEMBERED) break
      this.#known.delete(row)
    }
  }

  #image(row: number): HTMLImageElement {
    const src = this.#known.get(row) ?? ''
    const image = element('img', { class: 'map-thumb', src, alt: '', decoding: 'async' })
    // What cannot be shown is a point again.
    image.addEventListener('error', () => {
      this.#known.set(row, '')
      this.#shown.delete(row)
      image.remove()
    })
    return image
  }

  #place(row: number, image: HTMLImageElement, camera: Camera): void {
    const [x, y] = toScreen(camera, this.#at(row))
    const half = this.#side / 2
    image.style.setProperty('translate', `${(x - half).toFixed(1)}px ${(y - half).toFixed(1)}px`)
  }

  #at(row: number): ScreenPoint {
    return [this.#points.x[row] as number, this.#points.y[row] as number]
  }
}

function isSame(one: Camera, other: Camera): boolean {
  const names = ['x', 'y', 'scale', 'width', 'height'] as const
  return names.every((name) => one[name] === other[name])
}
