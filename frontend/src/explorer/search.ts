/** The similarity search: the Distance slider cuts while it moves, the find box follows the state. */
import { on } from '../dom'
import { toast } from '../shell/toasts'
import { go, stateQuery } from './page'
import { lightBars } from './rail'
import { readVectorFile, VectorFileError } from './vector-file'

export function startSearch(): void {
  on('input', '#distance-slider', (slider) => slide(slider as HTMLInputElement))
  startVectors()
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

/** A vector as the query: chosen, dropped on the strip or the grid, or pasted. */
function startVectors(): void {
  on('change', '#vector-file', (input) => {
    const file = (input as HTMLInputElement).files?.[0]
    if (file) void searchNear(file)
  })
  for (const place of ['#explorer-strip', '#explorer-grid']) {
    on('dragover', place, (_, event) => event.preventDefault())
    on('drop', place, (_, event) => {
      const file = event.dataTransfer?.files[0]
      if (!file) return
      event.preventDefault()
      void searchNear(file)
    })
  }
  document.addEventListener('paste', (event) => {
    const typing = event.target instanceof Element && event.target.closest('input, textarea')
    const file = event.clipboardData?.files[0]
    const text = event.clipboardData?.getData('text') ?? ''
    if (typing) return
    if (file) void searchNear(file)
    else if (text.trim().startsWith('[')) void searchNear(new File([text], 'vector.json'))
  })
}

async function searchNear(file: File): Promise<void> {
  try {
    const vector = await readVectorFile(file)
    const query = stateQuery()
    for (const name of ['similar', 'plus', 'minus', 'distance']) query.delete(name)
    query.set('vector', vector)
    go(query)
  } catch (error) {
    if (!(error instanceof VectorFileError)) throw error
    toast(error.message, 'error')
  }
}

/** End the search; say whether one was on. */
export function clearSearch(): boolean {
  const link = document.getElementById('clear-search')
  link?.click()
  return link !== null
}
