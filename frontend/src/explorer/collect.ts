/** What is done with the selection, or with a region of the map: dialogs, and other states. */
import { on } from '../dom'
import { toast } from '../shell/toasts'
import { go, refreshRail, required, stateQuery } from './page'
import type { Selection } from './selection'

const SWAPS: Readonly<Record<string, string>> = { ask: 'innerHTML', go: 'outerHTML' }

export function startCollect(selection: Selection): void {
  on('click', '[data-act]', (button) => act(button, selection))
  document.addEventListener('explorer:collected', () => {
    selection.clear()
    refreshRail()
  })
  // The page now shows something else.
  document.addEventListener('explorer:left', () => selection.clear())
  // Units changed or went, and with them what the page is filtered by.
  document.addEventListener('explorer:changed', () => go(stateQuery()))
  document.addEventListener('explorer:deleted', (event) => offerRestoring(event as CustomEvent))
  document.addEventListener('htmx:afterSettle', offerRemoval)
  offerRemoval()
}

/** Do what the button of this id says, where the page has it. */
export function press(id: string, selection: Selection): void {
  const button = document.getElementById(id)
  if (button) act(button, selection)
}

/**
 * Ask in a dialog, show the grid of another state, or have it done. By POST: the ids of a large
 * selection do not fit into an address.
 */
function act(button: HTMLElement, selection: Selection): void {
  button.closest<HTMLElement>('[popover]')?.hidePopover()
  const values = named(selection)
  const { url, act: how } = button.dataset
  if (values === null || url === undefined) return
  void window.htmx?.ajax('POST', url, {
    target: required(how === 'go' ? 'explorer-grid' : 'dialog'),
    swap: SWAPS[how ?? ''] ?? 'none',
    values: how === 'ask' ? { ...values, ask: '1' } : values,
  })
}

/** The selection as the server takes it; null when there is none. */
function named(selection: Selection): Record<string, string> | null {
  const { region } = selection
  const state = stateQuery().toString()
  // A region is the present state, cut by one more condition.
  if (region) return { matching: state, part: JSON.stringify(region.filter) }
  if (selection.size === 0) return null
  return selection.matching ? { matching: state } : { units: selection.units.join(','), state }
}

/** Units can be taken out at once where the filter names exactly one collection. */
function offerRemoval(): void {
  const button = document.getElementById('uncollect')
  if (!button) return
  const chips = document.querySelector<HTMLElement>('[data-collection]')
  button.hidden = !chips
  button.dataset.url = chips?.dataset.collection ?? ''
}

/** Say what was deleted; for a minute it can be brought back. */
function offerRestoring({ detail }: CustomEvent<{ aside: string; words: string }>): void {
  toast(detail.words, 'success', {
    label: 'Undo',
    run: () => {
      void window.htmx?.ajax('POST', required('selection-bar').dataset.restore ?? '', {
        target: required('dialog'),
        swap: 'none',
        values: { aside: detail.aside },
      })
    },
  })
}
