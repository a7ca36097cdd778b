/**
 * Uploads on the Files pages: drop files or whole directories anywhere, or choose them by a button.
 *
 * A folder's page holds [data-upload] (the panel) with data-folder and data-upload-url, and inputs
 * [data-upload-input] for files and for directories; [data-upload-button] names one of them. What
 * sends the files is loaded when the first ones come.
 */
import { on } from '../dom'
import { toast } from '../shell/toasts'
import { part } from './part'
import type { Chosen } from './queue'
import { chosenFiles, droppedFiles } from './walk'

type Take = (chosen: Chosen[]) => void

export function startUpload(): void {
  const panel = document.querySelector<HTMLElement>('[data-upload]')
  if (panel) {
    const take = loader(panel)
    acceptDrops((transfer) => void droppedFiles(transfer, reading(panel)).then(take))
    acceptChoice(take)
  } else if (document.querySelector('.files') && !document.querySelector('[data-import-form]')) {
    acceptDrops(() => toast('Open the folder that the files belong to, and drop them there.'))
  }
}

/** Hands files to the panel; the first ones load it. */
function loader(panel: HTMLElement): Take {
  let panelCode: Promise<typeof import('./panel')> | null = null
  let session: { add(chosen: Chosen[]): void } | null = null
  return (chosen) => {
    panelCode ??= import('./panel')
    panelCode
      .then(({ openPanel }) => {
        session ??= openPanel(panel)
        session.add(chosen)
      })
      .catch(() => {
        panelCode = null
        toast('The page could not load what sends files. Check the network and reload.', 'error')
      })
  }
}

/** Large directories take a while to be read: say so in the panel. */
function reading(panel: HTMLElement): (files: number) => void {
  return (files) => {
    panel.hidden = false
    part(panel, 'title').textContent = `Reading the folder: ${files.toLocaleString('en')} files`
  }
}

function acceptChoice(take: Take): void {
  on(
    'click',
    '[data-upload-button]',
    (button, event) => {
      // Without scripts the button opens a dialog with the input; here the picker comes at once.
      event.preventDefault()
      const kind = button.dataset.uploadButton || 'files'
      document.querySelector<HTMLInputElement>(`[data-upload-input="${kind}"]`)?.click()
    },
    { capture: true },
  )
  on('change', '[data-upload-input]', (input) => {
    if (!(input instanceof HTMLInputElement)) return
    take(chosenFiles(input))
    input.value = ''
  })
}

function acceptDrops(drop: (transfer: DataTransfer) => void): void {
  const body = document.body
  const withFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
  document.addEventListener('dragover', (event) => {
    if (!withFiles(event)) return
    event.preventDefault()
    body.dataset.dropping = ''
  })
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) delete body.dataset.dropping
  })
  document.addEventListener('drop', (event) => {
    delete body.dataset.dropping
    if (!event.dataTransfer || !withFiles(event)) return
    event.preventDefault()
    drop(event.dataTransfer)
  })
}
