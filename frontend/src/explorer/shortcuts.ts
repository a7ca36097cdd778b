/** Single keys, while nobody types and no dialog or menu is open. */
import { press as pressButton } from './collect'
import { clearRegion, followState, showOnMap } from './embeddings'
import { currentTile, moveByKey } from './grid'
import { required, VIEWS } from './page'
import { toggleRail } from './rail'
import { clearSearch } from './search'
import type { Selection } from './selection'
import { redo, undo } from './steps'
import { setView } from './views'

export function startShortcuts(selection: Selection): void {
  const keys: Readonly<Record<string, () => void>> = {
    '/': () => focusFind(),
    f: () => toggleRail(),
    s: () => currentTile()?.querySelector<HTMLElement>('[data-similar]')?.click(),
    '+': () => currentTile()?.querySelector<HTMLElement>('[data-more], [data-similar]')?.click(),
    '-': () => currentTile()?.querySelector<HTMLElement>('[data-less]')?.click(),
    '\u2212': () => currentTile()?.querySelector<HTMLElement>('[data-less]')?.click(),
    m: () => void showOnMap(currentTile()),
    c: () => pressButton('collect', selection),
    x: () => pressButton('exclude', selection),
    a: () => focusActions(),
    '?': () => (required('shortcuts') as HTMLDialogElement).showModal(),
    ...Object.fromEntries(
      VIEWS.map((view, place) => [String(place + 1), () => setView(view, followState)]),
    ),
  }
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || isBusy(event)) return
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      selection.selectMatching()
      event.preventDefault()
    } else if (travel(event)) {
      event.preventDefault()
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey) {
      if (press(event, keys, selection)) event.preventDefault()
    }
  })
}

/** Undo by Ctrl or Cmd with Z; redo with Shift as well, or by Ctrl-Y. */
function travel(event: KeyboardEvent): boolean {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return false
  const key = event.key.toLowerCase()
  if (key === 'z' && !event.shiftKey) undo()
  else if (key === 'z' || (key === 'y' && event.ctrlKey)) redo()
  else return false
  return true
}

function press(
  event: KeyboardEvent,
  keys: Readonly<Record<string, () => void>>,
  selection: Selection,
): boolean {
  if (event.key === 'Escape') return clearRegion() || selection.clear() || clearSearch()
  if (event.key === ' ') return select(event, selection)
  if (inGrid(event) && moveByKey(event.key)) {
    const tile = currentTile()
    if (event.shiftKey && tile) selection.toggle(tile, true)
    return true
  }
  const action = keys[event.key]
  action?.()
  return action !== undefined
}

function select(event: KeyboardEvent, selection: Selection): boolean {
  const tile = document.activeElement?.closest<HTMLElement>('.tile')
  if (!tile || event.target instanceof HTMLInputElement) return false
  selection.toggle(tile, event.shiftKey)
  return true
}

function focusFind(): void {
  const find = required('find') as HTMLInputElement
  find.focus()
  find.select()
}

/** The bar of the selection lies behind all tiles for Tab. */
function focusActions(): void {
  required('selection-bar').querySelector<HTMLElement>('[data-act]:not([hidden])')?.focus()
}

/** Arrow keys scroll elsewhere, and move what has the focus in menus, sliders and on the map. */
function inGrid(event: KeyboardEvent): boolean {
  const target = event.target as Element
  return target === document.body || target.closest('#explorer-grid') !== null
}

function isBusy(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null
  if (document.querySelector('dialog:modal, .menu:popover-open')) return true
  const typing = 'input:not([type="checkbox"], [type="radio"], [type="range"]), textarea, select'
  if (target?.closest(typing)) return true
  // The map has keys of its own; what it leaves alone is ours.
  return false
}
