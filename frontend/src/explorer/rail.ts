/** The filter rail: shown and hidden, its sliders, and its place after it was drawn anew. */
import { on } from '../dom'
import { measure } from './figures'
import { explorer, required } from './page'

const CLOSED_KEY = 'kindred.explorer.rail'
/** Wide enough for the rail to stand beside the grid. */
const WIDE = matchMedia('(width >= 1200px)')

export function startRail(): void {
  if (localStorage.getItem(CLOSED_KEY) === 'closed') explorer().dataset.rail = 'closed'
  on('click', '[popovertarget="rail"]', (_, event) => {
    if (!WIDE.matches) return
    event.preventDefault()
    toggleRail(true)
  })
  on('click', '[data-rail-close]', () => toggleRail(false))
  on('click', '[data-rail-link]', (link, event) => {
    event.preventDefault()
    event.stopPropagation()
    link.closest<HTMLElement>('[popover]')?.hidePopover()
    toggleRail(true)
    showField(link.getAttribute('href')?.slice(1) ?? '')
  })
  on('input', '.two-ends input', (input) => keepOrder(input as HTMLInputElement))
  rememberFolds()
  dropStaleRails()
}

/** Show or hide the rail; without an argument, the other of the two. */
export function toggleRail(open?: boolean): void {
  const rail = required('rail')
  if (WIDE.matches) {
    const closed = open === undefined ? explorer().dataset.rail !== 'closed' : !open
    explorer().dataset.rail = closed ? 'closed' : 'open'
    localStorage.setItem(CLOSED_KEY, closed ? 'closed' : 'open')
  } else {
    rail.togglePopover(open ?? !rail.matches(':popover-open'))
  }
}

function showField(id: string): void {
  const block = document.getElementById(id)
  if (!block) return
  for (let at = block.closest('details'); at; at = at.parentElement?.closest('details') ?? null) {
    at.open = true
  }
  block.scrollIntoView({ block: 'center' })
  block.querySelector<HTMLElement>('input:not([type="hidden"])')?.focus({ preventScroll: true })
}

/** The ends of a range do not pass each other; text and bars follow them. */
function keepOrder(input: HTMLInputElement): void {
  const [low, high] = input.parentElement?.querySelectorAll('input') ?? []
  if (!low || !high) return
  if (Number(low.value) > Number(high.value)) {
    if (input === low) low.value = high.value
    else high.value = low.value
  }
  const block = input.closest('.rail-block')
  const from = Number(low.value)
  const to = Number(high.value)
  const ends = block?.querySelector('output')
  if (ends) ends.textContent = `${measure(from)} – ${measure(to)}`
  lightBars(block, from, to)
}

/** Mark the bars of a histogram that lie in a range. */
export function lightBars(root: ParentNode | null, from: number, to: number): void {
  for (const bar of root?.querySelectorAll<SVGElement>('.bar') ?? []) {
    const low = Number(bar.dataset.low)
    const high = Number(bar.dataset.high)
    bar.classList.toggle('is-on', high >= from && low <= to)
  }
}

/** The rail is drawn anew with each count: sections stay as the person folded them. */
function rememberFolds(): void {
  const folds = new Map<string, boolean>()
  document.addEventListener(
    'toggle',
    ({ target }) => {
      if (target instanceof HTMLDetailsElement && target.closest('#rail') && target.id) {
        folds.set(target.id, target.open)
      }
    },
    { capture: true },
  )
  document.addEventListener('htmx:afterSwap', () => {
    for (const [id, open] of folds) {
      const details = document.getElementById(id)
      if (details instanceof HTMLDetailsElement) details.open = open
    }
  })
}

/**
 * A rail with counts that was asked for before the last click would take that click back: it is
 * dropped, and the one that follows is taken.
 */
function dropStaleRails(): void {
  let changed = false
  on('change', '#rail-form', () => {
    changed = true
  })
  document.addEventListener('htmx:afterSwap', ({ target }) => {
    if (target instanceof Element && target.id === 'explorer-grid') changed = false
  })
  document.addEventListener('htmx:beforeSwap', (event) => {
    const { detail } = event as CustomEvent<{ target: Element; shouldSwap: boolean }>
    if (detail.target.id === 'rail-body' && changed) detail.shouldSwap = false
  })
}
