/** Which units are selected: by check boxes, ranges, or all that match. */
import { on } from '../dom'
import { count } from './figures'
import { explorer, matchingCount, required } from './page'
import { openSheet } from './sheet/index'

/** A region of the map, as a condition, and how many units it holds. */
export interface Region {
  readonly filter: object
  readonly count: number
}

export class Selection {
  readonly #units = new Set<string>()
  /** All units of the state are meant, not only those that were ticked. */
  #matching = false
  /** The unit that was ticked last. */
  #last: string | null = null
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
    document.addEventListener('htmx:afterSwap', () => this.#show())
    document.addEventListener('explorer:tiles', () => this.#show())
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
    const ticked = tile.dataset.unit ?? ''
    const wanted = !this.#units.has(ticked)
    for (const unit of range && this.#last ? between(this.#last, ticked) : [ticked]) {
      if (wanted || range) this.#units.add(unit)
      else this.#units.delete(unit)
    }
    this.#last = ticked
    this.#show()
  }

  /** Tick some units besides. */
  add(units: readonly string[]): void {
    for (const unit of units) this.#units.add(unit)
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

  /** One unit less than all: every other one is named, as far as the page knows them. */
  #leaveMatching(): void {
    if (!this.#matching) return
    this.#matching = false
    for (const unit of known()) this.#units.add(unit)
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
    document.dispatchEvent(new CustomEvent('explorer:selection'))
  }
}

/** The units from one to another, in the order of the grid. */
function between(first: string, last: string): string[] {
  const units = known()
  const [from = 0, to = 0] = [units.indexOf(first), units.indexOf(last)].sort((a, b) => a - b)
  return from === -1 ? [last] : units.slice(from, to + 1)
}

/** All units of the state, or those in the page while its order has not come. */
function known(): string[] {
  const sequence = openSheet()?.sequence
  if (sequence) return sequence.between(0, sequence.length - 1).map(String)
  const tiles = document.querySelectorAll<HTMLElement>('.tile')
  return [...tiles].map((tile) => tile.dataset.unit ?? '')
}
