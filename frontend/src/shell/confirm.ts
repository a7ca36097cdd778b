/**
 * Asks before a form with data-confirm is sent: data-confirm holds the question,
 * data-confirm-action the label of the button that goes on.
 */
import { on } from '../dom'

export function startConfirm(): void {
  on(
    'submit',
    'form[data-confirm]',
    (form, event) => {
      if (!(form instanceof HTMLFormElement) || form.dataset.confirmed === 'yes') return
      event.preventDefault()
      // htmx listens on the form itself; it must not see the event before the answer.
      event.stopPropagation()
      void confirm(form.dataset.confirm ?? '', form.dataset.confirmAction ?? 'Go on').then(
        (yes) => {
          if (!yes) return
          form.dataset.confirmed = 'yes'
          form.requestSubmit(event.submitter)
          delete form.dataset.confirmed
        },
      )
    },
    { capture: true },
  )
}

/** Show the question; true when the person chose the action. */
export function confirm(question: string, action: string): Promise<boolean> {
  const dialog = document.createElement('dialog')
  dialog.className = 'dialog dialog-small'
  dialog.setAttribute('aria-label', question)
  const body = document.createElement('div')
  body.className = 'dialog-body confirm-body'
  body.textContent = question
  const foot = document.createElement('form')
  foot.method = 'dialog'
  foot.className = 'dialog-foot'
  foot.append(button('Cancel', '', 'button'), button(action, 'yes', 'button button-danger'))
  dialog.append(body, foot)
  document.body.append(dialog)
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    })
    dialog.showModal()
  })
}

function button(label: string, value: string, classes: string): HTMLButtonElement {
  const made = document.createElement('button')
  made.value = value
  made.className = classes
  made.textContent = label
  return made
}
