/**
 * How one looks at a map: what a new picture of it takes over, and what a link keeps.
 *
 *     #map=f7f2fc8b,12.3456,-4.5,88.2,lasso,metadata.label
 *
 * Beginning of the map's id, middle of the stage in data coordinates, CSS pixels per data unit, tool,
 * field of the colours; the numbers are empty while the whole map is shown.
 */

import { partOf, writePart } from '../address'
import type { Tool } from './gestures'

const TOOLS: readonly Tool[] = ['pan', 'rectangle', 'lasso']

/** Where a camera is, whatever the size of its stage. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly scale: number
}

export interface Look {
  /** Beginning of the id of the map whose coordinates the place is in. */
  readonly map: string
  /** null while the whole map is in view. */
  readonly place: Place | null
  readonly tool: Tool
  /** Null where the link does not say. */
  readonly field: string | null
}

/** What a look calls a map. */
export function shortId(reduction: string): string {
  return reduction.slice(0, 8)
}

/** Read a look from the fragment of an address; null when it names none. */
export function readLook(hash: string): Look | null {
  const text = partOf(hash, 'map')
  if (text === '') return null
  const [map = '', x = '', y = '', scale = '', tool = '', field] = text.split(',')
  const place = { x: Number(x), y: Number(y), scale: Number(scale) }
  const placed = x !== '' && y !== '' && Object.values(place).every(Number.isFinite)
  return {
    map,
    place: placed && place.scale > 0 ? place : null,
    tool: TOOLS.find((known) => known === tool) ?? 'pan',
    field: field === undefined ? null : decodeURIComponent(field),
  }
}

/** A look as a part of the fragment; empty when there is nothing to say. */
export function writeLook({ map, place, tool, field }: Look, firstField: string): string {
  const plain = field === null || field === firstField
  if (place === null && tool === 'pan' && plain) return ''
  const numbers = place ? [place.x, place.y, place.scale].map(short) : ['', '', '']
  const colours = plain ? [] : [encodeURIComponent(field)]
  return [map, ...numbers, tool, ...colours].join(',')
}

/** What a map says in the address: how one looks at it, and the region. */
export interface Address {
  readonly look: string
  readonly region: string
}

/** Keep the address in step: `said` is read a moment after each change; null changes nothing. */
export function keepInAddress(said: () => Address | null, signal: AbortSignal): () => void {
  let timer = 0
  const write = (): void => {
    const now = said()
    if (now === null) return
    writePart('map', now.look)
    writePart('region', now.region)
  }
  const soon = (): void => {
    window.clearTimeout(timer)
    timer = window.setTimeout(write, PAUSE)
  }
  signal.addEventListener('abort', () => window.clearTimeout(timer))
  return soon
}

const PAUSE = 300

function short(value: number): string {
  return String(Number(value.toPrecision(7)))
}
