/**
 * Turns mouse, pen and fingers into what they mean on the map.
 *
 *     one pointer    drags the map, or draws with the tool of the moment; middle button always drags
 *     two pointers   zoom and drag
 *     wheel          zooms at the pointer
 *     Shift, Alt     while drawing: add to the region, subtract from it
 */

import type { ScreenPoint } from './camera'
import type { Mode } from './selection'

export type Tool = 'pan' | 'rectangle' | 'lasso'

/** What a gesture acts on. All points are CSS pixels of the stage. */
export interface GestureTarget {
  tool(): Tool
  pan(dx: number, dy: number): void
  zoom(at: ScreenPoint, factor: number): void
  /** The corner that stays put when the handle at `at` is dragged, or null where there is none. */
  anchorOf(at: ScreenPoint): ScreenPoint | null
  /** A line is being drawn; its first and last points span the rectangle of that tool. */
  draw(line: readonly ScreenPoint[], mode: Mode): void
  commit(line: readonly ScreenPoint[], mode: Mode): void
  cancel(): void
  click(at: ScreenPoint, touch: boolean): void
  hover(at: ScreenPoint | null): void
}

type Drag =
  | { readonly type: 'pan' | 'pinch' }
  | { readonly type: 'draw'; readonly mode: Mode; readonly line: ScreenPoint[] }

/** A pointer that moved less is a click. */
const CLICK_SLOP = 4
/** Points of a lasso closer together than this are left out. */
const LASSO_STEP = 2
/** Lines of text per notch, for wheels that count lines. */
const LINE_HEIGHT = 16
const WHEEL_RATE = 0.0015
/** Browsers report a pinch on a trackpad as a wheel with Ctrl, in small steps. */
const PINCH_RATE = 0.01

export class Gestures {
  readonly #surface: HTMLElement
  readonly #target: GestureTarget
  readonly #pointers = new Map<number, ScreenPoint>()
  #drag: Drag | null = null
  #start: ScreenPoint = [0, 0]
  #moved = false

  constructor(surface: HTMLElement, target: GestureTarget, signal: AbortSignal) {
    this.#surface = surface
    this.#target = target
    surface.addEventListener('pointerdown', (event) => this.#down(event), { signal })
    surface.addEventListener('pointermove', (event) => this.#move(event), { signal })
    surface.addEventListener('pointerup', (event) => this.#up(event), { signal })
    surface.addEventListener('pointercancel', (event) => this.#lost(event), { signal })
    surface.addEventListener('pointerleave', () => target.hover(null), { signal })
    surface.addEventListener('wheel', (event) => this.#wheel(event), { signal, passive: false })
  }

  /** Give up what is being drawn; say whether there was anything. */
  abandon(): boolean {
    if (this.#drag?.type !== 'draw') return false
    this.#drag = null
    this.#target.cancel()
    return true
  }

  #down(event: PointerEvent): void {
    if (event.button > 1) return
    const at = this.#at(event)
    this.#surface.setPointerCapture(event.pointerId)
    this.#pointers.set(event.pointerId, at)
    this.#target.hover(null)
    if (this.#pointers.size > 1) {
      this.abandon()
      this.#moved = true
      this.#drag = { type: 'pinch' }
      return
    }
    this.#start = at
    this.#moved = false
    if (event.button === 1 || this.#target.tool() === 'pan') {
      event.preventDefault()
      this.#drag = { type: 'pan' }
      return
    }
    const anchor = this.#target.anchorOf(at)
    const mode = event.shiftKey ? 'add' : event.altKey ? 'subtract' : 'replace'
    this.#drag = { type: 'draw', mode, line: [anchor ?? at] }
  }

  #move(event: PointerEvent): void {
    const at = this.#at(event)
    const before = this.#pointers.get(event.pointerId)
    if (before === undefined) {
      if (event.pointerType !== 'touch') this.#target.hover(at)
      return
    }
    if (distance(at, this.#start) >= CLICK_SLOP) this.#moved = true
    if (!this.#moved) return
    if (this.#drag?.type === 'pinch') this.#pinch(event.pointerId, before, at)
    else if (this.#drag?.type === 'pan') this.#target.pan(at[0] - before[0], at[1] - before[1])
    else if (this.#drag?.type === 'draw') this.#extend(this.#drag, at)
    this.#pointers.set(event.pointerId, at)
  }

  #extend(drag: Extract<Drag, { type: 'draw' }>, at: ScreenPoint): void {
    const last = drag.line.at(-1)
    if (last !== undefined && distance(at, last) < LASSO_STEP) return
    drag.line.push(at)
    this.#target.draw(drag.line, drag.mode)
  }

  #pinch(pointer: number, before: ScreenPoint, at: ScreenPoint): void {
    const other = [...this.#pointers].find(([id]) => id !== pointer)?.[1]
    if (other === undefined) return
    const was = distance(before, other)
    if (was > 0) this.#target.zoom(middle(before, other), distance(at, other) / was)
    // The middle of two fingers moves half as far as the one that moves.
    this.#target.pan((at[0] - before[0]) / 2, (at[1] - before[1]) / 2)
  }

  #up(event: PointerEvent): void {
    if (!this.#pointers.delete(event.pointerId)) return
    const drag = this.#drag
    if (this.#pointers.size > 0) {
      // One finger of a pinch is left: it goes on by dragging the map.
      this.#drag = { type: 'pan' }
      return
    }
    this.#drag = null
    const at = this.#at(event)
    if (drag !== null && !this.#moved) {
      this.#target.cancel()
      this.#target.click(at, event.pointerType === 'touch')
    } else if (drag?.type === 'draw') {
      drag.line.push(at)
      this.#target.commit(drag.line, drag.mode)
    }
  }

  #lost(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId)
    this.abandon()
    this.#drag = null
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault()
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1
    const rate = event.ctrlKey ? PINCH_RATE : WHEEL_RATE
    this.#target.zoom(this.#at(event), Math.exp(-event.deltaY * pixels * rate))
  }

  #at(event: MouseEvent): ScreenPoint {
    const box = this.#surface.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }
}

function distance(a: ScreenPoint, b: ScreenPoint): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1])
}

function middle(a: ScreenPoint, b: ScreenPoint): ScreenPoint {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
}
