/** Uploads files a few at a time, each in a request of its own so that its progress is known. */

export type UploadState = 'waiting' | 'sending' | 'done' | 'failed' | 'cancelled'

export interface Upload {
  readonly file: File
  state: UploadState
  sent: number
  error: string
  /** Whether sending it once more can help. */
  retriable: boolean
}

/** Sends one file; rejects with an UploadError, or with an AbortError when the signal asked. */
export type Send = (
  file: File,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
) => Promise<void>

export class UploadError extends Error {
  constructor(
    message: string,
    readonly retriable: boolean,
  ) {
    super(message)
  }
}

export interface Totals {
  files: number
  done: number
  failed: number
  bytes: number
  sent: number
  active: boolean
}

export class UploadQueue {
  readonly uploads: Upload[] = []
  private running = 0
  private stop = new AbortController()

  constructor(
    private readonly send: Send,
    private readonly onChange: (changed: Upload | null) => void,
    private readonly parallel = 4,
  ) {}

  add(files: Iterable<File>): void {
    for (const file of files) {
      this.uploads.push({ file, state: 'waiting', sent: 0, error: '', retriable: true })
    }
    this.onChange(null)
    this.fill()
  }

  retry(upload: Upload): void {
    if (upload.state !== 'failed' && upload.state !== 'cancelled') return
    Object.assign(upload, { state: 'waiting', sent: 0, error: '' })
    this.onChange(upload)
    this.fill()
  }

  /** Stop what is under way and drop what waits. */
  cancel(): void {
    this.stop.abort()
    this.stop = new AbortController()
    for (const upload of this.uploads) {
      if (upload.state === 'waiting' || upload.state === 'sending') upload.state = 'cancelled'
    }
    this.onChange(null)
  }

  clear(): void {
    this.uploads.length = 0
    this.onChange(null)
  }

  totals(): Totals {
    const kept = this.uploads.filter((upload) => upload.state !== 'cancelled')
    const sum = (value: (upload: Upload) => number) => kept.reduce((n, u) => n + value(u), 0)
    return {
      files: kept.length,
      done: sum((upload) => Number(upload.state === 'done')),
      failed: sum((upload) => Number(upload.state === 'failed')),
      bytes: sum((upload) => upload.file.size),
      sent: sum((upload) => (upload.state === 'done' ? upload.file.size : upload.sent)),
      active: kept.some((upload) => upload.state === 'waiting' || upload.state === 'sending'),
    }
  }

  private fill(): void {
    while (this.running < this.parallel) {
      const next = this.uploads.find((upload) => upload.state === 'waiting')
      if (!next) return
      void this.run(next)
    }
  }

  private async run(upload: Upload): Promise<void> {
    const signal = this.stop.signal
    this.running += 1
    upload.state = 'sending'
    this.onChange(upload)
    try {
      await this.send(upload.file, (bytes) => this.progress(upload, bytes), signal)
      if (upload.state === 'sending') upload.state = 'done'
    } catch (error) {
      if (!signal.aborted) {
        upload.state = 'failed'
        upload.error = error instanceof Error ? error.message : 'The upload failed.'
        upload.retriable = error instanceof UploadError ? error.retriable : true
      }
    } finally {
      this.running -= 1
      this.onChange(upload)
      this.fill()
    }
  }

  private progress(upload: Upload, bytes: number): void {
    upload.sent = Math.min(bytes, upload.file.size)
    this.onChange(upload)
  }
}
