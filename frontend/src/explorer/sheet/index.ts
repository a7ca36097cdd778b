/** Makes the grid a sheet over all units, whenever its list is new. */
import { parseSequence } from './sequence'
import { Sheet } from './sheet'

let sheet: Sheet | null = null
let loading = new AbortController()
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
  loading.abort()
  loading = new AbortController()
  const { signal } = loading
  if (list.dataset.ranked !== undefined) {
    await new Promise((resolve) => window.setTimeout(resolve, REST))
    if (signal.aborted || !list.isConnected) return
  }
  const answer = await fetch(list.dataset.sequence, { signal }).catch(() => null)
  if (answer === null || !answer.ok) return
  const bytes = await answer.arrayBuffer().catch(() => null)
  if (bytes === null || signal.aborted || !list.isConnected) return
  sheet?.close()
  sheet = new Sheet(
    scroller,
    list,
    parseSequence(bytes, answer.headers.get('X-Kindred-Width')),
    list.dataset.tiles ?? '',
  )
}
