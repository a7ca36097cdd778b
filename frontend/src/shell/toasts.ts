/** Toasts: messages at the foot that go after six seconds, but not under the pointer or focus. */
import { icon } from '../icon'

const LIFE_MS = 6000

export type Level = 'info' | 'success' | 'error'

export interface Undo {
  label: string
  run: () => void
}

export function startToasts(): void {
  const region = document.getElementById('toasts')
  if (!region) return
  for (const element of region.children) live(element)
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) live(node)
    raise(region)
  }).observe(region, { childList: true })
  region.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null
    if (target?.closest('[data-dismiss]')) target.closest('.toast')?.remove()
  })
}

/** Say something; errors stay until they are dismissed. */
export function toast(text: string, level: Level = 'info', undo?: Undo): void {
  const element = document.createElement('div')
  element.className = `toast toast-${level}`
  if (level === 'error') element.setAttribute('role', 'alert')
  const words = document.createElement('div')
  words.className = 'toast-text'
  words.textContent = text
  element.append(picture(level), words)
  if (undo) element.append(undoButton(element, undo))
  element.append(dismissButton())
  document.getElementById('toasts')?.append(element)
}

function picture(level: Level): SVGSVGElement {
  if (level === 'error') return icon('circle-alert')
  return level === 'success' ? icon('circle-check') : icon('info')
}

function undoButton(element: HTMLElement, undo: Undo): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'link-button'
  button.textContent = undo.label
  button.addEventListener('click', () => {
    element.remove()
    undo.run()
  })
  return button
}

function dismissButton(): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'icon-button icon-button-small'
  button.dataset.dismiss = ''
  button.setAttribute('aria-label', 'Dismiss')
  button.append(icon('x'))
  return button
}

function live(node: Node): void {
  if (!(node instanceof HTMLElement) || !node.classList.contains('toast')) return
  if (node.classList.contains('toast-error')) return
  let left = LIFE_MS
  let since = performance.now()
  let timer = window.setTimeout(() => node.remove(), left)
  const pause = () => {
    window.clearTimeout(timer)
    left -= performance.now() - since
  }
  const go = () => {
    window.clearTimeout(timer)
    since = performance.now()
    timer = window.setTimeout(() => node.remove(), Math.max(left, 1000))
  }
  node.addEventListener('pointerenter', pause)
  node.addEventListener('pointerleave', go)
  node.addEventListener('focusin', pause)
  node.addEventListener('focusout', go)
}

/** Put the region above an open dialog: both are in the browser's top layer, the last one wins. */
function raise(region: HTMLElement): void {
  if (!document.querySelector('dialog:modal')) return
  region.popover = 'manual'
  if (region.matches(':popover-open')) region.hidePopover()
  region.showPopover()
}
