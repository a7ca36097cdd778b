/**
 * The fragment of the address: parts of a page's state that the server need not know.
 *
 *     #map=f7f2fc8b,12.3456,-4.5,88.2,lasso,metadata.label&region=f7f2fc8b;r,0,0,1,1&units=12,15
 *
 * Whoever has a part reads it at first and writes it at each change. Addresses that the server gives
 * for another state have no fragment: what was last written is put behind them.
 */

const PARTS = ['map', 'region', 'units'] as const

export type Part = (typeof PARTS)[number]

let written: string | null = null

/** Keep the parts while the page goes from one address of the server to the next. */
export function startAddress(): void {
  written ??= location.hash
  document.addEventListener('htmx:pushedIntoHistory', keepFragment)
  document.addEventListener('htmx:replacedInHistory', keepFragment)
}

/** A part of a fragment; empty when it has none. */
export function partOf(hash: string, name: Part): string {
  const found = hash
    .replace(/^#/, '')
    .split('&')
    .find((part) => part.startsWith(`${name}=`))
  return found?.slice(name.length + 1) ?? ''
}

/** Whether a fragment has any part. */
export function isLinked(hash: string): boolean {
  return PARTS.some((name) => partOf(hash, name) !== '')
}

/** The fragment with one part replaced; an empty one goes. */
export function withPart(hash: string, name: Part, value: string): string {
  const parts = PARTS.map((one) => [one, one === name ? value : partOf(hash, one)])
  const said = parts.filter(([, text]) => text !== '').map((part) => part.join('='))
  return said.length > 0 ? `#${said.join('&')}` : ''
}

/** Write a part into the address of the page; nothing is added to the history. */
export function writePart(name: Part, value: string): void {
  written = withPart(written ?? location.hash, name, value)
  keepFragment()
}

/** Put what was last written behind the address of the page. */
export function keepFragment(): void {
  if (written === null || location.hash === written) return
  history.replaceState(history.state, '', location.pathname + location.search + written)
}
