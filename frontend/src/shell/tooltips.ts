/**
 * One tooltip for all elements with a title, under the pointer and under keyboard focus; Esc hides
 * it. The title goes to data-title while it is shown, or the browser would show it as well.
 */
const WAIT_MS = 500
const SELECTOR = 'a[title], button[title], [tabindex][title], .badge[title]'

let tip: HTMLElement | null = null
let shownFor: HTMLElement | null = null
let timer = 0

export function startTooltips(): void {
  document.addEventListener('pointerover', (event) => {
    if (event.pointerType === 'mouse') expect(event.target, WAIT_MS)
  })
  document.addEventListener('focusin', (event) => {
    if (event.target instanceof Element && event.target.matches(':focus-visible')) {
      expect(event.target, 0)
    }
  })
  for (const name of ['pointerdown', 'focusout', 'scroll'] as const) {
    document.addEventListener(name, hide, { capture: true, passive: true })
  }
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide()
  })
}

function expect(target: EventTarget | null, wait: number): void {
  const element = target instanceof Element ? target.closest(SELECTOR) : null
  if (shownFor?.contains(target as Node)) return
  hide()
  if (element instanceof HTMLElement && element.title) {
    timer = window.setTimeout(() => show(element), wait)
  }
}

function show(element: HTMLElement): void {
  if (!element.isConnected) return
  tip ??= makeTip()
  // Inside an open dialog the rest of the page is covered and inert.
  ;(element.closest('dialog') ?? document.body).append(tip)
  shownFor = element
  tip.textContent = element.title
  element.dataset.title = element.title
  if (!element.textContent?.trim() && !element.ariaLabel) element.ariaLabel = element.title
  element.removeAttribute('title')
  tip.showPopover()
  const box = element.getBoundingClientRect()
  const size = tip.getBoundingClientRect()
  const beside = box.right < 60 && box.left < 60
  const left = beside ? box.right + 8 : box.left + (box.width - size.width) / 2
  const below = box.bottom + 6
  const under = below + size.height < window.innerHeight
  const top = beside
    ? box.top + (box.height - size.height) / 2
    : under
      ? below
      : box.top - size.height - 6
  tip.style.setProperty(
    'left',
    `${Math.max(4, Math.min(left, window.innerWidth - size.width - 4))}px`,
  )
  tip.style.setProperty('top', `${top}px`)
}

function makeTip(): HTMLElement {
  const made = document.createElement('div')
  made.className = 'tooltip'
  made.popover = 'manual'
  made.setAttribute('role', 'tooltip')
  return made
}

function hide(): void {
  window.clearTimeout(timer)
  if (!shownFor) return
  shownFor.title = shownFor.dataset.title ?? ''
  delete shownFor.dataset.title
  shownFor = null
  if (tip?.matches(':popover-open')) tip.hidePopover()
}
