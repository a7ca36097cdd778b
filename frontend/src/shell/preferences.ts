/** Theme and navigation change at once; the server only stores the cookie. */
import { on } from '../dom'

export function startPreferences(): void {
  on('submit', 'form[data-preference]', (form, event) => {
    const button = event.submitter
    if (!(form instanceof HTMLFormElement) || !(button instanceof HTMLButtonElement)) return
    if (button.name !== 'theme' && button.name !== 'nav') return
    event.preventDefault()
    show(button.name, button.value)
    markChosen(form, button)
    const body = new FormData(form, button)
    void fetch(form.action, { method: 'POST', body, redirect: 'manual', keepalive: true })
  })
}

function show(name: 'theme' | 'nav', value: string): void {
  const root = document.documentElement
  if (value) root.dataset[name] = value
  else delete root.dataset[name]
  document.dispatchEvent(new CustomEvent(`${name}-changed`))
}

function markChosen(form: HTMLFormElement, button: HTMLButtonElement): void {
  if (button.name !== 'theme') return
  for (const other of form.querySelectorAll('[aria-current]')) other.removeAttribute('aria-current')
  button.setAttribute('aria-current', 'true')
  button.closest<HTMLElement>('[popover]')?.hidePopover()
}
