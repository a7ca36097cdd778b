/** Follows a map while it is being computed: asks for its points about once a second. */

import { type MapPoints, parsePoints } from './payload'
import { getResponse } from './requests'
import { withQuery } from './settings'

/** Between two questions, in milliseconds. */
const PAUSE = 1_000

export interface FormingTarget {
  /** Points have moved; says whether they may be shown now. */
  moved(points: MapPoints): void
  /** Whether somebody looks closely: points then hold still. */
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
    const response = await getResponse(withQuery(url, { after: number }), '*/*', signal)
    const { headers } = response
    if (!['pending', 'running'].includes(headers.get('X-Kindred-State') ?? '')) {
      target.over()
      return
    }
    target.told(
      decodeURIComponent(headers.get('X-Kindred-Step') ?? ''),
      Number(headers.get('X-Kindred-Percent') ?? Number.NaN),
    )
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
