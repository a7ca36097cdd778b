/** The similarity search: the Distance slider cuts while it moves, the find box follows the state. */
import { on } from '../dom'
import { lightBars } from './rail'

export function startSearch(): void {
  on('input', '#distance-slider', (slider) => slide(slider as HTMLInputElement))
  // The server names what is searched for; the box follows unless somebody types in it.
  document.addEventListener('htmx:afterSettle', () => {
    const find = document.getElementById('find')
    const said = document.getElementById('find-state')?.dataset.find ?? ''
    if (find instanceof HTMLInputElement && document.activeElement !== find) find.value = said
  })
}

function slide(slider: HTMLInputElement): void {
  const field = document.getElementById('distance')
  if (!(field instanceof HTMLInputElement)) return
  // The end of the slider means no threshold.
  const open = Number(slider.value) >= Number(slider.max)
  field.value = open ? '' : String(Number(Number(slider.value).toPrecision(6)))
  lightBars(
    slider.form,
    Number.NEGATIVE_INFINITY,
    open ? Number.POSITIVE_INFINITY : Number(slider.value),
  )
  field.dispatchEvent(new Event('slide'))
}

/** End the search; say whether one was on. */
export function clearSearch(): boolean {
  const link = document.getElementById('clear-search')
  link?.click()
  return link !== null
}
