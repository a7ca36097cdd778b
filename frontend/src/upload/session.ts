/**
 * One round of uploads on a folder's page: the files, and what is done when they are there:
 * sidecar files first, since they name images, then the group or sequence that was asked for.
 */
import { leftOut, paths, sortOut } from './choice'
import { makeWholes, planWholes, type WholeKind } from './groups'
import type { Places } from './places'
import { type Chosen, type Start, type Upload, UploadQueue } from './queue'
import { applySidecars, SidecarIndex } from './sidecars'

export interface Note {
  level: 'good' | 'warn' | 'bad'
  name: string
  message: string
}

export interface Wish {
  kind: WholeKind
  name: string
}

export class Session {
  readonly queue: UploadQueue
  readonly notes: Note[] = []
  /** What is being done after the files, in words; empty when nothing is. */
  step = ''
  wish: Wish | null = null
  private sidecars: Chosen[] = []
  private grouped = new Set<Upload>()
  private stopped = false

  constructor(
    start: Start,
    private readonly places: Places,
    private readonly onChange: (changed: Upload | null) => void,
  ) {
    this.queue = new UploadQueue(start, (changed) => this.changed(changed))
  }

  add(chosen: Iterable<Chosen>): void {
    const { media, sidecars, left } = sortOut(chosen)
    this.stopped = false
    if (left.length > 0) this.note('warn', '', leftOut(left))
    this.sidecars.push(...sidecars)
    this.places.prepare(paths([...media, ...sidecars]))
    this.queue.add(media)
    this.finishSoon()
  }

  /** Whether leaving the page would lose something. */
  get busy(): boolean {
    return this.queue.totals().active || this.step !== ''
  }

  /** How many sidecar files wait for images that are not there yet. */
  get waitingSidecars(): number {
    return this.sidecars.length
  }

  /** The images that can become one group or sequence. */
  get groupable(): { images: number; folders: number } {
    const counted = new Set<string>()
    let images = 0
    for (const upload of this.queue.uploads) {
      if (this.grouped.has(upload) || upload.state === 'cancelled') continue
      if (upload.state === 'failed' || upload.file.type.startsWith('video/')) continue
      images += 1
      counted.add(upload.path)
    }
    return { images, folders: counted.size }
  }

  group(wish: Wish): void {
    this.wish = wish
    this.stopped = false
    this.onChange(null)
    this.finishSoon()
  }

  cancel(): void {
    this.stopped = true
    this.wish = null
    this.sidecars = []
    this.queue.cancel()
  }

  clear(): void {
    if (this.busy) return
    this.sidecars = []
    this.notes.length = 0
    this.grouped.clear()
    this.wish = null
    this.queue.clear()
  }

  private changed(changed: Upload | null): void {
    this.onChange(changed)
    if (!this.queue.totals().active) this.finishSoon()
  }

  private finishSoon(): void {
    // Files may be added in the same moment.
    queueMicrotask(() => void this.finish())
  }

  private async finish(): Promise<void> {
    if (this.busy || this.stopped) return
    const sidecars = this.takeSidecars()
    if (sidecars.length > 0) await this.apply(sidecars)
    else if (this.wish) await this.makeWholes(this.wish)
    else return
    this.finishSoon()
  }

  /** Those whose images are there, or are not of this round. */
  private takeSidecars(): Chosen[] {
    if (this.sidecars.length === 0) return []
    const index = new SidecarIndex(this.queue.uploads)
    const waits = (sidecar: Chosen) => index.find(sidecar)?.state === 'failed'
    const ready = this.sidecars.filter((sidecar) => !waits(sidecar))
    this.sidecars = this.sidecars.filter(waits)
    return ready
  }

  private async apply(sidecars: Chosen[]): Promise<void> {
    this.begin(`Applying ${counted(sidecars.length, 'sidecar file')}`)
    const problems = await applySidecars(sidecars, this.queue.uploads, this.places)
    for (const { name, message } of problems) this.note('bad', name, message)
    const applied = sidecars.length - problems.length
    if (applied > 0) {
      this.note('good', '', `${counted(applied, 'sidecar file')} applied to the metadata.`)
    }
    this.end()
  }

  private async makeWholes({ kind, name }: Wish): Promise<void> {
    this.wish = null
    const uploads = this.queue.uploads.filter((upload) => !this.grouped.has(upload))
    const wholes = planWholes(uploads, name)
    const noun = kind === 'image_group' ? 'group' : 'sequence'
    this.begin(`Making ${counted(wholes.length, noun)}, when all images have been read`)
    const problems = await makeWholes(wholes, kind, this.places, () => this.stopped)
    const failed = new Set(problems.map((problem) => problem.name))
    for (const problem of problems) this.note('bad', problem.name, problem.message)
    for (const whole of wholes) for (const image of whole.images) this.grouped.add(image)
    const made = wholes.filter((whole) => !failed.has(whole.name)).length
    if (made > 0) this.note('good', '', `${counted(made, noun)} made.`)
    this.end()
  }

  private begin(step: string): void {
    this.step = step
    this.onChange(null)
  }

  private end(): void {
    this.step = ''
    this.onChange(null)
  }

  private note(level: Note['level'], name: string, message: string): void {
    this.notes.push({ level, name, message })
    this.onChange(null)
  }
}

/** "1 file", "1,204 files". */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
