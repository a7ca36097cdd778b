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
import { partOf } from '../address'
import { noMap } from './absence'
import { type Colouring, colouringOf } from './colouring'
import { element } from './dom'
import type { Emit, MapEvents } from './events'
import { follow } from './forming'
import { FormingBar } from './forming-bar'
import { PayloadError } from './frames'
import { markSeen } from './fresh'
import { watchGrowth } from './growth'
import { type Handover, LiveMap } from './live-map'
import type { ColourColumn, MapPoints } from './payload'
import { RenderError } from './programs'
import { readRegion, writeRegion } from './region-link'
import { RequestError } from './requests'
import { DISTANCE, fieldsOf, type MapSettings, readSettings } from './settings'
import { MapSource } from './source'
import { type Address, keepInAddress, type Look, readLook, shortId, writeLook } from './view-state'

const WAITING = 'Waiting for a worker: it begins as soon as one is free. You can leave this page.'

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
  return new MapView(host, readSettings(host.dataset))
}

export class MapView {
  readonly #host: HTMLElement
  readonly #events = new EventTarget()
  readonly #closing = new AbortController()
  readonly #source: MapSource
  readonly #link: Look | null
  readonly #linkedRegion: string
  readonly #keepAddress: () => void
  #settings: MapSettings
  #map: Promise<LiveMap | null>
  #shown: LiveMap | null = null
  #drawing = new AbortController()
  #masking = new AbortController()
  #maskUrl = ''
  #field: string | null
  #own: ColourMaker | null = null
  #newFrom = Number.POSITIVE_INFINITY
  #busy = 0
  #reloads = 0

  constructor(host: HTMLElement, settings: MapSettings) {
    this.#host = host
    this.#settings = settings
    this.#source = new MapSource(settings, this.#closing.signal)
    this.#link = readLook(location.hash)
    this.#linkedRegion = partOf(location.hash, 'region')
    this.#field = this.#link?.field ?? null
    this.#keepAddress = keepInAddress(() => this.#address(), this.#closing.signal)
    this.#map = this.#load({})
    void this.#colourAtFirst()
  }

