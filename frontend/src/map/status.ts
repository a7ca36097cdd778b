/** The line under the map: how many units it shows, how many lack a vector, how it was made. */

import { count, element } from './dom'
import type { MapSettings } from './settings'

export class StatusLine {
  readonly root: HTMLElement
  readonly #settings: MapSettings
  readonly #shown = element('span', {})
  readonly #made: HTMLElement

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
    this.root.append(this.#made)
    if (settings.compareUrl) {
      this.root.append(linked('Compare with the version before', settings.compareUrl))
    }
  }

  /** Say how many points there are, and how many of them match the filter. */
  show(points: number, matching: number | null): void {
    const all = this.#settings.units ?? points
    const shown = all === points ? count(points) : `${count(points)} of ${count(all)}`
    const match = matching === null ? '' : ` · ${count(matching)} match`
    this.#shown.textContent = `${shown} units${match}`
  }

  /** Offer to look at what is new; pressed again, it is seen and the offer goes. */
  offerFresh(fresh: number, toggle: (pressed: boolean) => void): void {
    const attributes = { type: 'button', class: 'link-button', 'aria-pressed': 'false' }
    const button = element('button', attributes, `${count(fresh)} new`)
    button.title = 'Placed since you last looked at this map'
    button.addEventListener('click', () => {
      const pressed = button.getAttribute('aria-pressed') !== 'true'
      button.setAttribute('aria-pressed', String(pressed))
      button.textContent = pressed ? `${count(fresh)} new: mark as seen` : ''
      toggle(pressed)
      if (!pressed) button.remove()
    })
    this.#made.before(button)
  }
}

function linked(words: string, url: string): HTMLElement {
  if (!url) return element('span', {}, words)
  return element('a', { class: 'map-status-link', href: url }, words)
}
