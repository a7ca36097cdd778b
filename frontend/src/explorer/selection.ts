/** Which units are selected: by check boxes, ranges, or all that match. */
import { on } from '../dom'
import { count } from './figures'
import { explorer, matchingCount, required } from './page'

/** A region of the map, as a condition, and how many units it holds. */
export interface Region {
  readonly filter: object
  readonly count: number
}

export class Selection {
  readonly #units = new Set<string>()
  /** All units of the state are meant, not only those that were ticked. */
  #matching = false
  #last: HTMLElement | null = null
  #region: Region | null = null

  constructor() {
    // A box changes by pointer, by its label and by the keyboard; only the first knows Shift.
    let range = false
    on('pointerdown', '.tile-check', (_, event) => {
      range = event.shiftKey
    })
    on('change', '.tile-check', (label) => {
      const tile = label.closest<HTMLElement>('.tile')
      if (tile) this.toggle(tile, range)
      range = false
    })
    on('click', '#select-matching', () => this.selectMatching())
    document.addEventListener('htmx:afterSwap', () => this.#afterSwap())
    window.addEventListener('pageshow', () => this.#show())
  }

  /** Ids of ticked units. */
  get units(): readonly string[] {
    return [...this.#units]
  }

  get matching(): boolean {
    return this.#matching
  }

  /** The region of the map; it counts while nothing is ticked. */
  get region(): Region | null {
    return this.size === 0 ? this.#region : null
  }

  set region(region: Region | null) {
    this.#region = region
    this.#show()
  }

  get size(): number {
    return this.#matching ? matchingCount() : this.#units.size
  }

  /** Tick a tile, or all tiles from the last one that was ticked. */
  toggle(tile: HTMLElement, range: boolean): void {
    this.#leaveMatching()
    const wanted = !this.#units.has(tile.dataset.unit ?? '')
    for (const one of range && this.#last ? between(this.#last, tile) : [tile]) {
      const unit = one.dataset.unit ?? ''
      if (wanted || range) this.#units.add(unit)
      else this.#units.delete(unit)
    }
    this.#last = tile
    this.#show()
  }

  /** Mean every unit that the state shows, on all pages. */
  selectMatching(): void {
    if (matchingCount() === 0) return
    this.#matching = true
    this.#show()
  }

  /** Select nothing; say whether anything was. */
  clear(): boolean {
    const had = this.size > 0
    this.#units.clear()
    this.#matching = false
    this.#last = null
    this.#show()
    return had
  }

  /** What was ticked stays ticked under another filter; "all" meant the old one. */
  #afterSwap(): void {
    this.#last = this.#last?.isConnected ? this.#last : null
    this.#show()
  }

  #leaveMatching(): void {
    if (!this.#matching) return
    this.#matching = false
    for (const tile of document.querySelectorAll<HTMLElement>('.tile')) {
      this.#units.add(tile.dataset.unit ?? '')
    }
  }

  #words(): string {
    if (this.region) return `${count(this.region.count)} in the region`
    return this.#matching ? `All ${count(this.size)} selected` : `${count(this.size)} selected`
  }

  #show(): void {
    for (const box of document.querySelectorAll<HTMLInputElement>('.tile-check input')) {
      box.checked = this.#matching || this.#units.has(box.value)
      box.closest('.tile')?.classList.toggle('is-selected', box.checked)
    }
    const size = this.size
    const all = matchingCount()
    explorer().toggleAttribute('data-selecting', size > 0)
    required('selection-bar').hidden = size === 0 && this.#region === null
    required('selection-count').textContent = this.#words()
    const more = required('select-matching')
    more.hidden = size === 0 || this.#matching || all <= size
    more.textContent = `Select all ${count(all)}`
  }
}

function between(first: HTMLElement, last: HTMLElement): HTMLElement[] {
  const tiles = [...document.querySelectorAll<HTMLElement>('.tile')]
  const [from = 0, to = 0] = [tiles.indexOf(first), tiles.indexOf(last)].sort((a, b) => a - b)
  return from === -1 ? [last] : tiles.slice(from, to + 1)
}
