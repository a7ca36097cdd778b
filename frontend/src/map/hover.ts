/** Rests on a point, asks the server what it is, and shows its card. */

import type { ScreenPoint } from './camera'
import { type Box, HoverCard, type PointCard } from './card'
import { fetchJson, RequestError } from './requests'
import { type MapSettings, pointUrl } from './settings'

/** How long a pointer rests before a card is fetched, in milliseconds. */
const AT_REST = 120
const REMEMBERED = 500

export class Hover {
  readonly card = new HoverCard()
  readonly #settings: MapSettings
  readonly #stage: HTMLElement
  readonly #known = new Map<number, PointCard>()
  #timer = 0
  #asked = new AbortController()

  constructor(stage: HTMLElement, settings: MapSettings) {
    this.#stage = stage
    this.#settings = settings
  }

  /** Show the card of a point after the pointer rests on it, or at once. */
  rest(ordinal: number, at: () => ScreenPoint, delay: number = AT_REST): void {
    this.leave()
    this.#asked = new AbortController()
    const { signal } = this.#asked
    this.#timer = window.setTimeout(() => void this.#show(ordinal, at, signal), delay)
  }

  /** Take the card away. */
  leave(): void {
    window.clearTimeout(this.#timer)
    this.#asked.abort()
    this.card.hide()
  }

  /** What the server says of a point; asked once. */
  async describe(ordinal: number, signal: AbortSignal): Promise<PointCard> {
    const known = this.#known.get(ordinal)
    if (known) return known
    const card = readCard(await fetchJson(pointUrl(this.#settings, ordinal), signal))
    const oldest = this.#known.keys().next()
    if (this.#known.size >= REMEMBERED && !oldest.done) this.#known.delete(oldest.value)
    this.#known.set(ordinal, card)
    return card
  }

  async #show(ordinal: number, at: () => ScreenPoint, signal: AbortSignal): Promise<void> {
    try {
      const card = await this.describe(ordinal, signal)
      if (signal.aborted) return
      const stage = this.#stage.getBoundingClientRect()
      this.card.show(card, at(), stage, obstacles(this.#stage, stage))
    } catch (error) {
      // The pointer went on, or the point cannot be read: either way there is no card to show.
      if (!signal.aborted && !(error instanceof RequestError)) throw error
    }
  }
}

/** Boxes of the legend and the tools, in the coordinates of the stage. */
function obstacles(stage: HTMLElement, { left, top }: DOMRect): Box[] {
  return [...stage.querySelectorAll('.map-legend, .map-tools')].map((part) => {
    const box = part.getBoundingClientRect()
    return {
      left: box.left - left,
      top: box.top - top,
      right: box.right - left,
      bottom: box.bottom - top,
    }
  })
}

function readCard(json: unknown): PointCard {
  return json as PointCard
}
