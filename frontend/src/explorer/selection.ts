/** Which units are selected: by check boxes, ranges, or all that match. */
import { on } from '../dom'
import { count } from './figures'
import { explorer, matchingCount, required } from './page'

export class Selection {
  readonly #units = new Set<string>()
  /** All units of the state are meant, not only those that were ticked. */
  #matching = false
  #last: HTMLElement | null = null

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
    on('click', '#clear-selection', () => void this.clear())
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

  #show(): void {
    for (const box of document.querySelectorAll<HTMLInputElement>('.tile-check input')) {
      box.checked = this.#matching || this.#units.has(box.value)
      box.closest('.tile')?.classList.toggle('is-selected', box.checked)
    }
    const size = this.size
    const all = matchingCount()
    explorer().toggleAttribute('data-selecting', size > 0)
    required('selection-bar').hidden = size === 0
    required('selection-count').textContent = this.#matching
      ? `All ${count(size)} selected`
      : `${count(size)} selected`
    const more = required('select-matching')
    more.hidden = this.#matching || all <= size
    more.textContent = `Select all ${count(all)}`
  }
}

function between(first: HTMLElement, last: HTMLElement): HTMLElement[] {
  const tiles = [...document.querySelectorAll<HTMLElement>('.tile')]
  const [from = 0, to = 0] = [tiles.indexOf(first), tiles.indexOf(last)].sort((a, b) => a - b)
  return from === -1 ? [last] : tiles.slice(from, to + 1)
}
