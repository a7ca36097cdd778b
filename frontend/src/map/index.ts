/**
 * The live map of a root folder and embedding key.
 *
 *     const map = mountMap(host)                     // reads data attributes, see settings.ts
 *     map.on('region', ({ filter }) => …)            // "Filter to selection" was pressed
 *     await map.showOnly(maskUrl)                    // dims what the mask leaves out
 *
 * The host carries `data-ready` once everything asked for is drawn, and `aria-busy` until then.
 */

import '../styles/map.css'
import { icon } from '../icon'
import { unpackBits } from './bits'
import { type Colouring, colouringOf, plainColouring } from './colouring'
import { element } from './dom'
import type { Emit, MapEvents } from './events'
import { follow } from './forming'
import { LiveMap } from './live-map'
import {
  type ColourColumn,
  type MapPoints,
  PayloadError,
  parseColours,
  parsePoints,
} from './payload'
import { RenderError } from './renderer'
import { fetchBytes, RequestError } from './requests'
import { type MapSettings, readSettings, withQuery } from './settings'

/** Points that change faster than they load are not waited for. */
const MOST_RELOADS = 3

export type { PointCard } from './card'
export type { MapEvents, RegionDetail, SelectionDetail } from './events'
export type { FilterTree } from './selection'

/** Makes a column of the map's rows, from masks at addresses of the server. */
export type ColourMaker = (
  maskOf: (maskUrl: string) => Promise<Uint8Array>,
) => Promise<ColourColumn>

/** Mount the map into its host; it loads by itself. */
export function mountMap(host: HTMLElement): MapView {
  return new MapView(host, readSettings(host))
}

export class MapView {
  readonly #host: HTMLElement
  readonly #settings: MapSettings
  readonly #events = new EventTarget()
  readonly #closing = new AbortController()
  readonly #colourings = new Map<string, Colouring>()
  #map: Promise<LiveMap | null>
  #loading = new AbortController()
  #masking = new AbortController()
  #maskUrl = ''
  #field = ''
  #own: ColourMaker | null = null
  #busy = 0
  #reloads = 0

  constructor(host: HTMLElement, settings: MapSettings) {
    this.#host = host
    this.#settings = settings
    this.#map = this.#load()
    if (settings.colour) void this.#colourAtFirst(settings.colour)
  }

