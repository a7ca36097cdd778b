/**
 * The strip below a player: pictures spread over the whole length, and a line with key frames.
 *
 * [data-strip] lies in [data-player], which names data-strip-url; a click seeks.
 */
export interface Seekable {
  /** Go to a frame, or to the moment when it is shown. */
  seek(frame: number, seconds: number): void
}

interface Strip {
  total: number
  duration: number
  frames: { frame: number; timestamp: number; picture: string }[]
}

const PICTURE_WIDTH = 96
const MOST_PICTURES = 24

/** Fill the strip of a player; returns a function that shows where the player is, from 0 to 1. */
export function fillStrip(player: HTMLElement, target: Seekable): (share: number) => void {
  const strip = player.querySelector<HTMLElement>('[data-strip]')
  const list = strip?.querySelector<HTMLElement>('[data-strip-pictures]')
  const now = strip?.querySelector('[data-strip-now]')
  if (strip && list && player.dataset.stripUrl) void load(player, strip, list, target)
  return (share) => {
    now?.setAttribute('x', String(Math.min(997, Math.max(0, share * 997))))
    const pictures = list ? [...list.querySelectorAll('button')] : []
    const shown = Math.round(share * (pictures.length - 1))
    pictures.forEach((button, place) => {
      if (place === shown) button.setAttribute('aria-current', 'true')
      else button.removeAttribute('aria-current')
    })
  }
}

async function load(
  player: HTMLElement,
  strip: HTMLElement,
  list: HTMLElement,
  target: Seekable,
): Promise<void> {
  const count = Math.max(4, Math.min(MOST_PICTURES, Math.floor(player.clientWidth / PICTURE_WIDTH)))
  const answer = await fetch(`${player.dataset.stripUrl}?count=${count}`).catch(() => null)
  if (!answer?.ok) return
  const { frames, total, duration } = (await answer.json()) as Strip
  for (const { frame, timestamp, picture } of frames) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'strip-picture'
    button.title = `Frame ${frame.toLocaleString('en-GB')}`
    button.setAttribute('aria-label', `Go to frame ${frame}`)
    button.addEventListener('click', () => target.seek(frame, timestamp))
    const image = document.createElement('img')
    image.src = picture
    image.alt = ''
    image.loading = 'lazy'
    button.append(image)
    const entry = document.createElement('li')
    entry.append(button)
    list.append(entry)
  }
  strip.hidden = false
  strip.querySelector('.strip-marks')?.addEventListener('click', (event) => {
    if (!(event instanceof MouseEvent) || !(event.currentTarget instanceof Element)) return
    const box = event.currentTarget.getBoundingClientRect()
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
    target.seek(Math.round(share * (total - 1)), share * duration)
  })
}
