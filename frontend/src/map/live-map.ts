/** A map whose points are there: brings surface, region, legend and controls together. */

import { noPoints } from './absence'
import { RegionActions } from './actions'
import { and, countFlags, not, rowsOf } from './bits'
import { type Camera, centreOn, type DataPoint, type ScreenPoint } from './camera'
import type { PointCard } from './card'
import { fetchCards } from './cards'
import { type Colouring, countSlots, plainColouring } from './colouring'
import { Controls, type ControlsContext } from './controls'
import { element, units } from './dom'
import { type Emit, regionDetail } from './events'
import { FormingBar } from './forming-bar'
import { freshRows } from './fresh'
import type { Tool } from './gestures'
import { Hover } from './hover'
import { keepSelection } from './kept'
import { Legend } from './legend'
import { Listing } from './listing'
import { type MapPoints, rowOf } from './payload'
import { Region } from './region'
import {
  type FilterTree,
  type Part,
  type Selection,
  selectionBounds,
  selectionFilter,
} from './selection'
import { type ColourField, fieldsOf, type MapSettings } from './settings'
import { LEVEL, Stage } from './stage'
import { StatusLine } from './status'
import { Thumbnails } from './thumbnails'
import { Toolbar } from './toolbar'
import type { Place } from './view-state'

/** Maps narrower than this start with a folded legend. */
const NARROW = 480
/** How long a point draws attention to itself, in milliseconds. */
const PULSE = 2_000
const ALONE = 'One point alone says nothing yet. Import more vectors: they are placed beside it.'
/** New points that get a ring. */
const MOST_RINGS = 300

/** What a new picture of a map takes over from the one before. */
export interface Handover {
  readonly place: Place | null
  readonly tool: Tool
  readonly parts: readonly Part[]
  readonly hidden: readonly string[]
  readonly focused: boolean
}

export interface LiveMapOptions {
  readonly points: MapPoints
  readonly settings: MapSettings
  readonly emit: Emit
  /** Asked for by the legend; answered by setColouring. */
  readonly colourBy: (field: string) => void
  /** The person looks elsewhere, or in another way. */
  readonly looked: () => void
  /** The person has seen the new points. */
  readonly seen: () => void
  /** Points from this ordinal on are new to the person. */
  readonly newFrom: number
  /** How one looked at it before, or a link does. */
  readonly before: Partial<Handover>
  readonly signal: AbortSignal
  /** Told when what was asked of a forming map could not be done. */
  readonly failed: (error: unknown) => void
}

export class LiveMap implements ControlsContext {
  readonly points: MapPoints
  readonly stage: Stage
  readonly region: Region
  readonly hover: Hover
  readonly #emit: Emit
  readonly #signal: AbortSignal
  readonly #frame: HTMLElement
  readonly #words = element('p', { class: 'map-words', role: 'status' })
  readonly #status: StatusLine
  readonly #forming: FormingBar | null
  readonly #legend: Legend
  readonly #toolbar: Toolbar
  readonly #actions: RegionActions
  readonly #listing: Listing
  readonly #controls: Controls
  readonly #thumbnails: Thumbnails
  readonly #looked: () => void
  readonly #seen: () => void
  readonly #failed: (error: unknown) => void
  #newFrom = Number.POSITIVE_INFINITY
  #freshPlaces: readonly DataPoint[] = []
  #mask: Uint8Array | null = null
  #fresh: Uint8Array | null = null
  #visible: Uint8Array | null = null
  #hidden: ReadonlySet<number> = new Set()
  #colouring: Colouring
  #highlighted: readonly DataPoint[] = []
  #pulse: DataPoint | null = null

