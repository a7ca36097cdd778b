/**
 * A queue of files to send, a few at a time. It knows nothing of the network: a Start function
 * carries a file out. All counts are kept as they change, so that many thousands of files cost no
 * more than a few.
 */

export type UploadState = 'waiting' | 'sending' | 'done' | 'failed' | 'cancelled'

export interface Upload {
  readonly file: File
  /** Where in a dropped directory the file lies, as "2026/October"; empty for the folder itself. */
  readonly path: string
  /** Names this sending of the file, so that the server makes one item of it, however often asked. */
  readonly key: string
  state: UploadState
  sent: number
  error: string
  /** Whether sending it once more can help. */
  retriable: boolean
  /** What the server made of it. */
  item: string | null
}

export class UploadError extends Error {
  constructor(
    message: string,
    readonly retriable: boolean,
  ) {
    super(message)
  }
}

export interface Events {
  sent(bytes: number): void
  done(item: string | null): void
  failed(error: UploadError): void
}

/** A file that is being sent. */
export interface Transfer {
  /** Stop, so that starting again goes on from here. */
  pause(): void
  /** Stop, and have the server forget what it has. */
  cancel(): void
}

export type Start = (upload: Upload, events: Events) => Transfer

export interface Totals {
  files: number
  done: number
  failed: number
  bytes: number
  sent: number
  active: boolean
}

export interface Chosen {
  file: File
  path: string
}

export class UploadQueue {
  readonly uploads: Upload[] = []
  readonly sending = new Map<Upload, Transfer>()
  readonly failed = new Set<Upload>()
  /** The latest that are done, for the eye. */
  latest: Upload[] = []
  paused = false
  private waiting: Upload[] = []
  private next = 0
  private count = { files: 0, done: 0, bytes: 0, sent: 0 }

  constructor(
    private readonly start: Start,
    private readonly onChange: (changed: Upload | null) => void,
    private readonly parallel = 4,
  ) {}

  add(chosen: Iterable<Chosen>): Upload[] {
    const added: Upload[] = []
    for (const { file, path } of chosen) {
      const upload: Upload = {
        file,
        path,
        key: randomKey(),
        state: 'waiting',
        sent: 0,
        error: '',
        retriable: true,
        item: null,
      }
      added.push(upload)
      this.uploads.push(upload)
      this.waiting.push(upload)
      this.count.files += 1
      this.count.bytes += file.size
    }
    this.onChange(null)
    this.fill()
    return added
  }

  retry(upload: Upload): void {
    if (upload.state !== 'failed') return
    this.failed.delete(upload)
    Object.assign(upload, { state: 'waiting', error: '' })
    this.waiting.push(upload)
    this.onChange(upload)
    this.fill()
  }

  retryAll(): void {
    for (const upload of [...this.failed]) if (upload.retriable) this.retry(upload)
  }

  pause(): void {
    this.paused = true
    const halted = [...this.sending]
    this.sending.clear()
    for (const [upload, transfer] of halted) {
      transfer.pause()
      upload.state = 'waiting'
    }
    // They were first, and are to be first again.
    this.waiting = [...halted.map(([upload]) => upload), ...this.waiting.slice(this.next)]
    this.next = 0
    this.onChange(null)
  }

  resume(): void {
    this.paused = false
    this.onChange(null)
    this.fill()
  }

  /** Stop what is under way and drop what waits. */
  cancel(): void {
    const dropped = [...this.sending.keys(), ...this.waiting.slice(this.next)]
    const transfers = [...this.sending.values()]
    this.sending.clear()
    this.waiting = []
    this.next = 0
    this.paused = false
    for (const transfer of transfers) transfer.cancel()
    for (const upload of dropped) {
      this.count.sent -= upload.sent
      this.count.files -= 1
      this.count.bytes -= upload.file.size
      upload.state = 'cancelled'
    }
    this.onChange(null)
  }

  /** Forget what has ended. */
  clear(): void {
    if (this.totals().active) return
    this.uploads.length = 0
    this.failed.clear()
    this.latest = []
    this.count = { files: 0, done: 0, bytes: 0, sent: 0 }
    this.onChange(null)
  }

  totals(): Totals {
    return {
      ...this.count,
      failed: this.failed.size,
      active: this.sending.size > 0 || this.next < this.waiting.length,
    }
  }

  private fill(): void {
    while (!this.paused && this.sending.size < this.parallel) {
      const upload = this.waiting[this.next]
      if (!upload) {
        this.waiting = []
        this.next = 0
        return
      }
      this.next += 1
      this.run(upload)
    }
  }

  private run(upload: Upload): void {
    upload.state = 'sending'
    // Until it is known, a transfer that cannot be stopped.
    this.sending.set(upload, { pause: () => {}, cancel: () => {} })
    const mine = () => upload.state === 'sending' && this.sending.has(upload)
    const transfer = this.start(upload, {
      sent: (bytes) => {
        if (mine()) this.progress(upload, bytes)
      },
      done: (item) => {
        if (mine()) this.done(upload, item)
      },
      failed: (error) => {
        if (mine()) this.fail(upload, error)
      },
    })
    if (mine()) this.sending.set(upload, transfer)
    this.onChange(upload)
  }

  private progress(upload: Upload, bytes: number): void {
    const sent = Math.min(bytes, upload.file.size)
    this.count.sent += sent - upload.sent
    upload.sent = sent
    this.onChange(upload)
  }

  private done(upload: Upload, item: string | null): void {
    this.progress(upload, upload.file.size)
    this.count.done += 1
    upload.state = 'done'
    upload.item = item
    this.latest = [...this.latest.slice(-1), upload]
    this.ended(upload)
  }

  private fail(upload: Upload, error: UploadError): void {
    upload.state = 'failed'
    upload.error = error.message
    upload.retriable = error.retriable
    this.failed.add(upload)
    this.ended(upload)
  }

  private ended(upload: Upload): void {
    this.sending.delete(upload)
    this.fill()
    this.onChange(upload)
  }
}

/** Not randomUUID: browsers have that on secure pages only, and some teams serve plain HTTP. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
