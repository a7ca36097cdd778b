/** Add to collection: opens the dialog for the selection, or for a region of the map. */
import { on } from '../dom'
import { explorer, go, refreshRail, required, stateQuery } from './page'
import type { Selection } from './selection'

export function startCollect(selection: Selection): void {
  on('click', '#collect', () => collect(selection))
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

/** Open the dialog for what is selected. */
export function collect(selection: Selection): void {
  if (selection.size === 0 || !document.getElementById('collect')) return
  const asked = new URLSearchParams()
  if (selection.matching) asked.set('matching', stateQuery().toString())
  else asked.set('units', selection.units.join(','))
  open(asked)
}

/** Open the dialog for a region: the present state, cut by a condition. */
export function collectRegion(part: object): void {
  const asked = new URLSearchParams({ matching: stateQuery().toString() })
  asked.set('part', JSON.stringify(part))
  open(asked)
}

function open(asked: URLSearchParams): void {
  // By POST: the ids of a large selection do not fit into an address.
  asked.set('ask', '1')
  void window.htmx?.ajax('POST', explorer().dataset.collect ?? '', {
    target: required('dialog'),
    swap: 'innerHTML',
    values: Object.fromEntries(asked),
  })
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
  const values = selection.matching
    ? { matching: stateQuery().toString() }
    : { units: selection.units.join(',') }
  void window.htmx?.ajax('POST', button.dataset.url ?? '', {
    target: required('dialog'),
    swap: 'none',
    values,
  })
}
