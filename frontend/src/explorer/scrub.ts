/**
 * Hovering a video, sequence or group shows more of it: the pointer's place across the tile chooses
 * the picture. [data-strip] of a tile is the address of its pictures.
 */
import { on } from '../dom'
import { count } from './figures'

interface Picture {
  frame: number
  timestamp: number | null
  picture: string
}

interface Strip {
  total: number
  frames: Picture[]
}

/** Pictures of a strip: a tile is hardly wider than so many steps of the hand. */
const PICTURES = 12
/** How long the pointer rests before a strip is asked for; in passing nothing is. */
const REST = 150
/** Strips kept; each is a kilobyte. */
const MOST_KEPT = 200
const MINUTE = 60

const strips = new Map<string, Promise<Strip | null>>()
let hovered: Scrub | null = null

export function startScrub(): void {
  on('pointerover', '.tile[data-strip]', (tile, event) => {
    if (event.pointerType !== 'mouse' || hovered?.tile === tile) return
    hovered?.stop()
    hovered = new Scrub(tile)
  })
  on('pointermove', '.tile[data-strip]', (tile, event) => {
    if (hovered?.tile === tile) hovered.point(event.clientX)
  })
  on('pointerout', '.tile[data-strip]', (tile, event) => {
    const inside = event.relatedTarget instanceof Node && tile.contains(event.relatedTarget)
    if (inside || hovered?.tile !== tile) return
    hovered.stop()
    hovered = null
  })
}

/** One tile under the pointer. */
class Scrub {
  readonly tile: HTMLElement
  readonly #image: HTMLImageElement | null
  readonly #words: ChildNode | null
  readonly #before: { src: string; words: string }
  readonly #bar = document.createElement('span')
  readonly #timer: number
  #strip: Strip | null = null
  #x = Number.NaN
  #shown = -1
  #stopped = false

  constructor(tile: HTMLElement) {
    this.tile = tile
    this.#image = tile.querySelector<HTMLImageElement>('.tile-picture > img')
    this.#words = tile.querySelector('.tile-part')?.lastChild ?? null
    this.#before = { src: this.#image?.src ?? '', words: this.#words?.textContent ?? '' }
    this.#bar.className = 'tile-scrub'
    this.#timer = window.setTimeout(() => void this.#load(), REST)
  }

  /** The pointer is here. */
  point(x: number): void {
    this.#x = x
    const frames = this.#strip?.frames ?? []
    const box = this.#image?.getBoundingClientRect()
    if (!box || frames.length < 2) return
    const share = Math.min(Math.max((x - box.left) / box.width, 0), 0.999)
    this.#bar.style.setProperty('--at', `${share * 100}%`)
    const place = Math.floor(share * frames.length)
    if (place === this.#shown) return
    this.#shown = place
    void this.#show(frames[place])
  }

  /** Show the tile as it was. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#bar.remove()
    if (this.#image && this.#shown !== -1) this.#image.src = this.#before.src
    if (this.#words) this.#words.textContent = this.#before.words
  }

  async #load(): Promise<void> {
    const strip = await stripAt(this.tile.dataset.strip ?? '')
    if (this.#stopped || strip === null || strip.frames.length < 2) return
    this.#strip = strip
    this.tile.append(this.#bar)
    this.point(this.#x)
  }

  /** The picture takes the place of the earlier one when it is there, without a gap. */
  async #show(frame: Picture | undefined): Promise<void> {
    if (frame === undefined) return
    const place = this.#shown
    const next = new Image()
    next.src = frame.picture
    const there = await next.decode().then(
      () => true,
      () => false,
    )
    if (!there || this.#stopped || this.#shown !== place) return
    if (this.#image) this.#image.src = frame.picture
    if (this.#words) this.#words.textContent = this.#told(frame)
  }

  /** Where it stands: a moment of a video, the place in a sequence or group. */
  #told({ frame, timestamp }: Picture): string {
    if (this.tile.dataset.kind === 'video' && timestamp !== null) return clock(timestamp)
    return `${count(frame + 1)} / ${count(this.#strip?.total ?? 0)}`
  }
}

/** The strip of an address, asked for once. */
function stripAt(address: string): Promise<Strip | null> {
  const kept = strips.get(address) ?? ask(address)
  strips.delete(address)
  strips.set(address, kept)
  for (const oldest of strips.keys()) {
    if (strips.size <= MOST_KEPT) break
    strips.delete(oldest)
  }
  return kept
}

async function ask(address: string): Promise<Strip | null> {
  const answer = await fetch(`${address}?count=${PICTURES}`).catch(() => null)
  if (answer?.ok) return (await answer.json()) as Strip
  strips.delete(address)
  return null
}

/** 0:07, 12:30. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / MINUTE)}:${String(whole % MINUTE).padStart(2, '0')}`
}
