/** What a picture of the map is made of, and the order in which points are drawn. */

import type { Camera } from './camera'
import type { Rgb, Scheme } from './palette'
import type { Bounds } from './payload'

/** How one group of points looks. */
export interface Style {
  /** Diameter in CSS pixels. */
  readonly size: number
  readonly alpha: number
  /** Share of the colour that is taken out, 0 to 1. */
  readonly desaturate: number
  /** Share of the way to the background, 0 to 1. */
  readonly fade: number
}

/** Points of one style: a stretch of the draw order. */
export interface Group {
  readonly from: number
  readonly count: number
  readonly style: Style
}

export interface Scene {
  readonly camera: Camera
  readonly pixelRatio: number
  readonly surface: Rgb
  readonly scheme: Scheme
  readonly groups: readonly Group[]
  /** How many points lie on a pixel of the map on average. */
  readonly crowd: number
}

/** Draws scenes. Columns are set when they change, a scene for every picture. */
export interface Painter {
  /** Read the places of the points again: they have moved. */
  movePoints(): void
  /** Give the slots of the rows; see palette.ts. */
  setSlots(slots: Uint8Array<ArrayBuffer>): void
  /** Give the RGBA bytes of the slots. */
  setColours(colours: Uint8Array<ArrayBuffer>): void
  /** Give the order in which rows are drawn, the last on top. */
  setOrder(order: Uint32Array<ArrayBuffer>): void
  draw(scene: Scene): void
  dispose(): void
}

const ALPHA = 0.82
const HIT_GROWTH = 1.25

/** Diameter of a point on a map of `count` points, in CSS pixels. */
export function pointSize(count: number): number {
  if (count <= 2_000) return 6
  if (count <= 20_000) return 4
  return count <= 200_000 ? 3 : 2
}

/** How many points lie on each pixel of the map, on average, however far one has zoomed. */
export function crowdOf(count: number, bounds: Bounds, { scale }: Camera): number {
  const [minX, minY, maxX, maxY] = bounds
  const covered = count * (Math.PI / 4) * pointSize(count) ** 2
  const area = (maxX - minX) * (maxY - minY) * scale ** 2
  return area > 0 ? covered / area : 0
}

/** Points when nothing is picked out. */
export function plainStyle(size: number): Style {
  return { size, alpha: ALPHA, desaturate: 0, fade: 0 }
}

/** Points that are picked out. */
export function hitStyle(size: number): Style {
  return { size: size * HIT_GROWTH, alpha: 1, desaturate: 0, fade: 0 }
}

/** The others while a region is drawn: their hue stays, so that one sees what one leaves out. */
export function waitingStyle(size: number): Style {
  return { size, alpha: 0.34, desaturate: 0, fade: 0 }
}

/** The others once a filter applies. */
export function dimmedStyle(size: number): Style {
  return { size, alpha: 0.6, desaturate: 0.7, fade: 0.45 }
}

/** A permutation of `count` rows that is always the same, so that no class covers another. */
export function shuffledOrder(count: number, seed = 1): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length: count }, (_, row) => row)
  const random = mulberry32(seed)
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const row = order[last] as number
    order[last] = order[other] as number
    order[other] = row
  }
  return order
}

/** Sort rows by level, the highest last, keeping the order within each; count the rows of each. */
export function byLevel(
  order: Uint32Array,
  levels: Uint8Array,
  levelCount: number,
): { readonly order: Uint32Array<ArrayBuffer>; readonly counts: readonly number[] } {
  const counts = new Array<number>(levelCount).fill(0)
  for (const level of levels) counts[level] = (counts[level] ?? 0) + 1
  const next = counts.map((_, level) => counts.slice(0, level).reduce((sum, n) => sum + n, 0))
  const sorted = new Uint32Array(order.length)
  for (const row of order) {
    const level = levels[row] as number
    const at = next[level] as number
    sorted[at] = row
    next[level] = at + 1
  }
  return { order: sorted, counts }
}

/** A small random generator with a seed (Tommy Ettinger's mulberry32; public domain). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
