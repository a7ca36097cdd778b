/**
 * The grid over all units at once: only the tiles in view are in the page, wherever that is.
 *
 * The server rendered the first page; once the order of all units has come, the sheet takes over
 * the list. Until then, and without scripts, further pages come by their link.
 */
import { required } from '../page'
import { columnsOf, type Layout, layoutOf, rangeAt, topOf } from './layout'
import { Scrolling } from './scrolling'
import type { Sequence } from './sequence'
import { Tiles } from './tiles'

/** How long the view rests before tiles are asked for, in milliseconds. */
const REST = 60
/** How long before the bar is put where it belongs. */
const SETTLE = 150

export class Sheet {
  readonly sequence: Sequence
  readonly #scroller: HTMLElement
  readonly #list: HTMLElement
  readonly #tiles: Tiles
  readonly #closing = new AbortController()
  #layout: Layout = { columns: 1, rowHeight: 1, height: 1 }
  #scrolling = new Scrolling(1, 1)
  #frame = 0
  #rest = 0
  #settle = 0
  /** The tile that keys move from. */
  #current = -1

  constructor(scroller: HTMLElement, list: HTMLElement, sequence: Sequence, address: string) {
    this.#scroller = scroller
    this.#list = list
    this.sequence = sequence
    this.#tiles = new Tiles(address, () => this.#draw())
    for (const tile of list.querySelectorAll<HTMLElement>('.tile')) {
      this.#tiles.keep(Number(tile.dataset.unit), tile)
    }
    const { signal } = this.#closing
    scroller.addEventListener('scroll', () => this.#scrolled(), { signal, passive: true })
    list.addEventListener('focusin', (event) => this.#focused(event), { signal })
    const resized = new ResizeObserver(() => this.#measure())
    resized.observe(scroller)
    const restyled = new MutationObserver(() => this.#measure())
    restyled.observe(required('explorer'), { attributeFilter: ['data-size'] })
    signal.addEventListener('abort', () => {
      resized.disconnect()
      restyled.disconnect()
    })
    list.classList.add('is-sheet')
    this.#measure()
  }

  /** Whether the page still has the list. */
  get isOpen(): boolean {
    return this.#list.isConnected && !this.#closing.signal.aborted
  }

  /** How many tiles lie side by side. */
  get columns(): number {
    return this.#layout.columns
  }

  /** The place that keys move from: of the tile that has or had the focus. */
  get current(): number {
    return this.#current
  }

  /** Bring a place into view and give its tile the focus. */
  focus(place: number): void {
    this.#current = Math.min(Math.max(place, 0), this.sequence.length - 1)
    const top = topOf(this.#layout, this.#current)
    const view = this.#scroller.clientHeight
    const below = top + this.#layout.rowHeight - view
    if (top < this.#scrolling.top) this.#go(top)
    else if (below > this.#scrolling.top) this.#go(below)
    this.#draw()
    this.#focusCurrent()
  }

  close(): void {
    this.#tiles.close()
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#rest)
    clearTimeout(this.#settle)
    this.#closing.abort()
  }

  #go(top: number): void {
    this.#scroller.scrollTop = this.#scrolling.go(top)
  }

  #scrolled(): void {
    this.#scrolling.follow(this.#scroller.scrollTop)
    cancelAnimationFrame(this.#frame)
    this.#frame = requestAnimationFrame(() => this.#draw())
    if (!this.#scrolling.isScaled) return
    clearTimeout(this.#settle)
    this.#settle = window.setTimeout(() => this.#putBar(), SETTLE)
  }

  /** After small steps the bar lags behind. */
  #putBar(): void {
    const at = this.#scrolling.settled()
    if (Math.abs(at - this.#scroller.scrollTop) < 1) return
    this.#scroller.scrollTop = at
    this.#draw()
  }

  /** Lay out anew for the present width, with the same tile on top. */
  #measure(): void {
    const style = getComputedStyle(this.#scroller)
    const width =
      this.#scroller.clientWidth -
      Number.parseFloat(style.paddingLeft) -
      Number.parseFloat(style.paddingRight)
    const first = this.#list.querySelector<HTMLElement>('.tile')
    // Hidden beside a map that has the whole page.
    if (width <= 0 || first === null) return
    const top = Math.floor(this.#scrolling.top / this.#layout.rowHeight) * this.#layout.columns
    const least = Number.parseFloat(style.getPropertyValue('--tile')) || width
    const columns = columnsOf(width, least)
    this.#list.style.setProperty('--columns', String(columns))
    this.#list.style.setProperty('--row', 'auto')
    const height = first.getBoundingClientRect().height
    this.#layout = layoutOf(this.sequence.length, columns, height)
    this.#list.style.setProperty('--row', `${height}px`)
    this.#scrolling = new Scrolling(this.#layout.height, this.#scroller.clientHeight)
    this.#list.style.setProperty('--height', `${this.#scrolling.height}px`)
    this.#go(topOf(this.#layout, top))
    this.#draw()
  }

  #draw(): void {
    if (!this.isOpen) return
    const view = this.#scroller.clientHeight
    const { top } = this.#scrolling
    const { first, end } = rangeAt(this.#layout, this.sequence.length, top, view)
    // Where the first row lies in the element that scrolls.
    const offset = this.#scroller.scrollTop + topOf(this.#layout, first) - top
    this.#list.style.setProperty('--offset', `${Math.max(offset, 0)}px`)
    this.#replace(first, end)
    clearTimeout(this.#rest)
    this.#rest = window.setTimeout(() => void this.#tiles.load(this.sequence, first, end), REST)
  }

  /** Put the tiles of these places into the list; those that stay are not touched. */
  #replace(first: number, end: number): void {
    const wanted: HTMLElement[] = []
    for (let place = first; place < end; place++) {
      const tile = this.#tiles.get(this.sequence.unit(place))
      tile.setAttribute('aria-posinset', String(place + 1))
      tile.setAttribute('aria-setsize', String(this.sequence.length))
      wanted.push(tile)
    }
    const staying = new Set<Element>(wanted)
    for (const tile of [...this.#list.children]) if (!staying.has(tile)) tile.remove()
    let at = this.#list.firstElementChild
    let came = false
    for (const tile of wanted) {
      if (tile === at) {
        at = at.nextElementSibling
        continue
      }
      this.#list.insertBefore(tile, at)
      came = true
      if (tile.dataset.waiting === undefined) window.htmx?.process(tile)
    }
    this.#tiles.prune()
    if (came) document.dispatchEvent(new CustomEvent('explorer:tiles'))
  }

  #focused(event: FocusEvent): void {
    const tile = (event.target as Element).closest<HTMLElement>('.tile')
    if (tile) this.#current = this.sequence.place(Number(tile.dataset.unit))
  }

  /** Give the focus to the tile that keys moved to, once it is there. */
  #focusCurrent(): void {
    const unit = this.sequence.unit(this.#current)
    const tile = this.#list.querySelector<HTMLElement>(`[data-unit="${unit}"]`)
    const picture = tile?.querySelector<HTMLElement>('a.tile-picture')
    if (picture) {
      picture.focus({ preventScroll: true })
      return
    }
    // It is still waited for: the list has the focus meanwhile, and arrow keys go on.
    this.#scroller.focus({ preventScroll: true })
    document.addEventListener('explorer:tiles', () => this.#focusCurrent(), {
      once: true,
      signal: this.#closing.signal,
    })
  }
}
