/** The card beside a point: picture, name and what is known of it. */

import type { ScreenPoint } from './camera'
import { element } from './dom'

/** What the server says of one point. */
export interface PointCard {
  readonly ordinal: number
  readonly unit: number
  readonly item: string
  readonly name: string
  readonly thumbnail: string
  /** Page of the item. */
  readonly url: string
  /** A few values, in words. */
  readonly values: readonly { readonly name: string; readonly value: string }[]
}

export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const WIDTH = 176
/** From the middle of the point: its ring, and air. */
const GAP = 14
const MARGIN = 8

export class HoverCard {
  readonly root = element('div', { class: 'map-card', hidden: '' })

  /** Show a card at a point, within the stage and clear of the obstacles. */
  show(card: PointCard, at: ScreenPoint, stage: DOMRect, obstacles: readonly Box[]): void {
    const picture = card.thumbnail
      ? [element('img', { class: 'map-card-picture', src: card.thumbnail, alt: '' })]
      : []
    const values = card.values.map(({ name, value }) =>
      element(
        'div',
        { class: 'map-card-value' },
        element('dt', {}, name),
        element('dd', {}, value),
      ),
    )
    this.root.replaceChildren(
      ...picture,
      element('p', { class: 'map-card-name' }, card.name),
      element('dl', {}, ...values),
    )
    this.root.hidden = false
    const size = { width: WIDTH, height: this.root.offsetHeight }
    const [left, top] = place(at, size, { width: stage.width, height: stage.height }, obstacles)
    this.root.style.setProperty('translate', `${Math.round(left)}px ${Math.round(top)}px`)
  }

  hide(): void {
    this.root.hidden = true
  }
}

interface Size {
  readonly width: number
  readonly height: number
}

/**
 * Find the top left corner of a card for the point `at`: above it if that is free, else below,
 * left or right; above and within the stage when nothing is free.
 */
export function place(
  at: ScreenPoint,
  card: Size,
  stage: Size,
  obstacles: readonly Box[],
): ScreenPoint {
  const [x, y] = at
  const candidates: ScreenPoint[] = [
    [x - card.width / 2, y - GAP - card.height],
    [x - card.width / 2, y + GAP],
    [x - GAP - card.width, y - card.height / 2],
    [x + GAP, y - card.height / 2],
  ].map(([left = 0, top = 0]) => within(left, top, card, stage))
  const free = candidates.find((corner) => {
    const box = boxAt(corner, card)
    const point = { left: x - GAP / 2, right: x + GAP / 2, top: y - GAP / 2, bottom: y + GAP / 2 }
    return ![...obstacles, point].some((obstacle) => overlap(box, obstacle))
  })
  return free ?? candidates[0] ?? [0, 0]
}

function within(left: number, top: number, card: Size, stage: Size): ScreenPoint {
  return [
    Math.max(MARGIN, Math.min(left, stage.width - card.width - MARGIN)),
    Math.max(MARGIN, Math.min(top, stage.height - card.height - MARGIN)),
  ]
}

function boxAt([left, top]: ScreenPoint, { width, height }: Size): Box {
  return { left, top, right: left + width, bottom: top + height }
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
