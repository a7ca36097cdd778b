/** Follows a map while it is being computed: asks for its points about once a second. */

import { type MapPoints, parsePoints } from './payload'
import { getResponse } from './requests'
import { withQuery } from './settings'

/** Between two questions, in milliseconds. */
const PAUSE = 1_000
const OVER = 'The layout has ended. Use the region or clear it to go on.'

export interface FormingTarget {
  /** Points have moved; says whether they may be shown now. */
  moved(points: MapPoints): void
  /** Whether somebody has drawn on the points: they hold still then, and so does the end. */
  isHeld(): boolean
  /** What the computation does, and how much of the whole is done. */
  told(step: string, percent: number | null): void
  /** The map is finished, has failed or was cancelled. */
  over(): void
}

/** Ask until the map is over or the signal says to stop. */
export async function follow(
  url: string,
  target: FormingTarget,
  signal: AbortSignal,
): Promise<void> {
  let number = ''
  while (!signal.aborted) {
    // What is drawn on them is kept as long as the server is told so.
    const asked: Record<string, string> = target.isHeld() ? { hold: number } : { after: number }
    const response = await getResponse(withQuery(url, asked), '*/*', signal)
    const { headers } = response
    const over = !['pending', 'running'].includes(headers.get('X-Kindred-State') ?? '')
    if (over && !target.isHeld()) {
      target.over()
      return
    }
    const step = decodeURIComponent(headers.get('X-Kindred-Step') ?? '')
    const percent = Number(headers.get('X-Kindred-Percent') ?? Number.NaN)
    target.told(over ? OVER : step, over ? 100 : percent)
    // Somebody may have begun to draw while it was on its way.
    if (response.status === 200 && !target.isHeld()) {
      target.moved(parsePoints(await response.arrayBuffer()))
      number = headers.get('X-Kindred-Number') ?? ''
    }
    await pause(signal)
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, PAUSE)
    signal.addEventListener('abort', () => {
      window.clearTimeout(timer)
      resolve()
    })
  })
}
