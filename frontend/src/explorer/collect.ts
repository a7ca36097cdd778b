/** Add to collection: opens the dialog for the selection, or for a region of the map. */
import { on } from '../dom'
import { explorer, go, refreshRail, required, stateQuery } from './page'
import type { Selection } from './selection'

export function startCollect(selection: Selection): void {
  on('click', '#collect', () => collect(selection))
  on('click', '#export', (button) => askExport(button, selection))
  on('click', '#uncollect', (button) => uncollect(button, selection))
  document.addEventListener('explorer:collected', () => {
    selection.clear()
    refreshRail()
  })
  // Units left the collection that the page may be filtered by.
  document.addEventListener('explorer:changed', () => go(stateQuery()))
  document.addEventListener('htmx:afterSettle', offerRemoval)
  offerRemoval()
}

/** Open the dialog for what is selected, or for the region of the map. */
export function collect(selection: Selection): void {
  const values = named(selection)
  if (values === null || !document.getElementById('collect')) return
  // By POST: the ids of a large selection do not fit into an address.
  void window.htmx?.ajax('POST', explorer().dataset.collect ?? '', {
    target: required('dialog'),
    swap: 'innerHTML',
    values: { ...values, ask: '1' },
  })
}

/** Open the dialog that makes a file of what is selected. */
function askExport(button: HTMLElement, selection: Selection): void {
  const values = named(selection)
  if (values === null) return
  void window.htmx?.ajax('POST', button.dataset.url ?? '', {
    target: required('dialog'),
    swap: 'innerHTML',
    values: { ...values, ask: '1' },
  })
}

/** The selection as the server takes it; null when there is none. */
function named(selection: Selection): Record<string, string> | null {
  const { region } = selection
  const matching = stateQuery().toString()
  // A region is the present state, cut by one more condition.
  if (region) return { matching, part: JSON.stringify(region.filter) }
  if (selection.size === 0) return null
  return selection.matching ? { matching } : { units: selection.units.join(',') }
}

/** Units can be taken out where the filter names exactly one collection. */
function offerRemoval(): void {
  const button = document.getElementById('uncollect')
  if (!button) return
  const chips = document.querySelector<HTMLElement>('[data-collection]')
  button.hidden = !chips
  button.dataset.url = chips?.dataset.collection ?? ''
}

function uncollect(button: HTMLElement, selection: Selection): void {
  const values = named(selection)
  if (values === null) return
  void window.htmx?.ajax('POST', button.dataset.url ?? '', {
    target: required('dialog'),
    swap: 'none',
    values,
  })
}
