/**
 * Menus: places a popover beside the button that opened it, moves through it by arrow keys and
 * first letters, and filters it by its search box.
 */
import { on } from '../dom'

const GAP = 4
const EDGE = 8
const ITEMS = '.menu-item:not(:disabled, [hidden]), .nav-link'

let opener: HTMLElement | null = null

export function startMenus(): void {
  on('click', '[popovertarget]', (button) => {
    opener = button
  })
  document.addEventListener('toggle', placeOpened, { capture: true })
  on('keydown', '.menu[popover]', moveInMenu)
  on('input', '[data-filter]', filterItems)
  window.addEventListener('resize', closeMenus)
}

function placeOpened(event: Event): void {
  const menu = event.target
  if (!(menu instanceof HTMLElement) || !menu.matches('.menu[popover]')) return
  if ((event as ToggleEvent).newState !== 'open') return
  const button = opener?.getAttribute('popovertarget') === menu.id ? opener : null
  if (button) place(menu, anchorOf(button))
  const first = menu.querySelector<HTMLElement>('[autofocus], [data-filter]')
  ;(first ?? menu.querySelector<HTMLElement>(ITEMS))?.focus({ preventScroll: true })
}

/** A button inside another menu has no place of its own any more: use that menu's button. */
function anchorOf(button: HTMLElement): DOMRect {
  const box = button.getBoundingClientRect()
  if (box.width > 0) return box
  const outer = button.closest('.menu')?.id
  const visible = outer ? document.querySelector(`[popovertarget="${outer}"]`) : null
  return visible?.getBoundingClientRect() ?? box
}

/** Put the panel below its anchor, or above it or beside it where there is more room. */
export function place(menu: HTMLElement, anchor: DOMRect): void {
  const size = menu.getBoundingClientRect()
  const atEnd = menu.dataset.menuAlign === 'end'
  const below = anchor.bottom + GAP
  const fits = below + size.height <= window.innerHeight - EDGE
  const top = fits ? below : Math.max(EDGE, anchor.top - GAP - size.height)
  const left = atEnd ? anchor.right - size.width : anchor.left
  const most = window.innerWidth - EDGE - size.width
  menu.style.setProperty('margin', '0')
  menu.style.setProperty('top', `${top}px`)
  menu.style.setProperty('left', `${Math.max(EDGE, Math.min(left, most))}px`)
}

function moveInMenu(menu: HTMLElement, event: KeyboardEvent): void {
  const items = [...menu.querySelectorAll<HTMLElement>(ITEMS)].filter((item) => item.offsetParent)
  const typing = event.target instanceof HTMLInputElement
  const at = items.indexOf(document.activeElement as HTMLElement)
  const next = destination(event, items, at, typing)
  if (!next) return
  event.preventDefault()
  next.focus()
}

function destination(
  event: KeyboardEvent,
  items: HTMLElement[],
  at: number,
  typing: boolean,
): HTMLElement | undefined {
  if (event.key === 'ArrowDown') return items[at + 1] ?? items[0]
  if (event.key === 'ArrowUp') return items[at - 1] ?? items.at(-1)
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return undefined
  if (event.key === 'Home') return items[0]
  if (event.key === 'End') return items.at(-1)
  if (event.key.length !== 1 || event.key === ' ') return undefined
  const letter = event.key.toLowerCase()
  const after = [...items.slice(at + 1), ...items.slice(0, at + 1)]
  return after.find((item) => item.textContent?.trim().toLowerCase().startsWith(letter))
}

function filterItems(input: HTMLElement): void {
  const wanted = (input as HTMLInputElement).value.trim().toLowerCase()
  const menu = input.closest('.menu')
  for (const item of menu?.querySelectorAll<HTMLElement>('.menu-item') ?? []) {
    item.hidden = !item.textContent?.toLowerCase().includes(wanted)
  }
}

function closeMenus(): void {
  for (const menu of document.querySelectorAll<HTMLElement>('.menu:popover-open'))
    menu.hidePopover()
}
