/** What one can do with the region: the pill below it. */

import { icon } from '../icon'
import { type Camera, toScreen } from './camera'
import { count, element, units } from './dom'
import type { Bounds } from './payload'

export interface ActionsTarget {
  commit(action: 'filter' | 'exclude'): void
  clear(): boolean
  /** List what the region holds. */
  list(): void
}

/** Narrow maps have room for one action. */
const EXCLUDE = 'button button-ghost map-actions-exclude'
const GAP = 10
const MARGIN = 12

export class RegionActions {
  readonly root: HTMLElement
  readonly #count = element('strong', {})
  readonly #note = element('span', { class: 'map-actions-note' })

  constructor(target: ActionsTarget) {
    const list = button('', () => target.list(), 'icon-button')
    list.append(icon('list'))
    list.setAttribute('aria-label', 'List the points')
    list.title = 'List the points (I)'
    const clear = button('', () => target.clear(), 'icon-button')
    clear.append(icon('x'))
    clear.setAttribute('aria-label', 'Clear the region')
    clear.title = 'Clear the region (Esc)'
    this.root = element(
      'div',
      { class: 'map-actions', role: 'group', 'aria-label': 'Region', hidden: '' },
      element('p', {}, this.#count, this.#note),
      button('Filter to selection', () => target.commit('filter')),
      button('Exclude selection', () => target.commit('exclude'), EXCLUDE),
      list,
      clear,
    )
  }

  /** Say how many units the region holds, and how many of them the legend hides. */
  show(selected: number, hidden: number): void {
    this.#count.textContent = units(selected)
    this.#note.textContent = hidden > 0 ? `${count(hidden)} hidden by the legend` : ''
    this.root.hidden = false
  }

  hide(): void {
    this.root.hidden = true
  }

  /** Stand below the region, within the stage. On narrow stages the style sheet docks it. */
  moveTo(camera: Camera, bounds: Bounds): void {
    if (this.root.hidden) return
    const [left, bottom] = toScreen(camera, [bounds[0], bounds[1]])
    const [right] = toScreen(camera, [bounds[2], bounds[1]])
    const { offsetWidth: width, offsetHeight: height } = this.root
    const x = clamp((left + right - width) / 2, MARGIN, camera.width - width - MARGIN)
    const y = clamp(bottom + GAP, MARGIN, camera.height - height - MARGIN)
    this.root.style.setProperty('translate', `${Math.round(x)}px ${Math.round(y)}px`)
  }
}

function button(
  label: string,
  pressed: () => void,
  name = 'button button-ghost',
): HTMLButtonElement {
  const made = element('button', { type: 'button', class: name }, label)
  made.addEventListener('click', pressed)
  return made
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high))
}
