/** The panel that shows a round of uploads: in all, per file, and what else is to be known. */
import { icon } from '../icon'
import { BatchForm } from './batch-form'
import { bytes } from './bytes'
import { part } from './part'
import type { Totals, Upload } from './queue'
import { Rate, timeLeft } from './rate'
import { counted, type Note, type Session } from './session'

/** Often enough for the eye; thousands of events a second cost nothing more. */
const DRAW_MS = 100
const FAILED_ROWS = 50
const NOTES = 50

export class UploadView {
  private drawing = 0
  private drawn = 0
  private readonly rows = new Map<Upload, HTMLElement>()
  private readonly rate = new Rate()
  private readonly batch: BatchForm

  constructor(
    private readonly panel: HTMLElement,
    private readonly session: Session,
  ) {
    const { queue } = session
    this.batch = new BatchForm(panel, session)
    part(panel, 'pause').addEventListener('click', () => {
      this.rate.reset()
      if (queue.paused) queue.resume()
      else queue.pause()
    })
    part(panel, 'retry').addEventListener('click', () => queue.retryAll())
    part(panel, 'cancel').addEventListener('click', () => session.cancel())
    part(panel, 'close').addEventListener('click', () => session.clear())
  }

  /** Draw soon, however many events come. */
  schedule(): void {
    this.drawing ||= window.setTimeout(() => {
      this.drawing = 0
      this.draw()
    }, DRAW_MS)
  }

  private draw(): void {
    const { queue } = this.session
    const totals = queue.totals()
    this.rate.mark(totals.sent, performance.now())
    this.panel.hidden = queue.uploads.length === 0 && this.session.notes.length === 0
    const applied = this.session.notes.some(({ level }) => level === 'good')
    text(part(this.panel, 'title'), title(totals, queue.paused, applied))
    text(part(this.panel, 'hint'), this.hint(totals))
    this.drawButtons(totals)
    const bar = part(this.panel, 'bar') as HTMLProgressElement
    bar.hidden = totals.files === 0
    bar.max = Math.max(totals.bytes, 1)
    bar.value = totals.bytes > 0 ? totals.sent : Number(totals.done > 0)
    bar.classList.toggle('is-good', !totals.active && totals.failed === 0)
    this.drawRows()
    this.drawNotes()
    this.batch.draw(totals)
  }

  private drawButtons(totals: Totals): void {
    const { queue, busy } = this.session
    const pause = part(this.panel, 'pause')
    pause.hidden = !totals.active
    text(pause, queue.paused ? 'Resume' : 'Pause')
    const retriable = [...queue.failed].filter((upload) => upload.retriable).length
    const retry = part(this.panel, 'retry')
    retry.hidden = retriable < 2
    text(retry, `Try ${retriable.toLocaleString('en')} again`)
    part(this.panel, 'cancel').hidden = !busy
    part(this.panel, 'close').hidden = busy
  }

  private hint(totals: Totals): string {
    const { queue, step, waitingSidecars } = this.session
    if (step) return `${step} …`
    if (!totals.active) {
      if (waitingSidecars > 0) {
        return `${counted(waitingSidecars, 'sidecar file')} wait for files that failed.`
      }
      return totals.failed > 0 && totals.done > 0 ? 'The other files are safe on the server.' : ''
    }
    const speed = queue.paused ? 0 : this.rate.perSecond
    const facts = [
      `${totals.done.toLocaleString('en')} done`,
      totals.failed > 0 ? `${totals.failed.toLocaleString('en')} failed` : '',
      `${bytes(totals.sent)} of ${bytes(totals.bytes)}`,
      speed > 0 ? `${bytes(speed)}/s` : '',
      timeLeft(totals.bytes - totals.sent, speed),
    ]
    return facts.filter(Boolean).join(' · ')
  }

  private drawRows(): void {
    const shown = this.visible()
    const keep = new Set(shown)
    const list = part(this.panel, 'files')
    for (const [upload, row] of this.rows) {
      if (keep.has(upload)) continue
      row.remove()
      this.rows.delete(upload)
    }
    shown.forEach((upload, index) => {
      const row = this.rows.get(upload) ?? this.makeRow(upload)
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null)
      updateRow(row, upload)
    })
    const hidden = this.session.queue.failed.size - FAILED_ROWS
    const more = part(this.panel, 'more')
    more.hidden = hidden <= 0
    text(more, `${Math.max(hidden, 0).toLocaleString('en')} more failed`)
  }

  /** Failed files first, then those under way, then the latest that are done. */
  private visible(): Upload[] {
    const { queue } = this.session
    const sending = [...queue.sending.keys()]
    const done = sending.length > 0 ? queue.latest : []
    return [...[...queue.failed].slice(0, FAILED_ROWS), ...done, ...sending]
  }

  private drawNotes(): void {
    const { notes } = this.session
    const list = part(this.panel, 'notes')
    // Notes are only added, or all forgotten.
    if (notes.length < this.drawn) {
      list.replaceChildren()
      this.drawn = 0
    }
    for (const note of notes.slice(this.drawn, NOTES)) list.append(noteRow(note))
    if (notes.length > NOTES && this.drawn <= NOTES) {
      const message = `and ${counted(notes.length - NOTES, 'more message')}`
      list.append(noteRow({ level: 'warn', name: '', message }))
    }
    this.drawn = notes.length
  }

  private makeRow(upload: Upload): HTMLElement {
    const row = document.createElement('li')
    row.className = 'upload-row'
    const name = span('upload-name truncate', upload.file.name)
    name.title = upload.path ? `${upload.path}/${upload.file.name}` : upload.file.name
    const bar = document.createElement('progress')
    bar.className = 'progress-bar'
    bar.setAttribute('aria-label', upload.file.name)
    const retry = document.createElement('button')
    retry.type = 'button'
    retry.className = 'button button-small'
    retry.append(icon('rotate-cw'), 'Try again')
    retry.addEventListener('click', () => this.session.queue.retry(upload))
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
  text(error, upload.error)
  size.hidden = failed
  const all = bytes(upload.file.size)
  text(size, upload.state === 'sending' ? `${bytes(upload.sent)} of ${all}` : all)
  retry.hidden = !(failed && upload.retriable)
}

function noteRow({ level, name, message }: Note): HTMLElement {
  const row = document.createElement('li')
  row.className = `upload-note upload-note-${level}`
  if (level === 'bad') row.append(icon('circle-alert'))
  else if (level === 'warn') row.append(icon('info'))
  else row.append(icon('check'))
  const words = span('', '')
  if (name) {
    const strong = document.createElement('b')
    strong.textContent = `${name}: `
    words.append(strong)
  }
  words.append(message)
  row.append(words)
  return row
}

function title(totals: Totals, paused: boolean, applied: boolean): string {
  const { files, done, failed, active } = totals
  if (active) return `${paused ? 'Paused: ' : 'Uploading '}${counted(files, 'file')}`
  if (failed > 0) return `${failed.toLocaleString('en')} of ${counted(files, 'file')} failed`
  if (done > 0) return `${counted(done, 'file')} uploaded`
  if (files > 0) return 'Upload cancelled'
  return applied ? 'Metadata applied' : 'Nothing was uploaded'
}

/** Writes only what changed: screen readers hear of every write. */
function text(element: HTMLElement, words: string): void {
  if (element.textContent !== words) element.textContent = words
}

function span(classes: string, words: string): HTMLElement {
  const element = document.createElement('span')
  element.className = classes
  element.textContent = words
  return element
}