  constructor(host: HTMLElement, options: LiveMapOptions) {
    const { points, settings, signal } = options
    this.points = points
    this.#emit = options.emit
    this.#signal = signal
    this.#looked = options.looked
    this.#seen = options.seen
    this.#failed = options.failed
    this.#colouring = plainColouring(points.count)
    this.region = new Region(points)
    this.#status = new StatusLine(settings)
    this.#forming = settings.formingUrl ? new FormingBar(settings, options.failed) : null
    this.#frame = element('div', {
      class: 'map-frame',
      tabindex: '0',
      role: 'application',
      'aria-label': `Map of ${units(points.count)}. Press N to go through them, I for a list.`,
      'aria-keyshortcuts': 'h r l + - 0 n x i Space Enter Escape',
    })
    host.replaceChildren(this.#frame, (this.#forming ?? this.#status).root)
    const drawn = (camera: Camera): void => this.#drawn(camera)
    this.stage = new Stage(this.#frame, points, drawn, signal, settings.pictureUrl)
    this.hover = new Hover(this.#frame, settings)
    this.#controls = new Controls(this, this.#frame, signal)
    const thumbnails = {
      stage: this.stage,
      pickable: () => this.#visible,
      hits: () => this.#hits(),
      cards: (ordinals: readonly number[]) => this.#cards(settings, ordinals),
    }
    this.#thumbnails = new Thumbnails(points, thumbnails, signal)
    this.stage.overlay.root.before(this.#thumbnails.root)
    this.#toolbar = new Toolbar(this.#controls)
    this.#actions = new RegionActions({
      commit: (action) => void this.#commit(action, settings.selectionsUrl),
      clear: () => this.#controls.clear(),
      list: () => this.list(),
    })
    this.#listing = new Listing({
      cards: (ordinals) => this.#cards(settings, ordinals),
      show: (ordinal) => this.#pointOut(ordinal),
      toggle: (ordinal, within) => this.#controls.include(rowOf(points, ordinal), within),
      closed: () => this.#frame.focus({ preventScroll: true }),
    })
    this.#legend = new Legend(fieldsOf(settings), {
      colourBy: options.colourBy,
      hide: (slots) => this.#hide(slots),
      resized: () => this.stage.refit(),
    })
    this.#legend.fold(host.clientWidth < NARROW)
    this.#addParts(settings)
    this.stage.avoid(this.#legend.root)
    const themed = (): void => {
      this.#legend.paint(this.#colouring, this.stage.theme)
      this.#thumbnails.refresh()
    }
    this.stage.onTheme(themed, signal)
    this.setNewFrom(options.newFrom)
    this.toolChanged('pan')
    this.setColouring('', this.#colouring)
    this.#takeOver(options.before)
  }

  /** How one looks at it now. */
  get handover(): Handover {
    return {
      place: this.stage.place,
      tool: this.#controls.tool(),
      parts: this.region.selection.parts,
      hidden: this.#legend.hiddenLabels,
      focused: this.#frame.contains(document.activeElement),
    }
  }

  /** Say what one can colour by. */
  offerFields(fields: readonly ColourField[]): void {
    this.#legend.offer(fields)
  }

  /** Hide the categories of these labels. */
  hideLabels(labels: readonly string[]): void {
    this.#legend.hideLabels(labels)
  }

  /** Ring the points from an ordinal on until they are seen. */
  setNewFrom(newFrom: number): void {
    if (newFrom === this.#newFrom) return
    this.#newFrom = newFrom
    const fresh = freshRows(this.points, newFrom)
    const rows = rowsOf(fresh)
    // The last to come are ringed where there are very many: each ring is an element.
    this.#freshPlaces = [...rows.slice(-MOST_RINGS)].map((row) => this.#place(row))
    this.#fresh = null
    this.#status.offerFresh(rows.length, {
      pickOut: (pressed) => {
        this.#fresh = pressed ? fresh : null
        this.#refresh()
      },
      seen: () => this.#seen(),
    })
    this.#refresh()
  }

  /** Dim all rows but these; null is no filter. */
  setMask(mask: Uint8Array | null): void {
    this.#mask = mask !== null && countFlags(mask) < this.points.count ? mask : null
    this.#refresh()
  }

  /** Whether a region is looked at: a map that forms should hold still. */
  get isHeld(): boolean {
    return this.region.present
  }

  /** Put the points where they are now; say whether they are those of this map. */
  movePoints(points: MapPoints): boolean {
    if (points.mark !== this.points.mark || points.count !== this.points.count) return false
    this.points.x.set(points.x)
    this.points.y.set(points.y)
    this.points.bounds = points.bounds
    this.points.snapshot = points.snapshot
    this.stage.pointsMoved()
    this.#thumbnails.refresh()
    return true
  }

  /** Say how far a forming map is. */
  tellProgress(step: string, percent: number | null): void {
    this.#forming?.show(step, percent)
  }

  /** Colour the points by a field. */
  setColouring(field: string, colouring: Colouring): void {
    this.#colouring = colouring
    this.#legend.show(colouring, field, this.stage.theme)
    this.#hide(new Set())
  }

  /** Ring these points, as the examples of a search. */
  setHighlight(ordinals: Iterable<number>): void {
    const rows = [...ordinals].map((ordinal) => rowOf(this.points, ordinal))
    this.#highlighted = rows.filter((row) => row !== -1).map((row) => this.#place(row))
    this.stage.invalidate()
  }

  /** Bring a point to the middle and draw attention to it; say whether it is on this map. */
  reveal(ordinal: number): boolean {
    const row = rowOf(this.points, ordinal)
    if (row === -1) return false
    this.#pulse = this.#place(row)
    this.stage.move(centreOn(this.stage.camera, this.#pulse))
    const rest = (): void => {
      this.#pulse = null
      this.stage.invalidate()
    }
    const timer = window.setTimeout(rest, PULSE)
    this.#signal.addEventListener('abort', () => window.clearTimeout(timer))
    return true
  }

  /** Drop the region. */
  clearRegion(): void {
    this.#controls.clear()
  }

  pickable(): Uint8Array | null {
    return this.#visible
  }

  pictureAt(at: ScreenPoint): number {
    return this.#thumbnails.rowAt(at)
  }

  steps(): Uint32Array {
    const hits = this.#hits() ?? new Uint8Array(this.points.count).fill(1)
    return rowsOf(this.#visible === null ? hits : and(hits, this.#visible))
  }

  regionChanged(final: boolean): void {
    this.#refresh()
    if (!final) return
    if (!this.region.present) this.#listing.close()
    const ordinals = this.region.present ? this.#ordinals() : new Uint32Array(0)
    // Of a forming map the server keeps the units once they become a filter, and not each draft.
    const forming = this.#forming !== null
    const filter = forming ? null : selectionFilter(this.region.selection, this.points.reduction)
    this.#say(this.region.present ? `${units(ordinals.length)} in the region` : 'No region')
    this.#emit('selection', { filter, ordinals })
  }

  toolChanged(tool: Tool): void {
    this.#frame.dataset.tool = tool
    this.#looked()
    this.#toolbar.show(tool)
  }

  hovered(row: number): void {
    this.stage.invalidate()
    this.#emit('hover', { ordinal: this.points.ordinal[row] ?? null })
  }

  stepped(row: number, index: number, total: number): void {
    void this.#describe(row).then((card) => {
      if (card) this.#say(`${card.name}, ${index + 1} of ${total}`)
    })
  }

  open(row: number): void {
    void this.#describe(row).then((card) => {
      if (card) this.#emit('open', card)
    })
  }

  list(): void {
    const rows = this.steps()
    void this.#listing.open([...rows].map((row) => this.points.ordinal[row] as number))
  }

  async #cards(settings: MapSettings, ordinals: readonly number[]): Promise<PointCard[]> {
    try {
      return await fetchCards(settings, ordinals, this.#signal)
    } catch (error) {
      if (!this.#signal.aborted) this.#say(error instanceof Error ? error.message : String(error))
      return []
    }
  }

  /** Ring a point, in the middle where it is out of view. */
  #pointOut(ordinal: number): void {
    const row = rowOf(this.points, ordinal)
    if (row !== -1) this.#controls.goTo(row)
  }

  #addParts(settings: MapSettings): void {
    const notice = [this.stage.problem, this.points.count === 1 ? ALONE : null]
    const words = notice.filter((one) => one !== null).join(' ')
    if (words) this.#frame.after(element('p', { class: 'map-notice', role: 'status' }, words))
    if (this.points.count === 0) this.#frame.append(noPoints(settings))
    this.#frame.append(this.#toolbar.root, this.#actions.root)
    this.#frame.append(this.#legend.root, this.#listing.root)
    this.#frame.append(this.hover.card.root, this.#words)
  }

  #takeOver({ place, tool, parts, focused }: Partial<Handover>): void {
    if (place) this.stage.move({ ...this.stage.camera, ...place })
    if (tool) this.#controls.setTool(tool)
    for (const { shape, mode } of parts ?? []) this.region.select(shape, mode)
    if (parts?.length) this.regionChanged(true)
    if (focused) this.#frame.focus({ preventScroll: true })
  }

  /** Rows that are picked out, by region, filter or both; null when neither applies. */
  #hits(): Uint8Array | null {
    if (!this.region.present) return this.#fresh ?? this.#mask
    const { flags } = this.region.selection
    return this.#mask === null ? flags : and(flags, this.#mask)
  }

  #ordinals(): Uint32Array {
    const { ordinal } = this.points
    return rowsOf(this.#hits() ?? new Uint8Array(0)).map((row) => ordinal[row] as number)
  }

  #levels(hits: Uint8Array | null): Uint8Array | null {
    if (hits === null) return null
    const mask = this.#mask
    const levels = new Uint8Array(hits.length)
    for (let row = 0; row < levels.length; row++) {
      if (hits[row] === 1) levels[row] = LEVEL.hit
      else levels[row] = mask === null || mask[row] === 1 ? LEVEL.waiting : LEVEL.filteredOut
    }
    return levels
  }

  #refresh(): void {
    const hits = this.#hits()
    this.stage.pickOut(this.#levels(hits))
    this.#thumbnails.refresh()
    this.#legend.count(hits && countSlots(this.#colouring.slots, hits))
    this.#status.show(this.points.count, this.#mask === null ? null : countFlags(this.#mask))
    if (hits === null || !this.region.present) {
      this.#actions.hide()
      return
    }
    const shown = this.#visible === null ? hits : and(hits, this.#visible)
    const selected = countFlags(hits)
    this.#actions.show(selected, selected - countFlags(shown))
  }

  #hide(slots: ReadonlySet<number>): void {
    this.#hidden = slots
    const own = this.#colouring.slots
    this.#visible = slots.size === 0 ? null : Uint8Array.from(own, (s) => (slots.has(s) ? 0 : 1))
    this.stage.colourBy(this.#colouring, this.#hidden)
    this.#refresh()
  }

  /** Hand the region to the page, and show at once what the filter will leave. */
  async #commit(action: 'filter' | 'exclude', keptUrl: string): Promise<void> {
    const hits = this.#hits()
    const ordinals = this.#ordinals()
    const { selection } = this.region
    const tree = await this.#filterOf(selection, keptUrl)
    if (hits === null || tree === null || selection !== this.region.selection) return
    const detail = regionDetail(action, tree, selection, ordinals)
    const kept = action === 'filter' ? hits : not(hits)
    this.#mask = this.#mask === null ? kept : and(kept, this.#mask)
    this.region.clear()
    this.#refresh()
    this.#emit('region', detail)
  }

  /** The condition that finds the units of a region; null without one, or without an answer. */
  async #filterOf(selection: Selection, keptUrl: string): Promise<FilterTree | null> {
    if (this.#forming === null) return selectionFilter(selection, this.points.reduction)
    try {
      return await keepSelection(keptUrl, selection, this.points, this.#signal)
    } catch (error) {
      this.#failed(error)
      return null
    }
  }

  #drawn(camera: Camera): void {
    this.#thumbnails.follow(camera)
    const { selection } = this.region
    const [only] = selection.parts
    const row = this.#controls.row
    this.stage.overlay.draw(camera, {
      parts: selection.parts,
      handles: selection.parts.length === 1 ? (only?.shape ?? null) : null,
      hovered: row === -1 ? null : this.#place(row),
      highlighted: this.#highlighted,
      fresh: this.#freshPlaces,
      pulse: this.#pulse,
    })
    const bounds = selectionBounds(selection)
    if (bounds) this.#actions.moveTo(camera, bounds)
    this.#looked()
  }

  async #describe(row: number) {
    try {
      return await this.hover.describe(this.points.ordinal[row] as number, this.#signal)
    } catch (error) {
      if (!this.#signal.aborted) this.#say(error instanceof Error ? error.message : String(error))
      return null
    }
  }

  #place(row: number): DataPoint {
    return [this.points.x[row] as number, this.points.y[row] as number]
  }

  #say(words: string): void {
    this.#words.textContent = words
  }
}
