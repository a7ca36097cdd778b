/** The Folder upgrades dialog: adds a key's settings on the spot, and marks keys that go. */
import { on } from '../dom'
import { toast } from './toasts'

export function startUpgrade(): void {
  on(
    'click',
    '[data-upgrade-add]',
    (_, event) => {
      // Without scripts the button saves the form, which adds the key as well.
      event.preventDefault()
      event.stopPropagation()
      void add()
    },
    { capture: true },
  )
  on('click', '[data-upgrade-remove]', (button) => toggleRemoved(button))
  on('click', '[data-upgrade-ticked]', (button) => openTicked(button))
}

/** The dialog of the folder that is ticked in the list. */
function openTicked(button: HTMLElement): void {
  const ticked = button
    .closest('[data-ticks]')
    ?.querySelectorAll<HTMLElement>('[data-upgrade-url]:checked')
  const url = ticked?.length === 1 ? ticked[0]?.dataset.upgradeUrl : undefined
  const dialog = document.getElementById('dialog')
  if (url === undefined) toast('Folders are upgraded one at a time. Tick one of them.')
  else if (dialog) void window.htmx?.ajax('GET', url, { target: dialog, swap: 'innerHTML' })
}

async function add(): Promise<void> {
  const select = document.getElementById('upgrade-add')
  const list = document.getElementById('upgrade-keys')
  if (!(select instanceof HTMLSelectElement) || !list) return
  const option = select.selectedOptions[0]
  const url = option?.dataset.url
  if (!option || !url) {
    select.focus()
    return
  }
  await window.htmx?.ajax('GET', url, { target: list, swap: 'beforeend' })
  // Its row carries the key from now on; the choice must not name it a second time.
  option.remove()
  select.value = ''
  document.querySelector('.upgrade-none')?.remove()
  select.closest('dialog')?.setAttribute('data-changed', '')
  list.lastElementChild?.querySelector<HTMLInputElement>('input[name^="reduce-"]')?.focus()
}

function toggleRemoved(button: HTMLElement): void {
  const row = button.closest('[data-upgrade-key]')
  const keep = row?.querySelector<HTMLInputElement>('input[name="key"]')
  if (!row || !keep) return
  keep.checked = !keep.checked
  button.setAttribute('aria-pressed', String(!keep.checked))
  button.closest('dialog')?.setAttribute('data-changed', '')
}
