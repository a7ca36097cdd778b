/** Makes the grid a sheet over all units, whenever its list is new. */
import { parseSequence, type Sequence } from './sequence'
import { Sheet } from './sheet'

let sheet: Sheet | null = null
let loading = new AbortController()
/** The list whose order was asked for: one answer of the server is swapped in by many pieces. */
let asked: HTMLElement | null = null
/** How long the results of a search stand before all are ranked: the Distance slider may move on. */
const REST = 400

/** The sheet, once the order of all units has come. */
export function openSheet(): Sheet | null {
  return sheet?.isOpen ? sheet : null
}

/** Follow the grid of the page. */
export function startSheet(): void {
  document.addEventListener('htmx:afterSwap', () => void follow())
  void follow()
}

async function follow(): Promise<void> {
  const scroller = document.getElementById('explorer-grid')
  const list = scroller?.querySelector<HTMLElement>('.tiles') ?? null
  if (openSheet() || list?.dataset.sequence === undefined || scroller === null) return
  if (list === asked) return
  loading.abort()
  loading = new AbortController()
  asked = list
  const sequence = await orderOf(list, list.dataset.sequence, loading.signal)
  if (sequence === null) {
    if (list === asked) asked = null
    return
  }
  sheet?.close()
  sheet = new Sheet(scroller, list, sequence, list.dataset.tiles ?? '')
}

/** The units of a list in their order, or null where they did not come or are no longer wanted. */
async function orderOf(
  list: HTMLElement,
  address: string,
  signal: AbortSignal,
): Promise<Sequence | null> {
  if (list.dataset.ranked !== undefined) {
    await new Promise((resolve) => window.setTimeout(resolve, REST))
    if (signal.aborted || !list.isConnected) return null
  }
  const answer = await fetch(address, { signal }).catch(() => null)
  if (answer === null || !answer.ok) return null
  const bytes = await answer.arrayBuffer().catch(() => null)
  if (bytes === null || signal.aborted || !list.isConnected) return null
  return parseSequence(bytes, answer.headers.get('X-Kindred-Width'))
}
