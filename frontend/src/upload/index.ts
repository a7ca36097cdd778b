/**
 * Uploads on a folder's page: drop files anywhere, or choose them by the Upload button.
 *
 * The page holds [data-upload] (the panel, with data-upload-url) and a file input in a form for
 * browsers without scripts; the table is fetched anew while thumbnails are made.
 */
import { on } from '../dom'
import { droppedFiles } from './files'
import { type Upload, UploadQueue } from './queue'
import { sender } from './send'
import { UploadView } from './view'

/** Ask the server for the table at most this often while files arrive. */
const REFRESH_MS = 1500

export function startUpload(): void {
  const panel = document.querySelector<HTMLElement>('[data-upload]')
  const address = panel?.dataset.uploadUrl
  if (!panel || !address) return
  const queue = new UploadQueue(sender(address), (changed) => {
    view.schedule()
    if (changed?.state === 'done') changedSoon()
    if (!queue.totals().active) announce(panel, queue)
  })
  const view = new UploadView(panel, queue)
  acceptDrops(queue)
  acceptChoice(queue)
  keepOpen(queue)
}

function acceptChoice(queue: UploadQueue): void {
  const input = document.querySelector<HTMLInputElement>('input[type="file"][data-upload-input]')
  on(
    'click',
    '[data-upload-button]',
    (_, event) => {
      // Without scripts the button opens a dialog with the input; here the picker comes at once.
      event.preventDefault()
      input?.click()
    },
    { capture: true },
  )
  input?.addEventListener('change', () => {
    queue.add([...(input.files ?? [])])
    input.value = ''
  })
}

function acceptDrops(queue: UploadQueue): void {
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
    void droppedFiles(event.dataTransfer).then((files) => queue.add(files))
  })
}

/** Ask before leaving while files are under way: they would be lost. */
function keepOpen(queue: UploadQueue): void {
  window.addEventListener('beforeunload', (event) => {
    if (queue.totals().active) event.preventDefault()
  })
}

let _timer = 0

function changedSoon(): void {
  _timer ||= window.setTimeout(() => {
    _timer = 0
    window.htmx?.trigger(document.body, 'folder-changed')
    window.htmx?.trigger(document.body, 'jobs-changed')
  }, REFRESH_MS)
}

function announce(panel: HTMLElement, queue: UploadQueue): void {
  const failed = queue.uploads.filter((upload: Upload) => upload.state === 'failed').length
  panel.dataset.failed = String(failed)
  if (queue.totals().done > 0) changedSoon()
}
