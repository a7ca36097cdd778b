/**
 * Dialogs.
 *
 * Browsers open and close <dialog> by command/commandfor; this adds what they lack: the same for
 * older ones, fragments that htmx puts into #dialog, closing by a click beside it, and a stop
 * before unsaved changes are lost. A form in a dialog counts as changed with its first input event.
 */
import { on } from '../dom'
import { toast } from './toasts'

const HOST = 'dialog'

export function startDialogs(): void {
  if (!('commandForElement' in HTMLButtonElement.prototype)) polyfillCommands()
  // Not before htmx knows its forms: a quick Enter would leave the page.
  document.addEventListener('htmx:afterSettle', openHost)
  // A form that came back wrong shows itself again.
  const wrong = document.querySelector<HTMLDialogElement>('dialog[data-open]')
  wrong?.removeAttribute('open')
  wrong?.showModal()
  document.addEventListener('dialog-close', () => host()?.close())
  on('click', '[data-close]', (element, event) => {
    const dialog = element.closest('dialog')
    // A link that leads back to the page below, for whoever sees the dialog as a page.
    if (dialog) event.preventDefault()
    dialog?.close()
  })
  on('click', 'dialog', closeBeside)
  on('input', 'dialog form', (form) => form.closest('dialog')?.setAttribute('data-changed', ''))
  document.addEventListener('cancel', keepChanges, { capture: true })
  document.addEventListener('close', tidy, { capture: true })
}

function host(): HTMLDialogElement | null {
  const element = document.getElementById(HOST)
  return element instanceof HTMLDialogElement ? element : null
}

function openHost(event: Event): void {
  const dialog = host()
  if (!dialog || event.target !== dialog) return
  if (dialog.childElementCount === 0) dialog.close()
  else {
    dialog.removeAttribute('data-changed')
    if (!dialog.open) dialog.showModal()
    else dialog.querySelector<HTMLElement>('[autofocus]')?.focus()
  }
}

function closeBeside(dialog: HTMLElement, event: MouseEvent): void {
  if (event.target !== dialog || !(dialog instanceof HTMLDialogElement)) return
  const box = dialog.getBoundingClientRect()
  const inside =
    event.clientX >= box.left &&
    event.clientX <= box.right &&
    event.clientY >= box.top &&
    event.clientY <= box.bottom
  if (inside) return
  if (dialog.hasAttribute('data-changed')) warn()
  else dialog.close()
}

function keepChanges(event: Event): void {
  const dialog = event.target
  if (!(dialog instanceof HTMLDialogElement) || !dialog.hasAttribute('data-changed')) return
  // The browser lets a second Esc through, so nobody is locked in.
  event.preventDefault()
  warn()
}

function warn(): void {
  toast('There are unsaved changes. Save them, or choose Cancel to drop them.')
}

function tidy(event: Event): void {
  const dialog = event.target
  if (!(dialog instanceof HTMLDialogElement)) return
  dialog.removeAttribute('data-changed')
  // Emptied, so that fragments in it stop asking for news.
  if (dialog.id === HOST) dialog.replaceChildren()
}

function polyfillCommands(): void {
  on('click', 'button[commandfor]', (button) => {
    const dialog = document.getElementById(button.getAttribute('commandfor') ?? '')
    if (!(dialog instanceof HTMLDialogElement)) return
    if (button.getAttribute('command') === 'show-modal') dialog.showModal()
    if (button.getAttribute('command') === 'close') dialog.close()
  })
}
