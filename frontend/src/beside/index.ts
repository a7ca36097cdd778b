/** Entry of the page that compares two versions of a map: two maps that move and point together. */
import '../styles/map.css'
import './beside.css'
import { countFlags } from '../map/bits'
import { colouringOf } from '../map/colouring'
import { element, units } from '../map/dom'
import { rampColour, type Theme, toCss } from '../map/palette'
import { rowOf } from '../map/payload'
import { fetchBytes, RequestError } from '../map/requests'
import { type Pair, parsePair } from './pair'
import { Side } from './side'

/** Of the units that moved farthest, so many are ringed all the time: more would hide the map. */
const RINGED = 10

const host = document.getElementById('beside')
if (host !== null) void start(host)

async function start(root: HTMLElement): Promise<void> {
  const { signal } = new AbortController()
  try {
    const pair = parsePair(await fetchBytes(root.dataset.pointsUrl ?? '', signal))
    draw(root, pair, signal)
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    root.append(element('p', { class: 'map-error', role: 'alert' }, error.message))
  } finally {
    root.removeAttribute('aria-busy')
  }
  requestAnimationFrame(() => requestAnimationFrame(() => (root.dataset.ready = '')))
}

function draw(root: HTMLElement, pair: Pair, signal: AbortSignal): void {
  const words = document.getElementById('beside-words')
  const stageOf = (side: string) => root.querySelector<HTMLElement>(`[data-side="${side}"]`)
  const [left, right] = [stageOf('before'), stageOf('after')]
  if (left === null || right === null) return
  const eventsFor = (other: () => Side | undefined) => ({
    moved: (camera: Parameters<Side['follow']>[0]) => other()?.follow(camera),
    hovered: (row: number) => other()?.point(row),
    picked: (flags: Uint8Array | null, final: boolean) => {
      other()?.clearRegion()
      other()?.pick(flags)
      if (!final || words === null) return
      words.textContent = flags === null ? '' : `${units(countFlags(flags))} picked out on both`
    },
  })
  const sides: Side[] = []
  sides.push(
    new Side(
      left,
      pair.before,
      eventsFor(() => sides[1]),
      signal,
    ),
    new Side(
      right,
      pair.after,
      eventsFor(() => sides[0]),
      signal,
    ),
  )
  colour(sides, pair, signal)
  listMoved(sides, pair)
}

/** By how far each unit moved; the ramp above the list says so. */
function colour(sides: readonly Side[], { shifts }: Pair, signal: AbortSignal): void {
  const sorted = shifts.slice().sort()
  const max = sorted.at(-1) ?? 0
  const median = sorted[sorted.length >> 1] ?? 0
  const colouring = colouringOf({ type: 'number', min: 0, max, median, values: shifts })
  for (const side of sides) side.stage.colourBy(colouring, new Set())
  const farthest = document.querySelector('[data-farthest]')
  if (farthest) farthest.textContent = `${(100 * max).toFixed(max < 0.1 ? 1 : 0)} % of the width`
  const [first] = sides
  if (!first) return
  paintRamp(first.stage.theme)
  for (const side of sides) side.stage.onTheme(() => paintRamp(side.stage.theme), signal)
}

function paintRamp(theme: Theme): void {
  const canvas = document.querySelector<HTMLCanvasElement>('.beside-ramp')
  const context = canvas?.getContext('2d')
  if (!canvas || !context) return
  for (let x = 0; x < canvas.width; x++) {
    context.fillStyle = toCss(rampColour(theme.scheme, x / (canvas.width - 1)))
    context.fillRect(x, 0, 1, 1)
  }
}

/** The farthest are ringed on both; pointing at a line of the list points at its unit. */
function listMoved(sides: readonly Side[], { after }: Pair): void {
  const lines = [...document.querySelectorAll<HTMLElement>('.beside-unit')]
  const rows = lines.map((line) => rowOf(after, Number(line.dataset.ordinal)))
  for (const side of sides) side.mark(rows.slice(0, RINGED).filter((row) => row !== -1))
  lines.forEach((line, place) => {
    const row = rows[place] ?? -1
    const show = (which: number) => {
      for (const side of sides) side.pulse(which)
    }
    line.addEventListener('pointerenter', () => show(row))
    line.addEventListener('focus', () => show(row))
    line.addEventListener('pointerleave', () => show(-1))
    line.addEventListener('blur', () => show(-1))
    line.addEventListener('click', () => {
      if (row !== -1) void sides[1]?.open(row)
    })
  })
}
