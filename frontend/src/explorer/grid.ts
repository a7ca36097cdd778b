/** Moving among tiles by arrow keys. */
import { openSheet } from './sheet/index'

const HORIZONTAL: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 }

/** The tile that has the focus, or the first one. */
export function currentTile(): HTMLElement | null {
  const focused = document.activeElement?.closest<HTMLElement>('.tile')
  return focused ?? document.querySelector<HTMLElement>('.tile:hover')
}

/** Move the focus by an arrow key; say whether it was one. */
export function moveByKey(key: string): boolean {
  if (!(key in HORIZONTAL) && key !== 'ArrowUp' && key !== 'ArrowDown') return false
  const sheet = openSheet()
  if (sheet) {
    const step = HORIZONTAL[key] ?? sheet.columns * (key === 'ArrowUp' ? -1 : 1)
    const to = sheet.current === -1 ? 0 : sheet.current + step
    if (to >= 0 && to < sheet.sequence.length) sheet.focus(to)
    return true
  }
  const tiles = [...document.querySelectorAll<HTMLElement>('.tile')]
  const focused = document.activeElement?.closest<HTMLElement>('.tile')
  const at = focused ? tiles.indexOf(focused) : -1
  const by = HORIZONTAL[key] ?? columns(tiles) * (key === 'ArrowUp' ? -1 : 1)
  const next = at === -1 ? tiles[0] : tiles[at + by]
  if (next) focusTile(next)
  return true
}

/** Put the focus on a tile and bring it into view. */
export function focusTile(tile: HTMLElement): void {
  tile.querySelector<HTMLElement>('.tile-picture')?.focus({ preventScroll: true })
  tile.scrollIntoView({ block: 'nearest' })
}

function columns(tiles: readonly HTMLElement[]): number {
  const top = tiles[0]?.offsetTop
  const next = tiles.findIndex((tile) => tile.offsetTop !== top)
  return next === -1 ? tiles.length : next
}
