/** Tiles by unit: kept while they may be seen again, fetched in batches. */
import type { Sequence } from './sequence'

/** Tiles kept: some dozens of screens, which bounds the memory of the page. */
const MOST_KEPT = 1_500
/** What the server gives in one answer. */
const BATCH = 120

export class Tiles {
  readonly #address: string
  readonly #arrived: () => void
  /** In the order of their last use. */
  readonly #kept = new Map<number, HTMLElement>()
  #fetching = new AbortController()

  /**
   * @param address where tiles are asked for; `units` is appended
   * @param arrived called when some have come
   */
  constructor(address: string, arrived: () => void) {
    this.#address = address
    this.#arrived = arrived
  }

  /** Keep a tile that the page has. */
  keep(unit: number, tile: HTMLElement): void {
    this.#kept.delete(unit)
    this.#kept.set(unit, tile)
  }

  /** The tile of a unit, or one that waits for it. */
  get(unit: number): HTMLElement {
    const tile = this.#kept.get(unit) ?? waiting(unit)
    this.keep(unit, tile)
    return tile
  }

  /** Forget what was not used for the longest time. */
  prune(): void {
    for (const unit of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) return
      this.#kept.delete(unit)
    }
  }

  /** Ask for those of some places that are still waited for; what was asked before is given up. */
  async load(sequence: Sequence, first: number, end: number): Promise<void> {
    this.#fetching.abort()
    this.#fetching = new AbortController()
    const { signal } = this.#fetching
    const missing: number[] = []
    for (let place = first; place < end; place++) {
      const unit = sequence.unit(place)
      if (this.#kept.get(unit)?.dataset.waiting !== undefined) missing.push(unit)
    }
    for (let at = 0; at < missing.length; at += BATCH) {
      await this.#fetch(missing.slice(at, at + BATCH), signal)
    }
  }

  /** Ask for nothing any more. */
  close(): void {
    this.#fetching.abort()
  }

  async #fetch(units: readonly number[], signal: AbortSignal): Promise<void> {
    const address = new URL(this.#address, location.href)
    address.searchParams.set('units', units.join(','))
    try {
      const answer = await fetch(address, { signal, headers: { 'HX-Request': 'true' } })
      if (!answer.ok) return
      const template = document.createElement('template')
      template.innerHTML = await answer.text()
      for (const tile of template.content.querySelectorAll<HTMLElement>('.tile')) {
        this.keep(Number(tile.dataset.unit), tile)
      }
    } catch (error) {
      if (signal.aborted) return
      // They stay as they are, and are asked for again with the next step.
      if (!(error instanceof TypeError)) throw error
      return
    }
    this.#arrived()
  }
}

/** A tile whose unit has not come yet. */
function waiting(unit: number): HTMLElement {
  const tile = document.createElement('li')
  tile.className = 'tile'
  tile.dataset.unit = String(unit)
  tile.dataset.waiting = ''
  const picture = document.createElement('span')
  picture.className = 'tile-waiting skeleton'
  tile.append(picture)
  return tile
}
