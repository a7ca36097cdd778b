/**
 * Scrolling through more than an element can be high.
 *
 * Browsers cap the height of an element (Chromium at 33,554,432 px); a million tiles in few columns
 * need more. Then the bar's way stands for a longer one: dragging it far goes to the same share of
 * the whole, while small steps move by as many pixels as they say. After small steps the bar lags
 * behind, and is put where it belongs when `settled` says so.
 */

/** Well below the cap, and a bar that is dragged by one pixel still moves by few rows. */
export const MOST_HEIGHT = 8_000_000
/** A step of more views than that is a drag of the bar. */
const DRAG_VIEWS = 2

export class Scrolling {
  /** Height of the element that scrolls. */
  readonly height: number
  readonly #whole: number
  readonly #way: number
  readonly #view: number
  #top = 0
  #at = 0

  constructor(whole: number, view: number, most = MOST_HEIGHT) {
    this.height = Math.min(whole, Math.max(most, view))
    this.#whole = Math.max(whole - view, 0)
    this.#way = Math.max(this.height - view, 0)
    this.#view = view
  }

  /** Pixels of the whole above the view. */
  get top(): number {
    return this.#top
  }

  /** Whether the bar stands for a longer way. */
  get isScaled(): boolean {
    return this.#whole > this.#way
  }

  /** Follow the bar to a place. */
  follow(at: number): void {
    const step = at - this.#at
    this.#at = at
    if (!this.isScaled) this.#top = clamp(at, this.#whole)
    else if (at <= 0) this.#top = 0
    else if (at >= this.#way) this.#top = this.#whole
    else if (Math.abs(step) > DRAG_VIEWS * this.#view) this.#top = (at / this.#way) * this.#whole
    else this.#top = clamp(this.#top + step, this.#whole)
  }

  /** Go to a place of the whole; returns where the bar belongs. */
  go(top: number): number {
    this.#top = clamp(top, this.#whole)
    return this.settled()
  }

  /** Where the bar belongs; it is taken to be put there. */
  settled(): number {
    this.#at = this.isScaled ? Math.round((this.#top / this.#whole) * this.#way) : this.#top
    return this.#at
  }
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most)
}
