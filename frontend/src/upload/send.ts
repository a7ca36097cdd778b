/** Sends files by the tus protocol: in parts, each of which counts as far as it arrived. */
import { DetailedError, type HttpResponse, Upload as TusUpload } from 'tus-js-client'
import { csrfToken } from '../dom'
import type { Places } from './places'
import { type Events, type Start, type Transfer, type Upload, UploadError } from './queue'
import { Refusal, refusal } from './server'

/** Smaller files take one request; larger ones resume from the last part after a reload, too. */
export const PART_BYTES = 16 * 1024 * 1024
/** Waits before asking again: some five minutes without a byte, then the file counts as failed. */
const RETRY_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 60_000, 120_000]
const ITEM = 'Kindred-Item'

export interface Target {
  /** The address that takes new files of a folder. */
  address(folder: string): string
  places: Places
  /** "import" keeps the file as it is; nothing becomes an item. */
  purpose?: 'import'
}

/** Make the function that sends files to the target. */
export function sender(target: Target): Start {
  // A paused file goes on with the object that knows where the server stands.
  const begun = new WeakMap<Upload, Sending>()
  return (upload, events) => {
    const sending = begun.get(upload) ?? new Sending(upload, target)
    begun.set(upload, sending)
    return sending.start({
      ...events,
      done: (item) => {
        // Many thousands of files need not be remembered.
        begun.delete(upload)
        events.done(item)
      },
    })
  }
}

class Sending {
  private tus: TusUpload | null = null
  private item: string | null = null
  private running = 0

  constructor(
    private readonly upload: Upload,
    private readonly target: Target,
  ) {}

  start(events: Events): Transfer {
    this.running += 1
    void this.run(this.running, events)
    return { pause: () => this.stop(false), cancel: () => this.stop(true) }
  }

  private async run(turn: number, events: Events): Promise<void> {
    try {
      const folder = await this.target.places.find(this.upload.path)
      if (turn !== this.running) return
      this.tus ??= await this.prepare(folder)
      if (turn !== this.running) return
      this.tus.options.onProgress = (sent) => events.sent(sent)
      this.tus.options.onError = (error) => events.failed(asUploadError(error))
      this.tus.options.onSuccess = () => void this.finish(turn, events)
      this.tus.start()
    } catch (error) {
      if (turn === this.running) events.failed(asUploadError(error))
    }
  }

  /** All bytes are there; hear what became of them if no answer has said it. */
  private async finish(turn: number, events: Events): Promise<void> {
    const address = this.tus?.url ?? ''
    try {
      if (this.target.purpose) this.item = address.split('/').at(-2) ?? null
      else this.item ??= await askForItem(address, this.upload.file.size)
      if (turn === this.running) events.done(this.item)
    } catch (error) {
      if (turn === this.running) events.failed(asUploadError(error))
    }
  }

  private stop(forGood: boolean): void {
    this.running += 1
    this.tus?.abort(forGood).catch(() => {
      // The server forgets the file by itself when its time is over.
    })
  }

  private async prepare(folder: string): Promise<TusUpload> {
    const { file, key } = this.upload
    const isLarge = file.size > PART_BYTES
    const { purpose } = this.target
    const tus = new TusUpload(file, {
      endpoint: this.target.address(folder),
      chunkSize: PART_BYTES,
      uploadDataDuringCreation: true,
      metadata: { filename: file.name, key, ...(purpose && { purpose }) },
      retryDelays: RETRY_MS,
      removeFingerprintOnSuccess: true,
      storeFingerprintForResuming: isLarge,
      fingerprint: async () =>
        ['kindred', folder, purpose ?? 'item', file.name, file.size, file.lastModified].join('-'),
      headers: { Accept: 'application/json', 'X-CSRFToken': csrfToken() },
      onAfterResponse: (_, response) => this.heard(response),
      onShouldRetry: (error) => isPassing(error),
    })
    if (isLarge) {
      const [previous] = await tus.findPreviousUploads()
      if (previous) tus.resumeFromPreviousUpload(previous)
    }
    return tus
  }

  private heard(response: HttpResponse): void {
    this.item = response.getHeader(ITEM) ?? this.item
  }
}

/** The last answer was lost: a request of no bytes at the end repeats it. */
async function askForItem(address: string, size: number): Promise<string | null> {
  const answer = await fetch(address, {
    method: 'PATCH',
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/offset+octet-stream',
      'Tus-Resumable': '1.0.0',
      'Upload-Offset': String(size),
      'X-CSRFToken': csrfToken(),
    },
  })
  if (!answer.ok) throw refusal(answer.status, await answer.text())
  return answer.headers.get(ITEM)
}

function isPassing(error: Error | DetailedError): boolean {
  if (!(error instanceof DetailedError)) return false
  const status = error.originalResponse?.getStatus() ?? 0
  // 409: somebody else's part was first, or our own that we believed lost; the offset is asked for.
  return status === 0 || status === 409 || status === 429 || status >= 500
}

function asUploadError(error: unknown): UploadError {
  if (error instanceof DetailedError) {
    const status = error.originalResponse?.getStatus() ?? 0
    const refused = refusal(status, error.originalResponse?.getBody() ?? '')
    return new UploadError(refused.message, refused.isPassing || status === 401)
  }
  if (error instanceof TypeError) return new UploadError(refusal(0, '').message, true)
  if (error instanceof Refusal) return new UploadError(error.message, error.isPassing)
  // A file that was deleted or changed on disk since it was chosen cannot be read.
  return new UploadError('The file cannot be read any more. Choose it again.', false)
}
