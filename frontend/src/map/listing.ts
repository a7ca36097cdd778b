/** The points of the region as a list: what pointers do on the map, keys do here. */

import { icon } from '../icon'
import type { PointCard } from './card'
import { MOST_CARDS } from './cards'
import { count, element, units } from './dom'

export interface ListingTarget {
  /** What points are, by ordinal. */
  cards(ordinals: readonly number[]): Promise<PointCard[]>
  /** Draw attention to a point. */
  show(ordinal: number): void
  /** Take a point into the region, or out of it. */
  toggle(ordinal: number, within: boolean): void
  /** The list is gone: the map has the focus again. */
  closed(): void
}

export class Listing {
  readonly root = element('section', {
    class: 'map-list',
    'aria-label': 'Points of the region',
    hidden: '',
  })
  readonly #target: ListingTarget
  readonly #title = element('h2', {})
  readonly #list = element('ul', {})
  readonly #more = element('button', { type: 'button', class: 'button' }, 'Show more')
  #waiting: readonly number[] = []

  constructor(target: ListingTarget) {
    this.#target = target
    const close = element('button', {
      type: 'button',
      class: 'icon-button icon-button-small',
      'aria-label': 'Close the list',
    })
    close.append(icon('x'))
    close.addEventListener('click', () => this.close())
    this.#more.addEventListener('click', () => void this.#next())
    const head = element('div', { class: 'map-list-head' }, this.#title, close)
    this.root.append(head, this.#list, this.#more)
    this.root.addEventListener('keydown', (event) => this.#key(event))
    this.root.addEventListener('focusin', ({ target: focused }) => {
      const row = (focused as Element).closest<HTMLElement>('li')
      if (row) target.show(Number(row.dataset.ordinal))
    })
  }

  /** List these points and go to the first. */
  async open(ordinals: readonly number[]): Promise<void> {
    this.#title.textContent = units(ordinals.length)
    this.#list.replaceChildren()
    this.#waiting = ordinals
    this.root.hidden = false
    await this.#next()
  }

  /** Take the list away; say whether there was one. */
  close(): boolean {
    if (this.root.hidden) return false
    this.root.hidden = true
    this.#target.closed()
    return true
  }

  async #next(): Promise<void> {
    const asked = this.#waiting.slice(0, MOST_CARDS)
    this.#more.disabled = true
    const cards = await this.#target.cards(asked)
    this.#waiting = this.#waiting.slice(asked.length)
    this.#more.disabled = false
    this.#more.hidden = this.#waiting.length === 0
    this.#more.textContent = `Show more (${count(this.#waiting.length)})`
    const rows = cards.map((card) => this.#row(card))
    this.#list.append(...rows)
    if (!this.root.hidden) rows[0]?.querySelector('a')?.focus()
  }

  #row(card: PointCard): HTMLLIElement {
    const box = element('input', { type: 'checkbox', 'aria-label': `In the region: ${card.name}` })
    box.checked = true
    box.addEventListener('change', () => this.#target.toggle(card.ordinal, box.checked))
    const picture = card.thumbnail
      ? element('img', { src: card.thumbnail, alt: '', loading: 'lazy' })
      : element('span', { class: 'map-list-picture', 'aria-hidden': 'true' })
    const link = element('a', { href: card.url }, picture, element('span', {}, card.name))
    return element('li', { 'data-ordinal': String(card.ordinal) }, box, link)
  }

  #key(event: KeyboardEvent): void {
    const links = [...this.#list.querySelectorAll('a')]
    const row = (event.target as Element).closest('li')
    const at = links.findIndex((link) => link.closest('li') === row)
    if (event.key === 'Escape') this.close()
    else if (event.key === 'ArrowDown') links[Math.min(at + 1, links.length - 1)]?.focus()
    else if (event.key === 'ArrowUp') links[Math.max(at - 1, 0)]?.focus()
    else if (event.key === ' ' && event.target instanceof HTMLAnchorElement) {
      row?.querySelector('input')?.click()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
}