  /** Call back when the map has something to tell. */
  on<Name extends keyof MapEvents>(name: Name, listener: (detail: MapEvents[Name]) => void): void {
    this.#events.addEventListener(name, (event) => {
      listener((event as CustomEvent<MapEvents[Name]>).detail)
    })
  }

  /** The page is in another state: take over the fields, collections and search that it has now. */
  async follow(dataset: DOMStringMap): Promise<void> {
    const { search } = this.#settings
    this.#settings = readSettings(dataset)
    this.#source.follow(this.#settings)
    const map = await this.#map
    map?.offerFields(fieldsOf(this.#settings))
    const lost = this.#field !== null && !this.#source.offers(this.#field)
    if (lost) await this.colourBy(this.#settings.colour)
    else if (this.#field === DISTANCE.field && search !== this.#settings.search) {
      await this.colourBy(DISTANCE.field)
    }
  }

  /** Dim all points but those of the mask at an address; '' is no mask. The last call wins. */
  async showOnly(maskUrl: string): Promise<void> {
    this.#maskUrl = maskUrl
    this.#masking.abort()
    this.#masking = new AbortController()
    const signal = AbortSignal.any([this.#masking.signal, this.#closing.signal])
    await this.#whileBusy(async (map) => {
      try {
        map.setMask(maskUrl ? await this.#source.mask(map.points, maskUrl, signal) : null)
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
    this.#keepAddress()
    await this.#whileBusy(async (map) => {
      const colouring = await this.#source.colouring(map.points, field)
      if (this.#field === field) map.setColouring(field, colouring)
    }, this.#closing.signal)
  }

  /** Colour as a link says, or by a field that nobody chose: not if that has no values at all. */
  async #colourAtFirst(): Promise<void> {
    const chosen = this.#field
    if (chosen !== null && this.#source.offers(chosen)) return this.colourBy(chosen)
    this.#field = null
    const { colour } = this.#settings
    if (!colour) return
    await this.#whileBusy(async (map) => {
      const colouring = await this.#source.colouring(map.points, colour)
      if (this.#field !== null || this.#own || colouring.blank) return
      this.#field = colour
      map.setColouring(colour, colouring)
    }, this.#closing.signal)
  }

  /** Colour by a column that the page makes, anew whenever the rows of the map have changed. */
  async setColours(make: ColourMaker): Promise<void> {
    this.#field = null
    this.#own = make
    await this.#whileBusy(async (map) => {
      const colouring = await this.#coloursOf(map.points)
      if (this.#own === make) map.setColouring('', colouring)
    }, this.#closing.signal)
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

  async #load(before: Partial<Handover>): Promise<LiveMap | null> {
    const { partsUrl, formingUrl } = this.#settings
    if (formingUrl) return this.#form(formingUrl)
    if (!partsUrl) {
      this.#host.replaceChildren(noMap(this.#settings))
      this.#host.dataset.ready = ''
      return null
    }
    this.#enter()
    const { signal } = this.#closing
    try {
      this.#source.forget()
      const loaded = await this.#source.load(signal)
      if (loaded === null) return this.#shown
      const first = this.#shown === null
      this.#newFrom = loaded.newFrom
      const map = this.#draw(loaded.points, { ...this.#linked(loaded.points), ...before })
      if (first) watchGrowth(() => this.#grow(), signal)
      return map
    } catch (error) {
      this.#fail(error, signal)
      return null
    } finally {
      this.#leave()
    }
  }

  /** Show what came and went since, exactly as one looks at the map now. */
  async #grow(): Promise<void> {
    const { signal } = this.#closing
    const shown = this.#shown
    if (shown === null || this.#busy > 0) return
    try {
      const loaded = await this.#source.load(signal)
      if (loaded === null) return
      const { points } = loaded
      const [colours, mask] = await Promise.all([
        this.#coloursOf(points),
        this.#maskUrl ? this.#source.mask(points, this.#maskUrl, signal) : null,
      ])
      if (signal.aborted || shown !== this.#shown) return
      this.#newFrom = loaded.newFrom
      if (points.mark === shown.points.mark) return shown.setNewFrom(loaded.newFrom)
      const before = shown.handover
      const map = this.#draw(points, before)
      map.setMask(mask)
      map.setColouring(this.#field ?? '', colours)
      map.hideLabels(before.hidden)
      this.#map = Promise.resolve(map)
    } catch (error) {
      // It changed once more meanwhile, or the server is away for a moment: the next question tells.
      this.#source.forget()
      if (!signal.aborted && !(error instanceof RequestError)) throw error
    }
  }

  /** The map of a computation under way, once it has points. */
  #form(url: string): Promise<LiveMap | null> {
    const signal = this.#closing.signal
    const waiting = element('p', { class: 'map-waiting', role: 'status' }, WAITING)
    const bar = new FormingBar(this.#settings, (error) => this.#fail(error, signal))
    this.#host.replaceChildren(waiting, bar.root)
    let told: readonly [string, number | null] = ['', null]
    return new Promise((resolve) => {
      const target = {
        isHeld: () => this.#shown?.isHeld ?? false,
        moved: (points: MapPoints) => {
          const before = this.#shown
          if (before?.movePoints(points)) return
          const map = this.#draw(points, before?.handover ?? {})
          map.tellProgress(...told)
          if (before === null) resolve(map)
          else this.#replace(map)
        },
        told: (step: string, percent: number | null) => {
          told = [step, percent]
          if (step) waiting.textContent = `${step}: its first points come soon.`
          bar.show(step, percent)
          this.#shown?.tellProgress(step, percent)
        },
        over: () => {
          resolve(this.#shown)
          this.#emit('formed', {})
        },
      }
      follow(url, target, signal).catch((error: unknown) => {
        resolve(this.#shown)
        this.#fail(error, signal)
      })
    })
  }

  /** Units came or went: rows are others now. */
  #replace(map: LiveMap): void {
    this.#map = Promise.resolve(map)
    void this.showOnly(this.#maskUrl)
    void this.colourBy(this.#field ?? '')
  }

  readonly #emit: Emit = (name, detail) => {
    if (name === 'selection' || name === 'region') this.#keepAddress()
    this.#events.dispatchEvent(new CustomEvent(name, { detail }))
  }

  #draw(points: MapPoints, before: Partial<Handover>): LiveMap {
    // Browsers give out few graphics contexts: the one before goes first.
    this.#drawing.abort()
    this.#drawing = new AbortController()
    const signal = AbortSignal.any([this.#drawing.signal, this.#closing.signal])
    const map = new LiveMap(this.#host, {
      points,
      settings: this.#settings,
      emit: this.#emit,
      colourBy: (field) => {
        this.#emit('colour', { field })
        void this.colourBy(field)
      },
      looked: this.#keepAddress,
      seen: () => void this.#markSeen(points),
      newFrom: this.#settings.seenUrl ? this.#newFrom : Number.POSITIVE_INFINITY,
      before,
      signal,
      failed: (error) => this.#fail(error, signal),
    })
    this.#shown = map
    return map
  }

  async #markSeen(points: MapPoints): Promise<void> {
    await this.#whileBusy(async (map) => {
      const { signal } = this.#closing
      this.#newFrom = await markSeen(this.#settings.seenUrl, points, signal)
      map.setNewFrom(this.#newFrom)
    }, this.#closing.signal)
  }

  async #coloursOf(points: MapPoints): Promise<Colouring> {
    if (this.#own === null) return this.#source.colouring(points, this.#field ?? '')
    const { signal } = this.#closing
    return colouringOf(await this.#own((maskUrl) => this.#source.mask(points, maskUrl, signal)))
  }

  /** How a link looks at this very map. */
  #linked(points: MapPoints): Partial<Handover> {
    const link = this.#link
    const map = shortId(points.reduction)
    const parts = readRegion(this.#linkedRegion, map)
    if (link === null) return { parts }
    return { tool: link.tool, place: link.map === map ? link.place : null, parts }
  }

  #address(): Address | null {
    if (this.#shown === null) return null
    const { points, handover } = this.#shown
    const { place, tool } = handover
    // Places of a forming map are gone when somebody follows the link.
    const parts = points.snapshot === undefined ? handover.parts : []
    const map = shortId(points.reduction)
    const look = writeLook({ map, place, tool, field: this.#field }, this.#settings.colour)
    return { look, region: writeRegion(map, parts) }
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
    this.#map = this.#load(this.#shown?.handover ?? {})
    void this.showOnly(this.#maskUrl)
    void (this.#own ? this.setColours(this.#own) : this.colourBy(this.#field ?? ''))
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
    const { message } = error as Error
    // A region that cannot be used leaves the map as it is.
    const gone = error instanceof RequestError && error.code === 'snapshot_gone'
    const words = gone ? message : `The map is not complete. ${message}`
    this.#host.append(element('p', { class: 'map-error', role: 'alert' }, words))
  }
}
