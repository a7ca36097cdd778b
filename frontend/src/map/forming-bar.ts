/** The line under a map that is being computed: how far it is, and how to end it. */

import { csrfToken } from '../dom'
import { element } from './dom'
import type { MapSettings } from './settings'

export class FormingBar {
  readonly root: HTMLElement
  readonly #step = element('span', { class: 'map-forming-step truncate' }, 'Waiting for a worker')
  readonly #bar = element('progress', { class: 'progress-bar', max: '100' })
  readonly #percent = element('span', {})

  constructor(settings: MapSettings, failed: (error: unknown) => void) {
    this.#bar.setAttribute('aria-label', `Computing the map of ${settings.embedding}`)
    this.root = element(
      'footer',
      { class: 'map-status map-forming' },
      element('span', { class: 'spinner', 'aria-hidden': 'true' }),
      this.#step,
      this.#percent,
      this.#bar,
    )
    if (settings.stopUrl) {
      this.root.append(ending('Stop here and keep', 'Stopping', settings.stopUrl, failed))
    }
    if (settings.cancelUrl) {
      this.root.append(ending('Cancel', 'Cancelling', settings.cancelUrl, failed))
    }
  }

  /** Say how far it is. */
  show(step: string, percent: number | null): void {
    if (step) this.#step.textContent = step
    if (percent === null || Number.isNaN(percent)) return
    this.#bar.value = percent
    this.#percent.textContent = `${percent} %`
  }
}

/** A button that asks the server once. */
function ending(
  label: string,
  busy: string,
  url: string,
  failed: (error: unknown) => void,
): HTMLButtonElement {
  const button = element('button', { type: 'button', class: 'link-button' }, label)
  button.addEventListener('click', () => {
    button.disabled = true
    button.textContent = busy
    const headers = { Accept: 'application/json', 'X-CSRFToken': csrfToken() }
    fetch(url, { method: 'POST', headers })
      .then((response) => {
        if (!response.ok) throw new Error(`The server answered ${response.status}.`)
      })
      .catch((error: unknown) => {
        button.disabled = false
        button.textContent = label
        failed(error)
      })
  })
  return button
}
