/**
 * The points of a finished map, put together from parts that never change.
 *
 * A part is a frame with the letters KPRT: columns x and y (float32) and `step` (uint32), whose
 * running sum is the ordinal. A bitmap over the rows of all parts says which are gone. Parts are
 * kept by their address, so that what is placed later is all that has to be loaded.
 */

import { number, PayloadError, parseColumns, parseHeader } from './frames'
import type { MapPoints } from './payload'
import { fetchBytes, getIfChanged } from './requests'

const VERSION = 1

/** What the server says a map consists of. */
interface Manifest {
  readonly reduction: string
  readonly mark: string
  readonly count: number
  readonly laid_out: number
  readonly seen: number
  readonly parts: readonly { readonly url: string; readonly count: number }[]
  readonly gone_url: string
}

export interface Part {
  readonly x: Float32Array
  readonly y: Float32Array
  readonly step: Uint32Array
}

/** A map, and from which ordinal on its points are new to the person. */
export interface LoadedMap {
  readonly points: MapPoints
  readonly newFrom: number
}

export class PartLoader {
  readonly #url: string
  #etag = ''
  #kept = new Map<string, Part>()

  constructor(url: string) {
    this.#url = url
  }

  /** The map as it is now; null when it has not changed since it was asked for last. */
  async load(signal: AbortSignal): Promise<LoadedMap | null> {
    const answer = await getIfChanged(this.#url, this.#etag, signal)
    if (answer === null) return null
    const manifest = (await answer.json()) as Manifest
    const urls = manifest.parts.map(({ url }) => url)
    const [gone, ...parts] = await Promise.all([
      manifest.gone_url ? fetchBytes(manifest.gone_url, signal) : null,
      ...urls.map((url) => this.#part(url, signal)),
    ])
    this.#kept = new Map(parts.map((part, index) => [urls[index] as string, part]))
    const points = assemble(manifest, parts, gone && new Uint8Array(gone))
    this.#etag = answer.headers.get('ETag') ?? ''
    return { points, newFrom: Math.max(manifest.laid_out, manifest.seen) }
  }

  /** Ask for everything again: somebody found that the points are others than they were. */
  forget(): void {
    this.#etag = ''
  }

  async #part(url: string, signal: AbortSignal): Promise<Part> {
    return this.#kept.get(url) ?? parsePart(await fetchBytes(url, signal))
  }
}

/** Read a part; throw PayloadError where the bytes break the format. */
export function parsePart(buffer: ArrayBuffer): Part {
  const header = parseHeader(buffer, 'KPRT')
  if (header.json.version !== VERSION) {
    throw new PayloadError('This page is older than the map. Reload it.')
  }
  const columns = parseColumns(buffer, header, number(header.json, 'count'))
  const [x, y, step] = [columns.get('x'), columns.get('y'), columns.get('step')]
  if (!(x instanceof Float32Array) || !(y instanceof Float32Array)) {
    throw new PayloadError('Columns x and y must be float32.')
  }
  if (!(step instanceof Uint32Array)) throw new PayloadError('Column step must be uint32.')
  if (step.subarray(1).includes(0)) throw new PayloadError('Ordinals do not ascend.')
  return { x, y, step }
}

/** Lay parts one after another and leave out what is gone. */
export function assemble(
  { reduction, mark, count }: Pick<Manifest, 'reduction' | 'mark' | 'count'>,
  parts: readonly Part[],
  gone: Uint8Array | null,
): MapPoints {
  const x = new Float32Array(count)
  const y = new Float32Array(count)
  const ordinals = new Uint32Array(count)
  let row = 0
  let at = 0
  for (const part of parts) {
    let ordinal = 0
    for (let index = 0; index < part.step.length; index++, row++) {
      ordinal += part.step[index] as number
      if (gone !== null && ((gone[row >> 3] ?? 0) >> (row & 7)) & 1) continue
      x[at] = part.x[index] as number
      y[at] = part.y[index] as number
      ordinals[at] = ordinal
      at++
    }
  }
  if (at !== count) throw new PayloadError('The parts of the map do not make it up. Reload it.')
  const [minX, maxX] = ends(x)
  const [minY, maxY] = ends(y)
  return { reduction, mark, count, bounds: [minX, minY, maxX, maxY], x, y, ordinal: ordinals }
}

/** The smallest and the largest of some numbers; zeros of none. */
function ends(values: Float32Array): [number, number] {
  let low = values[0] ?? 0
  let high = low
  for (const value of values) {
    if (value < low) low = value
    else if (value > high) high = value
  }
  return [low, high]
}
