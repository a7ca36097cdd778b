/**
 * An image sequence that plays as a video: [data-sequence] with a picture, a bar and a strip.
 *
 * Frames are fetched ahead of the one that is shown; one that is late is waited for, so that none is
 * left out at low speed, while at high speed those that came too late are passed over.
 */
import type { Seekable } from './strip'

const AHEAD = 12
const KEPT = 120

export class SequencePlayer implements Seekable {
  private frame = 0
  private playing = false
  private begun = { at: 0, frame: 0 }
  private told: (share: number) => void = () => undefined
  private readonly cache = new Map<number, HTMLImageElement>()
  private readonly count: number
  private readonly picture: HTMLImageElement | null
  private readonly scrub: HTMLInputElement | null

  constructor(private readonly player: HTMLElement) {
    this.count = Number(player.dataset.frameCount) || 1
    this.picture = player.querySelector('[data-sequence-picture]')
    this.scrub = player.querySelector('[data-sequence-scrub]')
    const bar = player.querySelector<HTMLElement>('[data-sequence-bar]')
    if (bar) bar.hidden = false
    if (this.scrub) this.scrub.max = String(this.count - 1)
    this.scrub?.addEventListener('input', () => this.seek(Number(this.scrub?.value)))
    player.addEventListener('click', (event) => this.press(event))
    player.addEventListener('keydown', (event) => this.key(event))
    player.querySelector('[data-sequence-fps]')?.addEventListener('change', () => this.restart())
    this.show(0)
  }

  follow(told: (share: number) => void): void {
    this.told = told
    this.tell()
  }

  seek(frame: number): void {
    this.show(frame)
    this.restart()
  }

  private press(event: MouseEvent): void {
    const button = event.target instanceof Element ? event.target.closest('button') : null
    if (!button) return
    if ('sequencePlay' in button.dataset) this.toggle()
    if (button.dataset.sequenceStep) this.step(Number(button.dataset.sequenceStep))
  }

  private key(event: KeyboardEvent): void {
    const target = event.target instanceof Element ? event.target : null
    if (target?.closest('select, input, button') && event.key === ' ') return
    if (target?.closest('select, input')) return
    if (event.key === ' ') this.toggle()
    else if (event.key === 'ArrowLeft') this.step(-1)
    else if (event.key === 'ArrowRight') this.step(1)
    else if (event.key === 'Home') this.seek(0)
    else if (event.key === 'End') this.seek(this.count - 1)
    else return
    event.preventDefault()
  }

  private step(by: number): void {
    this.playing = false
    this.show(this.frame + by)
  }

  private toggle(): void {
    this.playing = !this.playing
    if (this.playing && this.frame === this.count - 1) this.show(0)
    this.restart()
    this.tell()
    if (this.playing) requestAnimationFrame(() => this.tick())
  }

  private restart(): void {
    this.begun = { at: performance.now(), frame: this.frame }
  }

  private tick(): void {
    if (!this.playing || !this.player.isConnected) return
    const due = this.begun.frame + ((performance.now() - this.begun.at) / 1000) * this.fps()
    const next = Math.min(this.count - 1, Math.floor(due))
    if (next > this.frame) {
      const ready = this.load(next).complete ? next : this.frame + 1
      if (this.load(ready).complete) this.show(ready)
      // Waited for: the clock starts again with it.
      else this.restart()
    }
    if (this.frame === this.count - 1) {
      this.playing = false
      this.tell()
      return
    }
    requestAnimationFrame(() => this.tick())
  }

  private fps(): number {
    const select = this.player.querySelector<HTMLSelectElement>('[data-sequence-fps]')
    return Number(select?.value) || 10
  }

  private show(frame: number): void {
    this.frame = Math.min(this.count - 1, Math.max(0, frame))
    const image = this.load(this.frame)
    if (this.picture) {
      this.picture.src = image.src
      this.picture.alt = this.picture.alt.replace(/frame \d+$/, `frame ${this.frame}`)
    }
    for (let ahead = 1; ahead <= AHEAD; ahead++)
      if (this.frame + ahead < this.count) this.load(this.frame + ahead)
    this.tell()
  }

  private load(frame: number): HTMLImageElement {
    const known = this.cache.get(frame)
    if (known) return known
    const image = new Image()
    image.src = this.address(frame)
    this.cache.set(frame, image)
    for (const old of this.cache.keys()) {
      if (this.cache.size <= KEPT) break
      this.cache.delete(old)
    }
    return image
  }

  private address(frame: number): string {
    const { frameAddress = '', version = '' } = this.player.dataset
    return `${frameAddress.replace('/frames/0/', `/frames/${frame}/`)}?v=${version}`
  }

  private tell(): void {
    if (this.scrub) this.scrub.value = String(this.frame)
    const figure = this.player.querySelector('[data-sequence-figure]')
    const place = (this.frame + 1).toLocaleString('en-GB')
    if (figure) figure.textContent = `${place} / ${this.count.toLocaleString('en-GB')}`
    const play = this.player.querySelector('[data-sequence-play]')
    play?.setAttribute('aria-label', this.playing ? 'Pause' : 'Play')
    const use = play?.querySelector('use')
    use?.setAttribute(
      'href',
      (use.getAttribute('href') ?? '').replace(/#.*/, this.playing ? '#pause' : '#play'),
    )
    this.told(this.count > 1 ? this.frame / (this.count - 1) : 0)
  }
}
