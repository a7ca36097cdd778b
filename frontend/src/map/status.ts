/** The line under the map: how many units it shows, how many lack a vector, how it was made. */

import { count, element } from './dom'
import type { MapSettings } from './settings'

export class StatusLine {
  readonly root: HTMLElement
  readonly #settings: MapSettings
  readonly #shown = element('span', {})

  constructor(settings: MapSettings) {
    this.#settings = settings
    this.root = element('footer', { class: 'map-status' }, this.#shown)
    const { withoutVector, withoutVectorUrl } = settings
    if (withoutVector > 0) {
      const words = `${count(withoutVector)} without a vector`
      const attributes = { class: 'map-status-link', href: withoutVectorUrl }
      this.root.append(withoutVectorUrl ? element('a', attributes, words) : words)
    }
    if (settings.leftOut) this.root.append(element('span', {}, settings.leftOut))
    this.root.append(element('span', { class: 'map-status-made' }, settings.status))
  }

  /** Say how many points there are, and how many of them match the filter. */
  show(points: number, matching: number | null): void {
    const all = this.#settings.units ?? points
    const shown = all === points ? count(points) : `${count(points)} of ${count(all)}`
    const match = matching === null ? '' : ` · ${count(matching)} match`
    this.#shown.textContent = `${shown} units${match}`
  }
}
