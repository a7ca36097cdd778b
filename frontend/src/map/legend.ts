/** Colour by, and what the colours mean: counts, and categories to hide or to show alone. */

import { icon } from '../icon'
import type { Category, Colouring, Scale } from './colouring'
import { count, element, measure } from './dom'
import { type Rgb, rampColour, type Theme, toCss } from './palette'
import type { ColourField } from './settings'

export interface LegendTarget {
  /** Colour by a field; '' is none. */
  colourBy(field: string): void
  /** Hide these slots and show all others. */
  hide(slots: ReadonlySet<number>): void
  /** The legend takes more room than before, or less. */
  resized(): void
}

export class Legend {
  readonly root: HTMLElement
  readonly #target: LegendTarget
  readonly #select: HTMLSelectElement
  readonly #choice: readonly HTMLElement[]
  readonly #fold: HTMLButtonElement
  readonly #body = element('div', { class: 'map-legend-body' })
  #lines: readonly Line[] = []
  #hidden = new Set<number>()

  constructor(fields: readonly ColourField[], target: LegendTarget) {
    this.#target = target
    this.#select = element('select', { class: 'map-legend-select', 'aria-label': 'Colour by' })
    this.#select.addEventListener('change', () => target.colourBy(this.#select.value))
    this.#fold = element('button', {
      type: 'button',
      class: 'icon-button icon-button-small map-legend-fold',
      'aria-label': 'Legend',
      'aria-expanded': 'true',
    })
    this.#fold.append(icon('list'))
    this.#fold.addEventListener('click', () => this.fold(!this.#body.hidden))
    this.#choice = [element('span', { 'aria-hidden': 'true' }, 'Colour by'), this.#select]
    const head = element('div', { class: 'map-legend-head' }, ...this.#choice, this.#fold)
    this.offer(fields)
    this.root = element('div', { class: 'map-legend' }, head, this.#body)
  }

  /** Say what one can colour by; what is chosen stays chosen where it still can be. */
  offer(fields: readonly ColourField[]): void {
    const chosen = this.#select.value
    const options = fields.map(({ field, name }) => option(field, name))
    this.#select.replaceChildren(option('', 'None'), ...options)
    this.#select.value = fields.some(({ field }) => field === chosen) ? chosen : ''
    for (const part of this.#choice) part.hidden = fields.length === 0
  }

  /** Labels of the categories that are hidden. */
  get hiddenLabels(): readonly string[] {
    const hidden = this.#lines.filter((line) => this.#hidden.has(line.category.slot))
    return hidden.map((line) => line.category.label)
  }

  /** Hide the categories of these labels, where there are such. */
  hideLabels(labels: readonly string[]): void {
    const lines = this.#lines.filter((line) => labels.includes(line.category.label))
    if (lines.length > 0) this.#apply(new Set(lines.map((line) => line.category.slot)))
  }

  /** Hide or show all but Colour by. */
  fold(folded: boolean): void {
    this.#body.hidden = folded
    this.#fold.setAttribute('aria-expanded', String(!folded))
    this.#target.resized()
  }

  /** Show what the colours mean, with all categories shown again. */
  show(colouring: Colouring, field: string, theme: Theme): void {
    this.#select.value = field
    this.#fold.hidden = colouring.categories.length === 0 && colouring.scale === null
    this.#hidden = new Set()
    this.#lines = colouring.categories.map((category) => new Line(category))
    for (const { category, root } of this.#lines) {
      root.addEventListener('click', () => this.#toggle(category.slot))
      root.addEventListener('dblclick', () => this.#isolate(category.slot))
    }
    const items = this.#lines.map((line) => element('li', {}, line.root))
    this.#body.replaceChildren(
      ...(colouring.scale ? ramp(colouring.scale) : []),
      element('ul', { 'aria-label': 'Categories' }, ...items),
    )
    this.paint(colouring, theme)
    this.count(null)
    this.#target.resized()
  }

  /** Draw the colours of the theme. */
  paint(colouring: Colouring, theme: Theme): void {
    for (const line of this.#lines) line.paint(colouring.colour(theme, line.category.slot))
    const canvas = this.#body.querySelector('canvas')
    if (canvas) paintRamp(canvas, theme)
  }

  /** Say how many of each category are picked out, by slot; null when nothing is. */
  count(counts: Uint32Array | null): void {
    for (const line of this.#lines) line.count(counts && (counts[line.category.slot] ?? 0))
  }

  /** A double click comes after two clicks, which undo each other. */
  #isolate(slot: number): void {
    const others = this.#lines.map((line) => line.category.slot).filter((other) => other !== slot)
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
    for (const line of this.#lines) line.press(!hidden.has(line.category.slot))
    this.#target.hide(hidden)
  }
}

/** A category: dot, label and count, pressed while it is shown. */
class Line {
  readonly category: Category
  readonly root: HTMLButtonElement
  readonly #dot = element('span', { class: 'map-legend-dot', 'aria-hidden': 'true' })
  readonly #count = element('span', { class: 'map-legend-count' })

  constructor(category: Category) {
    this.category = category
    const label = element('span', { class: 'map-legend-label', title: category.label })
    label.append(category.label)
    const attributes = { type: 'button', class: 'map-legend-line', 'aria-pressed': 'true' }
    this.root = element('button', attributes, this.#dot, label, this.#count)
  }

  paint(colour: Rgb): void {
    this.#dot.style.setProperty('--dot', toCss(colour))
  }

  press(shown: boolean): void {
    this.root.setAttribute('aria-pressed', String(shown))
  }

  count(picked: number | null): void {
    const total = count(this.category.total)
    this.#count.textContent = picked === null ? total : `${count(picked)} / ${total}`
  }
}

function option(value: string, label: string): HTMLOptionElement {
  return element('option', { value }, label)
}

function ramp({ min, median, max }: Scale): HTMLElement[] {
  const words = [measure(min), `median ${measure(median)}`, measure(max)]
  const ends = words.map((word) => element('span', {}, word))
  return [
    element('canvas', { class: 'map-legend-ramp', width: '256', height: '1' }),
    element('div', { class: 'map-legend-ends' }, ...ends),
  ]
}

function paintRamp(canvas: HTMLCanvasElement, theme: Theme): void {
  const context = canvas.getContext('2d')
  for (let x = 0; context && x < canvas.width; x++) {
    context.fillStyle = toCss(rampColour(theme.scheme, x / (canvas.width - 1)))
    context.fillRect(x, 0, 1, 1)
  }
}
