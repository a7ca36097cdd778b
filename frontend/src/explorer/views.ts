/** Grid, Embeddings, split; the size of tiles; the width of the grid beside the map. */
import { on } from '../dom'
import { explorer, noteInAddress, required, VIEWS, type View } from './page'

const SHARE_KEY = 'kindred.explorer.share'
const LEAST = 20
const MOST = 80
const STEP = 4

/** Start the switches; `shown` is called when the map comes into view. */
export function startViews(shown: () => void): void {
  on(
    'click',
    '[data-view-link]',
    (link, event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
      const view = VIEWS.find((one) => one === link.dataset.viewLink)
      if (!view) return
      // Before htmx sees it: nothing needs to be asked of the server.
      event.preventDefault()
      event.stopPropagation()
      link.closest<HTMLElement>('[popover]')?.hidePopover()
      setView(view, shown)
    },
    { capture: true },
  )
  startSize()
  startGutter()
  if (explorer().dataset.view !== 'grid') shown()
}

/** Show a view. */
export function setView(view: View, shown: () => void): void {
  explorer().dataset.view = view
  for (const link of document.querySelectorAll<HTMLElement>('#explorer-views [data-view-link]')) {
    if (link.dataset.viewLink === view) link.setAttribute('aria-current', 'true')
    else link.removeAttribute('aria-current')
  }
  noteInAddress('view', view, 'grid')
  if (view !== 'grid') shown()
}

function startSize(): void {
  on('input', '#tile-size', (input) => {
    const sizes = (input.dataset.sizes ?? '').split(' ')
    const size = sizes[Number((input as HTMLInputElement).value)]
    if (size === undefined) return
    explorer().dataset.size = size
    input.setAttribute('aria-valuetext', `${size} pixels`)
    noteInAddress('size', size, '124')
  })
}

function startGutter(): void {
  const gutter = required('explorer-gutter')
  setShare(Number(localStorage.getItem(SHARE_KEY) ?? 50))
  gutter.addEventListener('pointerdown', (event) => {
    gutter.setPointerCapture(event.pointerId)
    event.preventDefault()
  })
  gutter.addEventListener('pointermove', (event) => {
    if (!gutter.hasPointerCapture(event.pointerId)) return
    const box = gutter.parentElement?.getBoundingClientRect()
    if (!box) return
    const stacked = getComputedStyle(gutter).cursor === 'row-resize'
    // Stacked, the map lies above the grid.
    const share = stacked
      ? (box.bottom - event.clientY) / box.height
      : (event.clientX - box.left) / box.width
    setShare(share * 100)
  })
  gutter.addEventListener('keydown', (event) => {
    const by = { ArrowLeft: -STEP, ArrowUp: STEP, ArrowRight: STEP, ArrowDown: -STEP }[event.key]
    if (by === undefined) return
    event.preventDefault()
    setShare(Number(gutter.getAttribute('aria-valuenow')) + by)
  })
}

function setShare(percent: number): void {
  if (!Number.isFinite(percent)) return
  const share = Math.min(MOST, Math.max(LEAST, percent))
  required('explorer-gutter').setAttribute('aria-valuenow', String(Math.round(share)))
  explorer().style.setProperty('--grid-share', `${share}fr`)
  explorer().style.setProperty('--map-share', `${100 - share}fr`)
  localStorage.setItem(SHARE_KEY, String(share))
}
