/**
 * Undo and redo of filters, searches and orders: steps of the browser's own history, so that its
 * buttons do the same.
 *
 * What is only looked at otherwise (view, size, camera, selection) is no step, and stays as it is
 * while one goes from step to step.
 */
import { isLinked, keepFragment } from '../address'
import { on } from '../dom'
import { keepLookInAddress, required, restore } from './page'

const LOOKS = ['view', 'size']

export function startSteps(): void {
  // Before htmx, which would load the whole page anew.
  window.addEventListener('popstate', travelled, { capture: true })
  // Browsers without it have their own buttons only.
  if (!('navigation' in window)) return
  on('click', '#undo', () => void undo())
  on('click', '#redo', () => void redo())
  navigation.addEventListener('currententrychange', offer)
  window.addEventListener('pageshow', offer)
  required('explorer-steps').hidden = false
  offer()
}

/** Go back to what was shown before; say whether there was anything. */
export function undo(): boolean {
  return go(-1)
}

/** Take the last undo back; say whether there was one. */
export function redo(): boolean {
  return go(1)
}

/** What an address of the page shows, however one looks at it. */
export function shownBy(address: string): string {
  const { pathname, searchParams } = new URL(address)
  for (const name of LOOKS) searchParams.delete(name)
  searchParams.sort()
  return `${pathname}?${searchParams}`
}

/** The entries that are steps of one page, from the present one on: the nearest that shows other. */
export function nextStep<Entry extends { readonly url: string | null }>(
  entries: readonly Entry[],
  present: number,
  by: 1 | -1,
): Entry | null {
  const here = entries[present]?.url
  if (!here) return null
  for (let at = present + by; ; at += by) {
    const entry = entries[at]
    if (!entry?.url || new URL(entry.url).pathname !== new URL(here).pathname) return null
    if (shownBy(entry.url) !== shownBy(here)) return entry
  }
}

function stepBy(by: 1 | -1): NavigationHistoryEntry | null {
  if (!('navigation' in window)) return null
  return nextStep(navigation.entries(), navigation.currentEntry?.index ?? -1, by)
}

function go(by: 1 | -1): boolean {
  const entry = stepBy(by)
  if (entry === null) return false
  const { committed, finished } = navigation.traverseTo(entry.key)
  // Another step may come before this one is done.
  void Promise.allSettled([committed, finished])
  return true
}

/** At either end there is nothing to go to. */
function offer(): void {
  for (const [id, by] of [
    ['undo', -1],
    ['redo', 1],
  ] as const) {
    // Not disabled in the full sense: the button that led to the end keeps the focus.
    required(id).setAttribute('aria-disabled', String(stepBy(by) === null))
  }
}

function travelled(event: PopStateEvent): void {
  event.stopImmediatePropagation()
  if (event.state === null) {
    // Not an entry of ours: somebody pasted a link to what the page shows already.
    if (isLinked(location.hash)) location.reload()
    return
  }
  keepLookInAddress()
  keepFragment()
  restore()
}
