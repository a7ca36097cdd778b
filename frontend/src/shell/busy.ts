/** Shows on the button itself that its form is under way. */
import { on } from '../dom'

export function startBusy(): void {
  on('submit', 'form', (form, event) => {
    const asked = event.defaultPrevented || form.hasAttribute('hx-post')
    if (asked || !(event.submitter instanceof HTMLButtonElement)) return
    event.submitter.setAttribute('aria-busy', 'true')
  })
  // A page that comes back from the browser's memory is not busy any more.
  window.addEventListener('pageshow', () => {
    for (const button of document.querySelectorAll('[aria-busy="true"]')) {
      button.removeAttribute('aria-busy')
    }
  })
}
