/** One of the two maps: its surface, region, pointer and keys. */

import type { Camera } from '../map/camera'
import { Controls, type ControlsContext } from '../map/controls'
import { element, units } from '../map/dom'
import type { Tool } from '../map/gestures'
import { Hover } from '../map/hover'
import type { MapPoints } from '../map/payload'
import { Region } from '../map/region'
import { type MapSettings, readSettings } from '../map/settings'
import { LEVEL, Stage } from '../map/stage'
import { Toolbar } from '../map/toolbar'

/** What one side tells of itself, for the other to do the same. */
export interface SideEvents {
  /** It is looked at from elsewhere. */
  moved(camera: Camera): void
  /** The pointer is on a row, or on none (-1). */
  hovered(row: number): void
  /** A region stands or is drawn; null is none. */
  picked(flags: Uint8Array | null, final: boolean): void
}

export class Side implements ControlsContext {
  readonly points: MapPoints
  readonly stage: Stage
  readonly region: Region
  readonly hover: Hover
  readonly frame: HTMLElement
  readonly #events: SideEvents
  readonly #toolbar: Toolbar
  readonly #controls: Controls
  readonly #signal: AbortSignal
  #active = false
  #marked: readonly number[] = []
  #pointed = -1
  #pulse = -1
  #flags: Uint8Array | null = null

  constructor(host: HTMLElement, points: MapPoints, events: SideEvents, signal: AbortSignal) {
    this.points = points
    this.#events = events
    this.#signal = signal
    this.region = new Region(points)
    const label = host.parentElement?.querySelector('h2')?.id ?? ''
    this.frame = element('div', {
      class: 'map-frame',
      tabindex: '0',
      role: 'application',
      'aria-labelledby': label,
      'aria-description': `${units(points.count)}. Press N to go through them.`,
      'aria-keyshortcuts': 'h r l + - 0 n Space Enter Escape',
    })
    host.replaceChildren(this.frame)
    this.stage = new Stage(this.frame, points, (camera) => this.#drawn(camera), signal)
    this.hover = new Hover(this.frame, settingsOf(host))
    this.#controls = new Controls(this, this.frame, signal)
    this.#toolbar = new Toolbar(this.#controls)
    const { problem } = this.stage
    if (problem !== null) {
      this.frame.after(element('p', { class: 'map-notice', role: 'status' }, problem))
    }
    this.frame.append(this.#toolbar.root, this.hover.card.root)
    this.toolChanged('pan')
    for (const type of ['pointerenter', 'pointerdown', 'focusin', 'keydown'] as const) {
      this.frame.addEventListener(type, () => this.#lead(), { signal })
    }
  }

  /** Look from where the other side does. */
  follow({ x, y, scale }: Camera): void {
    this.#active = false
    const now = this.stage.camera
    if (now.x !== x || now.y !== y || now.scale !== scale) {
      this.stage.move({ ...now, x, y, scale })
    }
  }

  /** Ring these rows, all the time. */
  mark(rows: readonly number[]): void {
    this.#marked = rows
    this.stage.invalidate()
  }

  /** Ring the row that the other side points at; -1 is none. */
  point(row: number): void {
    this.#pointed = row
    this.stage.invalidate()
  }

  /** Draw attention to a row; -1 is none. */
  pulse(row: number): void {
    this.#pulse = row
    this.stage.invalidate()
  }

  /** Pick out these rows; null draws all alike. */
  pick(flags: Uint8Array | null): void {
    this.#flags = flags
    const levels = flags?.map((flag) => (flag === 1 ? LEVEL.hit : LEVEL.waiting)) ?? null
    this.stage.pickOut(levels)
  }

  /** Drop the region: the other side has one now. */
  clearRegion(): void {
    this.region.clear()
    this.stage.invalidate()
  }

  pickable(): Uint8Array | null {
    return null
  }

  steps(): Uint32Array {
    const all = Uint32Array.from({ length: this.points.count }, (_, row) => row)
    return this.#flags === null ? all : all.filter((row) => this.#flags?.[row] === 1)
  }

  regionChanged(final: boolean): void {
    const flags = this.region.present ? this.region.selection.flags : null
    this.pick(flags)
    this.#events.picked(flags, final)
  }

  toolChanged(tool: Tool): void {
    this.frame.dataset.tool = tool
    this.#toolbar.show(tool)
  }

  hovered(row: number): void {
    this.stage.invalidate()
    this.#events.hovered(row)
  }

  stepped(): void {
    // The card says what it is.
  }

  open(row: number): void {
    const ordinal = this.points.ordinal[row] as number
    void this.hover.describe(ordinal, this.#signal).then(({ url }) => location.assign(url))
  }

  /** The side that one touches is the one that leads. */
  #lead(): void {
    this.#active = true
  }

  #drawn(camera: Camera): void {
    const ring = (row: number) =>
      row < 0 ? null : ([this.points.x[row] as number, this.points.y[row] as number] as const)
    const { parts } = this.region.selection
    this.stage.overlay.draw(camera, {
      parts,
      handles: parts.length === 1 ? (parts[0]?.shape ?? null) : null,
      hovered: ring(Math.max(this.#controls.row, this.#pointed)),
      highlighted: this.#marked.map(ring).filter((at) => at !== null),
      pulse: ring(this.#pulse),
    })
    if (this.#active) this.#events.moved(camera)
  }
}

function settingsOf(host: HTMLElement): MapSettings {
  return readSettings((host.closest<HTMLElement>('[data-point-url]') ?? host).dataset)
}
