/** Colour by, and what the colours mean: counts, and categories to hide or to show alone. */

import { icon } from '../icon'
import type { Colouring, Scale } from './colouring'
import { count, element, measure } from './dom'
import { type Rgb, rampColour, type Theme, toCss } from './palette'
import type { ColourField } from './settings'

export interface LegendTarget {
  /** Colour by a field; '' is none. */
  colourBy(field: string): void
  /** Hide these slots and show all others. */
  hide(slots: ReadonlySet<number>): void
}

export class Legend {
  readonly root: HTMLElement
  readonly #target: LegendTarget
  readonly #select: HTMLSelectElement
  readonly #fold: HTMLButtonElement
  readonly #body = element('div', { class: 'map-legend-body' })
  #hidden = new Set<number>()

  constructor(fields: readonly ColourField[], chosen: string, target: LegendTarget) {
    this.#target = target
    this.#select = element(
      'select',
      { class: 'map-legend-select', 'aria-label': 'Colour by' },
      option('', 'None'),
      ...fields.map(({ field, name }) => option(field, name)),
    )
    this.#select.value = chosen
    this.#select.addEventListener('change', () => target.colourBy(this.#select.value))
    this.#fold = element('button', {
      type: 'button',
      class: 'icon-button icon-button-small map-legend-fold',
      'aria-label': 'Legend',
      'aria-expanded': 'true',
    })
    this.#fold.append(icon('list'))
    this.#fold.addEventListener('click', () => this.fold(!this.#body.hidden))
    const head = element(
      'div',
      { class: 'map-legend-head' },
      element('span', { 'aria-hidden': 'true' }, 'Colour by'),
      this.#select,
      this.#fold,
    )
    this.root = element('div', { class: 'map-legend' }, head, this.#body)
  }

  /** Hide or show all but Colour by. */
  fold(folded: boolean): void {
    this.#body.hidden = folded
    this.#fold.setAttribute('aria-expanded', String(!folded))
  }

  /** Show what the colours mean; `counts` per slot say how many are picked out. */
  show(colouring: Colouring, field: string, theme: Theme, counts: Uint32Array | null): void {
    this.#select.value = field
    this.#fold.hidden = colouring.categories.length === 0 && colouring.scale === null
    const scale = colouring.scale ? ramp(colouring.scale, theme) : []
    this.#body.replaceChildren(...scale, this.#list(colouring, theme, counts))
  }

  /** Show all categories again, as for other colours. */
  reset(): void {
    this.#hidden = new Set()
  }

  #list(colouring: Colouring, theme: Theme, counts: Uint32Array | null): HTMLElement {
    const lines = colouring.categories.map(({ label, slot, total }) => {
      const colour = colouring.colour(theme, slot)
      const numbers = counts ? `${count(counts[slot] ?? 0)} / ${count(total)}` : count(total)
      const button = element(
        'button',
        {
          type: 'button',
          class: 'map-legend-line',
          'aria-pressed': String(!this.#hidden.has(slot)),
        },
        dot(colour),
        element('span', { class: 'map-legend-label', title: label }, label),
        element('span', { class: 'map-legend-count' }, numbers),
      )
      button.addEventListener('click', () => this.#toggle(slot))
      button.addEventListener('dblclick', () => this.#isolate(colouring, slot))
      return element('li', {}, button)
    })
    return element('ul', { 'aria-label': 'Categories' }, ...lines)
  }

  /** A double click comes after two clicks, which undo each other. */
  #isolate(colouring: Colouring, slot: number): void {
    const others = colouring.categories.map((category) => category.slot).filter((s) => s !== slot)
    const alone = !this.#hidden.has(slot) && others.every((other) => this.#hidden.has(other))
    this.#apply(new Set(alone ? [] : others))
  }

  #toggle(slot: number): void {
    const hidden = new Set(this.#hidden)
    if (!hidden.delete(slot)) hidden.add(slot)
    this.#apply(hidden)
  }

  #apply(hidden: Set<number>): void {
    this.#hidden = hidden
    this.#target.hide(hidden)
  }
}

function option(value: string, label: string): HTMLOptionElement {
  return element('option', { value }, label)
}

function dot(colour: Rgb): HTMLElement {
  const made = element('span', { class: 'map-legend-dot', 'aria-hidden': 'true' })
  made.style.setProperty('--dot', toCss(colour))
  return made
}

function ramp({ min, median, max }: Scale, theme: Theme): HTMLElement[] {
  const canvas = element('canvas', { class: 'map-legend-ramp', width: '256', height: '1' })
  const context = canvas.getContext('2d')
  for (let x = 0; context && x < canvas.width; x++) {
    context.fillStyle = toCss(rampColour(theme.scheme, x / (canvas.width - 1)))
    context.fillRect(x, 0, 1, 1)
  }
  const words = [measure(min), `median ${measure(median)}`, measure(max)]
  const ends = words.map((word) => element('span', {}, word))
  return [canvas, element('div', { class: 'map-legend-ends' }, ...ends)]
}
