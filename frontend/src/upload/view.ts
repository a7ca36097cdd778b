/** The panel that shows an upload: in all, and per file. */
import { icon } from '../icon'
import type { Totals, Upload, UploadQueue } from './queue'

/** Finished files that stay in sight; the others only count. */
const DONE_ROWS = 2
const FAILED_ROWS = 50

export class UploadView {
  private drawing = 0
  private readonly rows = new Map<Upload, HTMLElement>()

  constructor(
    private readonly panel: HTMLElement,
    private readonly queue: UploadQueue,
  ) {
    part(panel, 'cancel').addEventListener('click', () => queue.cancel())
    part(panel, 'close').addEventListener('click', () => queue.clear())
  }

  /** Draw soon, at most once a frame however many events come. */
  schedule(): void {
    if (this.drawing) return
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0
      this.draw()
    })
  }

  private draw(): void {
    const totals = this.queue.totals()
    this.panel.hidden = this.queue.uploads.length === 0
    part(this.panel, 'title').textContent = title(totals)
    part(this.panel, 'hint').textContent = hint(totals)
    part(this.panel, 'cancel').hidden = !totals.active
    part(this.panel, 'close').hidden = totals.active
    const bar = part(this.panel, 'bar') as HTMLProgressElement
    bar.max = Math.max(totals.bytes, 1)
    bar.value = totals.sent
    bar.classList.toggle('is-good', !totals.active && totals.failed === 0)
    this.drawRows()
  }

  private drawRows(): void {
    const shown = visible(this.queue.uploads)
    const list = part(this.panel, 'files')
    for (const [upload, row] of this.rows) {
      if (shown.includes(upload)) continue
      row.remove()
      this.rows.delete(upload)
    }
    shown.forEach((upload, index) => {
      const row = this.rows.get(upload) ?? this.makeRow(upload)
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null)
      updateRow(row, upload)
    })
  }

  private makeRow(upload: Upload): HTMLElement {
    const row = document.createElement('li')
    row.className = 'upload-row'
    const name = span('upload-name truncate', upload.file.name)
    const bar = document.createElement('progress')
    bar.className = 'progress-bar'
    bar.setAttribute('aria-label', upload.file.name)
    const retry = document.createElement('button')
    retry.type = 'button'
    retry.className = 'button button-small'
    retry.append(icon('rotate-cw'), 'Try again')
    retry.addEventListener('click', () => this.queue.retry(upload))
    row.append(name, bar, span('upload-error', ''), span('upload-size number', ''), retry)
    this.rows.set(upload, row)
    return row
  }
}

function updateRow(row: HTMLElement, upload: Upload): void {
  const [, bar, error, size, retry] = [...row.children] as [
    HTMLElement,
    HTMLProgressElement,
    HTMLElement,
    HTMLElement,
    HTMLElement,
  ]
  const failed = upload.state === 'failed'
  bar.hidden = failed
  bar.max = Math.max(upload.file.size, 1)
  bar.value = upload.state === 'done' ? bar.max : upload.sent
  bar.classList.toggle('is-good', upload.state === 'done')
  error.hidden = !failed
  error.textContent = upload.error
  size.hidden = failed
  size.textContent =
    upload.state === 'sending'
      ? `${bytes(upload.sent)} of ${bytes(upload.file.size)}`
      : bytes(upload.file.size)
  retry.hidden = !(failed && upload.retriable)
}

/** Failed files first, then those under way, then the latest that are done. */
function visible(uploads: readonly Upload[]): Upload[] {
  const of = (state: Upload['state']) => uploads.filter((upload) => upload.state === state)
  const sending = of('sending')
  const done = sending.length > 0 ? of('done').slice(-DONE_ROWS) : []
  return [...of('failed').slice(0, FAILED_ROWS), ...done, ...sending]
}

function title(totals: Totals): string {
  const { files, done, failed, active } = totals
  if (active) return `Uploading ${counted(files)}`
  if (failed > 0) return `${failed.toLocaleString('en')} of ${counted(files)} failed`
  return files > 0 ? `${counted(done)} uploaded` : 'Upload cancelled'
}

function hint(totals: Totals): string {
  if (totals.active) {
    const sent = `${totals.done.toLocaleString('en')} done, ${bytes(totals.sent)} of ${bytes(totals.bytes)}`
    return `${sent} · Drop more anywhere on this page`
  }
  return totals.failed > 0 ? 'The other files are safe on the server.' : ''
}

function counted(files: number): string {
  return `${files.toLocaleString('en')} ${files === 1 ? 'file' : 'files'}`
}

/** Bytes as the server's pages write them: 49 kB, 2.1 MB. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let size = value
  let unit = 0
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${size.toFixed(unit > 1 && size < 10 ? 1 : 0)} ${units[unit]}`
}

function part(panel: HTMLElement, name: string): HTMLElement {
  const found = panel.querySelector<HTMLElement>(`[data-part="${name}"]`)
  if (!found) throw new Error(`The upload panel lacks its part ${name}.`)
  return found
}

function span(classes: string, text: string): HTMLElement {
  const made = document.createElement('span')
  made.className = classes
  made.textContent = text
  return made
}
