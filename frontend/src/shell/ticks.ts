/**
 * Tick boxes of a table: one for all, Shift for ranges, and a bar that shows how many.
 *
 * Inside [data-ticks]: .select-all, .row-select, and [data-ticks-bar] with [data-ticks-count].
 */
import { on } from '../dom'

let last: HTMLInputElement | null = null

export function startTicks(): void {
  on('click', '.row-select', (box, event) => {
    const scope = box.closest('[data-ticks]')
    if (!(box instanceof HTMLInputElement) || !scope) return
    if (event.shiftKey && last && scope.contains(last)) tickBetween(rows(scope), last, box)
    last = box
    update(scope)
  })
  on('change', '.select-all', (box) => {
    const scope = box.closest('[data-ticks]')
    if (!(box instanceof HTMLInputElement) || !scope) return
    for (const row of rows(scope)) row.checked = box.checked
    update(scope)
  })
  on('click', '[data-ticks-clear]', (button) => {
    const scope = button.closest('[data-ticks]')
    for (const row of scope ? rows(scope) : []) row.checked = false
    if (scope) update(scope)
  })
  document.addEventListener('htmx:load', () => {
    for (const scope of document.querySelectorAll('[data-ticks]')) update(scope)
  })
}

function rows(scope: Element): HTMLInputElement[] {
  return [...scope.querySelectorAll<HTMLInputElement>('.row-select')]
}

function tickBetween(
  boxes: HTMLInputElement[],
  from: HTMLInputElement,
  to: HTMLInputElement,
): void {
  const ends = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b)
  for (const box of boxes.slice(ends[0], (ends[1] ?? 0) + 1)) box.checked = to.checked
}

function update(scope: Element): void {
  const boxes = rows(scope)
  const ticked = boxes.filter((box) => box.checked).length
  const head = scope.querySelector<HTMLInputElement>('.select-all')
  if (head) {
    head.checked = ticked > 0 && ticked === boxes.length
    head.indeterminate = ticked > 0 && ticked < boxes.length
  }
  for (const bar of scope.querySelectorAll<HTMLElement>('[data-ticks-bar]'))
    bar.hidden = ticked === 0
  for (const count of scope.querySelectorAll('[data-ticks-count]')) {
    count.textContent = ticked.toLocaleString('en-GB')
  }
}
