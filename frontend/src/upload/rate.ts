/** How fast bytes go, over the last seconds, and how long the rest takes. */

const WINDOW_MS = 10_000
/** Less tells nothing: the first second holds connections that open. */
const ENOUGH_MS = 1500

export class Rate {
  private readonly marks: { at: number; bytes: number }[] = []

  /** Note how much is sent by now. */
  mark(bytes: number, at: number): void {
    const last = this.marks.at(-1)
    // Forget the past when files were cancelled, and do not keep more than ten marks a second.
    if (last && bytes < last.bytes) this.marks.length = 0
    if (last && at - last.at < 100) return
    this.marks.push({ at, bytes })
    while (this.marks.length > 2 && at - (this.marks[0]?.at ?? at) > WINDOW_MS) this.marks.shift()
  }

  /** A pause is no slowness. */
  reset(): void {
    this.marks.length = 0
  }

  /** Bytes a second; 0 while it cannot be told. */
  get perSecond(): number {
    const [first, last] = [this.marks[0], this.marks.at(-1)]
    if (!first || !last || last.at - first.at < ENOUGH_MS) return 0
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000
  }
}

/** "about 3 min left"; empty when nothing can be said. */
export function timeLeft(bytes: number, perSecond: number): string {
  if (perSecond <= 0) return ''
  const seconds = bytes / perSecond
  if (seconds < 10) return 'a few seconds left'
  if (seconds < 90) return `about ${Math.ceil(seconds / 10) * 10} s left`
  if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} min left`
  return `about ${Math.round(seconds / 360) / 10} h left`
}
