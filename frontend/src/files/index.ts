/** Pages of files and items: viewers, copying, dialogs about ticked items. */
import { on, onContent } from '../dom'
import { toast } from '../shell/toasts'
import { startPlayers, startSeek } from './player'
import { startZoom } from './zoom'

export function startFiles(): void {
  onContent(() => {
    startZoom()
    startPlayers()
  })
  startSeek()
  on('click', '[data-copy-url]', (button) => void copy(button))
  // Touching a value says that it is to be set.
  on('input', '[data-value-row] .value-field', (field) => {
    const row = field.closest('[data-value-row]')
    const choice = row?.querySelector<HTMLSelectElement>('[data-value-do]')
    if (choice) choice.value = 'set'
  })
}

/** Put the values that an address gives on the clipboard. */
async function copy(button: HTMLElement): Promise<void> {
  button.setAttribute('aria-busy', 'true')
  try {
    const answer = await fetch(button.dataset.copyUrl ?? '')
    const { values } = (await answer.json()) as { values: number[] }
    await navigator.clipboard.writeText(JSON.stringify(values))
    toast(`${values.length.toLocaleString('en-GB')} values were copied.`, 'success')
  } catch {
    toast('The values could not be copied. Download them instead.', 'error')
  } finally {
    button.removeAttribute('aria-busy')
  }
}