  /** Call back when the map has something to tell. */
  on<Name extends keyof MapEvents>(name: Name, listener: (detail: MapEvents[Name]) => void): void {
    this.#events.addEventListener(name, (event) => {
      listener((event as CustomEvent<MapEvents[Name]>).detail)
    })
  }

  /** Dim all points but those of the mask at an address; '' is no mask. The last call wins. */
  async showOnly(maskUrl: string): Promise<void> {
    this.#maskUrl = maskUrl
    this.#masking.abort()
    this.#masking = new AbortController()
    const signal = AbortSignal.any([this.#masking.signal, this.#closing.signal])
    await this.#whileBusy(async (map) => {
      try {
        map.setMask(maskUrl ? await this.#mask(map, maskUrl, signal) : null)
      } catch (error) {
        // Without an answer nothing is dimmed: the old mask would tell of an old filter.
        if (!signal.aborted) map.setMask(null)
        throw error
      }
    }, signal)
  }

  /** Colour by a field of the server; '' is none. The last call wins. */
  async colourBy(field: string): Promise<void> {
    this.#field = field
    this.#own = null
    const { signal } = this.#closing
    await this.#whileBusy(async (map) => {
      const colouring = await this.#colouring(map, field)
      if (this.#field === field) map.setColouring(field, colouring)
    }, signal)
  }

  /** Colour by a field that nobody chose: not if it would only say that there are no values. */
  async #colourAtFirst(field: string): Promise<void> {
    const { signal } = this.#closing
    await this.#whileBusy(async (map) => {
      const colouring = await this.#colouring(map, field)
      if (this.#field !== '' || colouring.blank) return
      this.#field = field
      map.setColouring(field, colouring)
    }, signal)
  }

  /** Colour by a column that the page makes, anew whenever the rows of the map have changed. */
  async setColours(make: ColourMaker): Promise<void> {
    this.#field = ''
    this.#own = make
    const { signal } = this.#closing
    await this.#whileBusy(async (map) => {
      const column = await make((maskUrl) => this.#mask(map, maskUrl, signal))
      if (this.#own === make) map.setColouring('', colouringOf(column))
    }, signal)
  }

  /** Ring these points, as the examples of a search. */
  async setHighlight(ordinals: Iterable<number>): Promise<void> {
    const map = await this.#map
    map?.setHighlight(ordinals)
  }

  /** Bring a point to the middle and draw attention to it; say whether it is on this map. */
  async reveal(ordinal: number): Promise<boolean> {
    const map = await this.#map
    return map?.reveal(ordinal) ?? false
  }

  /** Drop the region. */
  async clearRegion(): Promise<void> {
    const map = await this.#map
    map?.clearRegion()
  }

  /** Stop listening and give back what the graphics hold. The host may be mounted anew. */
  dispose(): void {
    this.#closing.abort()
    delete this.#host.dataset.ready
  }

  async #load(): Promise<LiveMap | null> {
    const { payloadUrl, formingUrl, embedding, upgradeUrl } = this.#settings
    if (formingUrl) return this.#form(formingUrl)
    if (!payloadUrl) {
      this.#host.replaceChildren(noMap(embedding, upgradeUrl))
      this.#host.dataset.ready = ''
      return null
    }
    this.#enter()
    this.#loading.abort()
    this.#loading = new AbortController()
    const signal = AbortSignal.any([this.#loading.signal, this.#closing.signal])
    try {
      return this.#draw(parsePoints(await fetchBytes(payloadUrl, signal)), signal)
    } catch (error) {
      this.#fail(error, signal)
      return null
    } finally {
      this.#leave()
    }
  }

  /** The map of a computation under way, once it has points. */
  #form(url: string): Promise<LiveMap | null> {
    const signal = this.#closing.signal
    const waiting = element('p', { class: 'map-waiting', role: 'status' }, 'Waiting for a worker')
    this.#host.replaceChildren(waiting)
    let map: LiveMap | null = null
    let told: readonly [string, number | null] = ['', null]
    return new Promise((resolve) => {
      const target = {
        isHeld: () => map?.isHeld ?? false,
        moved: (points: MapPoints) => {
          if (map?.movePoints(points)) return
          const first = map === null
          map = this.#draw(points, signal)
          map.tellProgress(...told)
          if (first) resolve(map)
          else this.#replace(map)
        },
        told: (step: string, percent: number | null) => {
          told = [step, percent]
          if (step) waiting.textContent = step
          map?.tellProgress(step, percent)
        },
        over: () => {
          resolve(map)
          this.#emit('formed', {})
        },
      }
      follow(url, target, signal).catch((error: unknown) => {
        resolve(map)
        this.#fail(error, signal)
      })
    })
  }

  /** Units came or went: rows are others now. */
  #replace(map: LiveMap): void {
    this.#map = Promise.resolve(map)
    this.#colourings.clear()
    void this.showOnly(this.#maskUrl)
    void this.colourBy(this.#field)
  }

  readonly #emit: Emit = (name, detail) => {
    this.#events.dispatchEvent(new CustomEvent(name, { detail }))
  }

  #draw(points: MapPoints, signal: AbortSignal): LiveMap {
    return new LiveMap(this.#host, {
      points,
      settings: this.#settings,
      emit: this.#emit,
      colourBy: (field) => {
        this.#emit('colour', { field })
        void this.colourBy(field)
      },
      signal,
      failed: (error) => this.#fail(error, signal),
    })
  }

  async #mask(map: LiveMap, maskUrl: string, signal: AbortSignal): Promise<Uint8Array> {
    const url = withQuery(maskUrl, { mark: map.points.mark })
    return unpackBits(new Uint8Array(await fetchBytes(url, signal)), map.points.count)
  }

  async #colouring(map: LiveMap, field: string): Promise<Colouring> {
    if (!field) return plainColouring(map.points.count)
    const known = this.#colourings.get(field)
    if (known) return known
    const url = withQuery(this.#settings.coloursUrl, { field, mark: map.points.mark })
    const column = parseColours(await fetchBytes(url, this.#closing.signal), map.points.count)
    const colouring = colouringOf(column)
    this.#colourings.set(field, colouring)
    return colouring
  }

  async #whileBusy(work: (map: LiveMap) => Promise<void>, signal: AbortSignal): Promise<void> {
    this.#enter()
    try {
      const map = await this.#map
      if (map) await work(map)
      this.#reloads = 0
    } catch (error) {
      const changed = error instanceof RequestError && error.code === 'map_changed'
      if (changed && !signal.aborted && this.#reloads < MOST_RELOADS) this.#reload()
      else this.#fail(error, signal)
    } finally {
      this.#leave()
    }
  }

  /** Points came or went since the map was loaded: its rows are no longer the server's. */
  #reload(): void {
    this.#reloads++
    this.#colourings.clear()
    this.#map = this.#load()
    void this.showOnly(this.#maskUrl)
    void (this.#own ? this.setColours(this.#own) : this.colourBy(this.#field))
  }

  #enter(): void {
    this.#busy++
    this.#host.setAttribute('aria-busy', 'true')
    delete this.#host.dataset.ready
  }

  #leave(): void {
    this.#busy--
    if (this.#busy > 0) return
    this.#host.removeAttribute('aria-busy')
    // Two frames on, what was asked for is on the screen.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (this.#busy === 0 && !this.#closing.signal.aborted) this.#host.dataset.ready = ''
      }),
    )
  }

  #fail(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return
    const known = [RequestError, PayloadError, RenderError].some((kind) => error instanceof kind)
    if (!known) throw error
    this.#host.querySelector('.map-error')?.remove()
    const words = `The map is not complete. ${(error as Error).message}`
    this.#host.append(element('p', { class: 'map-error', role: 'alert' }, words))
  }
}

/** Why there is no map, and what to do. */
function noMap(embedding: string, upgradeUrl: string): HTMLElement {
  const why = `Tick Embedding reduction for it in Folder upgrades.`
  const empty = element(
    'div',
    { class: 'empty' },
    icon('chart-scatter', 'icon-l'),
    element('h2', {}, `No map yet for ${embedding}.`),
    element('p', {}, why),
  )
  if (upgradeUrl) {
    empty.append(element('a', { class: 'button', href: upgradeUrl }, 'Upgrade Folder'))
  }
  return empty
}
