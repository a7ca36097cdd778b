/** The Explorer page as scripts see it: its root element, its state, ways to change the state. */

export type View = 'grid' | 'map' | 'split'

export const VIEWS: readonly View[] = ['grid', 'map', 'split']

/** The element that holds the whole Explorer. */
export function explorer(): HTMLElement {
  return required('explorer')
}

/** An element of this id; the page cannot be without it. */
export function required(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`The page has no #${id}.`)
  return element
}

/** The query string of the present state, as the server wrote it. */
export function stateQuery(): URLSearchParams {
  const query = new URLSearchParams(document.getElementById('explorer-grid')?.dataset.query ?? '')
  const { view, size } = explorer().dataset
  setOrDrop(query, 'view', view ?? 'grid', 'grid')
  setOrDrop(query, 'size', size ?? '', '124')
  return query
}

/** Number of units that the present state shows. */
export function matchingCount(): number {
  return Number(document.getElementById('explorer-grid')?.dataset.count ?? 0)
}

/** Ask the server for a state, given by the parameters that change it. */
export function go(query: URLSearchParams): void {
  const address = `${explorer().dataset.address ?? ''}?${query}`
  void window.htmx?.ajax('GET', address, {
    target: required('explorer-grid'),
    swap: 'outerHTML',
  })
}

/** Ask the server for the state of the page's address, to which the history has gone. */
export function restore(): void {
  void window.htmx?.ajax('GET', `${location.pathname}${location.search}`, {
    target: required('explorer-grid'),
    swap: 'outerHTML',
    headers: { 'HX-History-Restore-Request': 'true' },
  })
}

/** Count anew what the rail shows. */
export function refreshRail(): void {
  const loader = document.getElementById('rail-loader')
  const body = document.getElementById('rail-body')
  const address = loader?.getAttribute('hx-get')
  if (body && address) void window.htmx?.ajax('GET', address, { target: body, swap: 'outerHTML' })
}

/** Note a part of the state that the server need not hear of, in the address. */
export function noteInAddress(name: string, value: string, usual: string): void {
  const url = new URL(location.href)
  setOrDrop(url.searchParams, name, value, usual)
  history.replaceState(history.state, '', url)
}

/** Put the present view and size into the address, which may name others. */
export function keepLookInAddress(): void {
  const { view, size } = explorer().dataset
  noteInAddress('view', view ?? 'grid', 'grid')
  noteInAddress('size', size ?? '', '124')
}

function setOrDrop(query: URLSearchParams, name: string, value: string, usual: string): void {
  if (value === '' || value === usual) query.delete(name)
  else query.set(name, value)
}

/**
 * View and size are changed by scripts without asking the server, whose links therefore name old
 * ones: put the present ones into every request of the page.
 */
export function keepViewAndSize(): void {
  document.addEventListener('htmx:configRequest', (event) => {
    const { detail } = event as CustomEvent<{ path: string; parameters: Record<string, unknown> }>
    const address = explorer().dataset.address ?? ''
    const url = new URL(detail.path, location.href)
    if (!url.pathname.startsWith(address)) return
    const present = stateQuery()
    for (const name of ['view', 'size']) {
      delete detail.parameters[name]
      url.searchParams.delete(name)
      const value = present.get(name)
      if (value !== null) url.searchParams.set(name, value)
    }
    detail.path = `${url.pathname}${url.search}`
  })
}
