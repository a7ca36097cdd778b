/**
 * Tick boxes of a table: one for all, Shift for ranges, and a bar that shows how many.
 *
 * Inside [data-ticks]: .select-all, .row-select, and [data-ticks-bar] with [data-ticks-count]. When
 * all rows shown are ticked and there are more, [data-ticks-all] offers all that match: the bar's
 * [data-ticks-everything] then says so to the server, which knows how many they are
 * (data-count-url). What takes one row alone, or several, says so by data-ticks-exactly and
 * data-ticks-least. Keys: Shift with the arrows moves and ticks, Esc clears.
 */
import { on } from '../dom'

let last: HTMLInputElement | null = null

export function startTicks(): void {
  on('click', '.row-select', (box, event) => {
    const scope = box.closest('[data-ticks]')
    if (!(box instanceof HTMLInputElement) || !scope) return
    if (event.shiftKey && last && scope.contains(last)) tickBetween(rows(scope), last, box)
    last = box
    chooseAll(scope, '')
    update(scope)
  })
  on('keydown', '.row-select', (box, event) => {
    const scope = box.closest('[data-ticks]')
    if (box instanceof HTMLInputElement && scope) walk(scope, box, event)
  })
  on('change', '.select-all', (box) => {
    const scope = box.closest('[data-ticks]')
    if (!(box instanceof HTMLInputElement) || !scope) return
    for (const row of rows(scope)) row.checked = box.checked
    chooseAll(scope, '')
    update(scope)
  })
  on('click', '[data-ticks-clear]', (button) => clear(button.closest('[data-ticks]')))
  on('click', '[data-ticks-all]', (button) => {
    const scope = button.closest('[data-ticks]')
    if (scope) void everything(scope)
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || document.querySelector('dialog:modal, [popover]:popover-open'))
      return
    for (const scope of document.querySelectorAll('[data-ticks]')) clear(scope)
  })
  document.addEventListener('htmx:load', () => {
    for (const scope of document.querySelectorAll('[data-ticks]')) {
      followSearch(scope)
      update(scope)
    }
  })
}

function rows(scope: Element): HTMLInputElement[] {
  return [...scope.querySelectorAll<HTMLInputElement>('.row-select')]
}

function clear(scope: Element | null): void {
  if (!scope) return
  for (const row of rows(scope)) row.checked = false
  chooseAll(scope, '')
  update(scope)
}

/** Arrows walk from box to box; with Shift they tick on the way. */
function walk(scope: Element, box: HTMLInputElement, event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const boxes = rows(scope)
  const next = step === undefined ? undefined : boxes[boxes.indexOf(box) + step]
  if (!next) return
  event.preventDefault()
  if (event.shiftKey) {
    next.checked = box.checked = true
    last = next
    update(scope)
  }
  next.focus()
}

function tickBetween(
  boxes: HTMLInputElement[],
  from: HTMLInputElement,
  to: HTMLInputElement,
): void {
  const ends = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b)
  for (const box of boxes.slice(ends[0], (ends[1] ?? 0) + 1)) box.checked = to.checked
}

function everythingField(scope: Element): HTMLInputElement | null {
  return scope.querySelector<HTMLInputElement>('[data-ticks-everything]')
}

function chooseAll(scope: Element, count: string): void {
  const field = everythingField(scope)
  if (!field) return
  field.value = count ? '1' : ''
  field.dataset.count = count
}

/** Mean all that match, also those that are not on the page. */
async function everything(scope: Element): Promise<void> {
  const bar = scope.querySelector<HTMLElement>('[data-ticks-bar]')
  if (!bar?.dataset.countUrl) return
  const query = new URLSearchParams()
  for (const name of ['search', 'state']) {
    query.set(name, bar.querySelector<HTMLInputElement>(`[data-ticks-${name}]`)?.value ?? '')
  }
  const button = bar.querySelector('[data-ticks-all]')
  button?.setAttribute('aria-busy', 'true')
  const answer = await fetch(`${bar.dataset.countUrl}?${query.toString()}`).catch(() => null)
  button?.removeAttribute('aria-busy')
  if (!answer?.ok) return
  for (const row of rows(scope)) row.checked = true
  chooseAll(scope, await answer.text())
  update(scope)
}

/** The form of the bar stays while a search changes the table: it takes the search over. */
function followSearch(scope: Element): void {
  for (const [field, source] of [
    ['[data-ticks-search]', '#item-search'],
    ['[data-ticks-state]', '#item-state'],
  ] as const) {
    const hidden = scope.querySelector<HTMLInputElement>(field)
    const shown = scope.querySelector<HTMLInputElement | HTMLSelectElement>(source)
    if (!hidden || !shown || hidden.value === shown.value) continue
    hidden.value = shown.value
    chooseAll(scope, '')
  }
}

function update(scope: Element): void {
  const boxes = rows(scope)
  const ticked = boxes.filter((box) => box.checked).length
  const all = ticked > 0 && ticked === boxes.length
  const head = scope.querySelector<HTMLInputElement>('.select-all')
  if (head) {
    head.checked = all
    head.indeterminate = ticked > 0 && ticked < boxes.length
  }
  const chosen = everythingField(scope)?.dataset.count ?? ''
  for (const bar of scope.querySelectorAll<HTMLElement>('[data-ticks-bar]'))
    bar.hidden = ticked === 0
  for (const offer of scope.querySelectorAll<HTMLElement>('[data-ticks-all]'))
    offer.hidden = chosen !== '' || !all || scope.querySelector('.more-row[data-items]') === null
  for (const action of scope.querySelectorAll<HTMLElement>('[data-ticks-exactly]'))
    action.hidden = ticked !== Number(action.dataset.ticksExactly)
  for (const action of scope.querySelectorAll<HTMLElement>('[data-ticks-least]'))
    action.hidden = ticked < Number(action.dataset.ticksLeast)
  for (const count of scope.querySelectorAll('[data-ticks-count]')) {
    count.textContent = chosen || ticked.toLocaleString('en-GB')
  }
}
