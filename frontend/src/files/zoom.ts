/**
 * A picture that zooms and moves: [data-zoom] holds [data-zoom-picture], [data-zoom-bar] follows.
 *
 * The wheel and pinching zoom where the pointer is; dragging, or the arrows, move; + - 0 1 by keys.
 * Beyond the size of the preview the original takes its place (data-zoom-original).
 */
const MAX_SCALE = 32
const STEP = 1.25
const NUDGE = 48

interface View {
  scale: number
  x: number
  y: number
}

class Zoom {
  private view: View = { scale: 1, x: 0, y: 0 }
  private readonly pointers = new Map<number, PointerEvent>()

  constructor(
    private readonly frame: HTMLElement,
    private readonly picture: HTMLImageElement,
    private readonly bar: HTMLElement | null,
  ) {
    frame.addEventListener('wheel', (event) => this.wheel(event), { passive: false })
    frame.addEventListener('pointerdown', (event) => this.grab(event))
    frame.addEventListener('pointermove', (event) => this.drag(event))
    for (const end of ['pointerup', 'pointercancel'] as const)
      frame.addEventListener(end, (event) => this.pointers.delete(event.pointerId))
    frame.addEventListener('dblclick', (event) =>
      this.view.scale > 1 ? this.fit() : this.zoom(this.real() / this.view.scale, event),
    )
    frame.addEventListener('keydown', (event) => this.key(event))
    bar?.addEventListener('click', (event) => this.press(event))
    if (bar) bar.hidden = false
    picture.addEventListener('load', () => this.show())
    window.addEventListener('resize', () => this.show())
    this.show()
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault()
    this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event)
  }

  private grab(event: PointerEvent): void {
    if (event.button !== 0) return
    this.pointers.set(event.pointerId, event)
    this.frame.setPointerCapture(event.pointerId)
  }

  private drag(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId)
    if (!before) return
    const other = [...this.pointers.values()].find((one) => one.pointerId !== event.pointerId)
    this.pointers.set(event.pointerId, event)
    if (other) {
      const apart = (one: PointerEvent) =>
        Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)
      this.zoom(apart(event) / Math.max(1, apart(before)), {
        clientX: (event.clientX + other.clientX) / 2,
        clientY: (event.clientY + other.clientY) / 2,
      })
      return
    }
    this.move(event.clientX - before.clientX, event.clientY - before.clientY)
  }

  private key(event: KeyboardEvent): void {
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [NUDGE, 0],
      ArrowRight: [-NUDGE, 0],
      ArrowUp: [0, NUDGE],
      ArrowDown: [0, -NUDGE],
    }
    const move = moves[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === '+' || event.key === '=') this.zoom(STEP)
    else if (event.key === '-') this.zoom(1 / STEP)
    else if (event.key === '0') this.fit()
    else if (event.key === '1') this.zoom(this.real() / this.view.scale)
    else if (move && this.view.scale > 1) this.move(...move)
    else return
    event.preventDefault()
  }

  private press(event: Event): void {
    const button = event.target instanceof Element ? event.target.closest('button') : null
    if (!button) return
    if (button.dataset.zoomBy) this.zoom(Number(button.dataset.zoomBy))
    else if ('zoomFit' in button.dataset) this.fit()
    else if ('zoomReal' in button.dataset) this.zoom(this.real() / this.view.scale)
  }

  /** The scale at which a pixel of the picture is one of the screen. */
  private real(): number {
    const wide = Number(this.picture.getAttribute('width')) || this.picture.naturalWidth
    return this.picture.offsetWidth > 0 ? wide / this.picture.offsetWidth : 1
  }

  private fit(): void {
    this.view = { scale: 1, x: 0, y: 0 }
    this.show()
  }

  private zoom(factor: number, at?: { clientX: number; clientY: number }): void {
    const before = this.view.scale
    const smallest = Math.min(1, this.real())
    const scale = Math.min(MAX_SCALE, Math.max(smallest, before * factor))
    const box = this.frame.getBoundingClientRect()
    const x = (at?.clientX ?? box.left + box.width / 2) - box.left - box.width / 2
    const y = (at?.clientY ?? box.top + box.height / 2) - box.top - box.height / 2
    // What lies under the pointer stays there.
    this.view.x = x - ((x - this.view.x) * scale) / before
    this.view.y = y - ((y - this.view.y) * scale) / before
    this.view.scale = scale
    this.show()
  }

  private move(x: number, y: number): void {
    this.view.x += x
    this.view.y += y
    this.show()
  }

  private show(): void {
    const { picture, view, frame } = this
    // Never out of sight: half of what is larger than the frame may leave it on either side.
    const room = (size: number, whole: number) => Math.max(0, (size * view.scale - whole) / 2)
    const x = room(picture.offsetWidth, frame.clientWidth)
    const y = room(picture.offsetHeight, frame.clientHeight)
    view.x = Math.min(x, Math.max(-x, view.x))
    view.y = Math.min(y, Math.max(-y, view.y))
    picture.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`
    picture.style.imageRendering = view.scale > this.real() * 2 ? 'pixelated' : ''
    frame.toggleAttribute('data-zoomed', view.scale > 1)
    const shown = (100 * view.scale) / this.real()
    const figure = this.bar?.querySelector('[data-zoom-figure]')
    if (figure) figure.textContent = `${Math.round(shown).toLocaleString('en-GB')}%`
    this.sharpen()
  }

  /** Load the original once the preview would be seen in blocks. */
  private sharpen(): void {
    const original = this.picture.dataset.zoomOriginal
    const shown = this.picture.offsetWidth * this.view.scale * window.devicePixelRatio
    if (!original || shown <= this.picture.naturalWidth * 1.2) return
    delete this.picture.dataset.zoomOriginal
    const sharp = new Image()
    sharp.addEventListener('load', () => {
      this.picture.src = sharp.src
    })
    sharp.src = original
  }
}

export function startZoom(): void {
  for (const frame of document.querySelectorAll<HTMLElement>('[data-zoom]')) {
    const picture = frame.querySelector<HTMLImageElement>('[data-zoom-picture]')
    const bar = frame.parentElement?.querySelector<HTMLElement>('[data-zoom-bar]') ?? null
    if (picture && !('zoomReady' in frame.dataset)) {
      frame.dataset.zoomReady = ''
      new Zoom(frame, picture, bar)
    }
  }
}
