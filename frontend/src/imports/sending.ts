/** Sends the file of an import in parts, with progress; loaded when the form goes. */
import { bytes } from '../upload/bytes'
import { part } from '../upload/part'
import { Places } from '../upload/places'
import { UploadQueue } from '../upload/queue'
import { Rate, timeLeft } from '../upload/rate'
import { sender } from '../upload/send'

/** The id of the upload; null when it was cancelled. Rejects with what went wrong. */
export function sendFile(form: HTMLFormElement, file: File): Promise<string | null> {
  const { folder = '', uploadUrl = '' } = form.dataset
  const address = (other: string) => uploadUrl.replace(folder, other)
  const start = sender({ address, places: new Places(folder), purpose: 'import' })
  const show = progress(form, file)
  const stop = part(form, 'stop')
  return new Promise<string | null>((resolve, reject) => {
    const queue = new UploadQueue(start, (upload) => {
      if (!upload) return
      show(upload.sent)
      if (upload.state === 'done') resolve(upload.item)
      if (upload.state === 'failed') reject(new Error(upload.error))
    })
    stop.onclick = () => {
      queue.cancel()
      resolve(null)
    }
    window.addEventListener('beforeunload', (event) => {
      if (queue.totals().active) event.preventDefault()
    })
    begin(form, true)
    queue.add([{ file, path: '' }])
  }).finally(() => begin(form, false))
}

function begin(form: HTMLFormElement, running: boolean): void {
  part(form, 'progress').hidden = !running
  part(form, 'stop').hidden = !running
  part(form, 'back').hidden = running
}

function progress(form: HTMLFormElement, file: File): (sent: number) => void {
  const bar = part(form, 'bar') as HTMLProgressElement
  const said = part(form, 'said')
  const rate = new Rate()
  bar.max = Math.max(file.size, 1)
  return (sent) => {
    rate.mark(sent, performance.now())
    bar.value = sent
    const facts = [`${bytes(sent)} of ${bytes(file.size)}`]
    if (rate.perSecond > 0) facts.push(`${bytes(rate.perSecond)}/s`)
    facts.push(timeLeft(file.size - sent, rate.perSecond))
    said.textContent = facts.filter(Boolean).join(' · ')
  }
}
