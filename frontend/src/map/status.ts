/** The line under the map: how many units it shows, how many lack a vector, how it was made. */

import { count, element } from './dom'
import type { MapSettings } from './settings'

export class StatusLine {
  readonly root: HTMLElement
  readonly #settings: MapSettings
  readonly #shown = element('span', {})
  readonly #made: HTMLElement
  readonly #fresh = element('span', { class: 'map-status-fresh' })

  constructor(settings: MapSettings) {
    this.#settings = settings
    this.root = element('footer', { class: 'map-status' }, this.#shown)
    const { withoutVector, withoutVectorUrl, zero, zeroUrl } = settings
    if (withoutVector > 0) {
      this.root.append(linked(`${count(withoutVector)} without a vector`, withoutVectorUrl))
    }
    if (zero > 0) this.root.append(linked(`${count(zero)} with a zero vector`, zeroUrl))
    if (settings.leftOut) this.root.append(element('span', {}, settings.leftOut))
    this.#made = element('span', { class: 'map-status-made' }, settings.status)
    this.root.append(this.#fresh, this.#made)
    if (settings.compareUrl) {
      this.root.append(linked('Compare versions', settings.compareUrl))
    }
  }

  /** Say how many points there are, and how many of them match the filter. */
  show(points: number, matching: number | null): void {
    const all = this.#settings.units ?? points
    const shown = all === points ? count(points) : `${count(points)} of ${count(all)}`
    const match = matching === null ? '' : ` · ${count(matching)} match`
    this.#shown.textContent = `${shown} units${match}`
  }

  /** Say how many points are new: to look at them alone, and to take their rings away. */
  offerFresh(fresh: number, target: FreshTarget): void {
    this.#fresh.replaceChildren()
    if (fresh === 0) return
    const show = button(`${count(fresh)} new`, () => {
      const pressed = show.getAttribute('aria-pressed') !== 'true'
      show.setAttribute('aria-pressed', String(pressed))
      target.pickOut(pressed)
    })
    show.setAttribute('aria-pressed', 'false')
    show.title = 'Placed since you last looked at this map'
    this.#fresh.append(
      show,
      button('Mark as seen', () => target.seen()),
    )
  }
}

export interface FreshTarget {
  /** Look at the new points alone, or at all again. */
  pickOut(pressed: boolean): void
  seen(): void
}

function button(words: string, pressed: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'link-button' }, words)
  made.addEventListener('click', pressed)
  return made
}

function linked(words: string, url: string): HTMLElement {
  if (!url) return element('span', {}, words)
  return element('a', { class: 'map-status-link', href: url }, words)
}
