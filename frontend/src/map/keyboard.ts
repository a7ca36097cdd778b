/** The keys of the map, while it has the focus. */

import type { Tool } from './gestures'

export interface KeyTarget {
  setTool(tool: Tool): void
  pan(dx: number, dy: number): void
  /** Zoom in the middle of the stage. */
  zoomBy(factor: number): void
  fit(): void
  /** Go to the next point of the region, or the one before. */
  step(direction: 1 | -1): void
  open(): void
  /** Take the point that one stepped to into the region, or out of it. */
  toggle(): void
  /** List the points of the region, or of the view where there is none. */
  list(): void
  /** Take everything in view as the region. */
  selectView(): void
  /** Clear what is drawn or selected; say whether there was anything. */
  clear(): boolean
}

const STEP = 60
export const ZOOM_STEP = 1.4

type Action = (target: KeyTarget) => unknown

const ACTIONS: Readonly<Record<string, Action>> = {
  h: (target) => target.setTool('pan'),
  r: (target) => target.setTool('rectangle'),
  l: (target) => target.setTool('lasso'),
  '+': (target) => target.zoomBy(ZOOM_STEP),
  '=': (target) => target.zoomBy(ZOOM_STEP),
  '-': (target) => target.zoomBy(1 / ZOOM_STEP),
  '0': (target) => target.fit(),
  n: (target) => target.step(1),
  N: (target) => target.step(-1),
  x: (target) => target.toggle(),
  i: (target) => target.list(),
  ' ': (target) => target.selectView(),
  Enter: (target) => target.open(),
  Escape: (target) => target.clear(),
  ArrowLeft: (target) => target.pan(STEP, 0),
  ArrowRight: (target) => target.pan(-STEP, 0),
  ArrowUp: (target) => target.pan(0, STEP),
  ArrowDown: (target) => target.pan(0, -STEP),
}

/** Listen for the keys of the map on its stage. */
export function listenForKeys(stage: HTMLElement, target: KeyTarget, signal: AbortSignal): void {
  stage.addEventListener(
    'keydown',
    (event) => {
      if (event.target !== stage || event.ctrlKey || event.metaKey || event.altKey) return
      const action = ACTIONS[event.key]
      if (action === undefined || action(target) === false) return
      // A key that meant something here means nothing to the page behind.
      event.preventDefault()
      event.stopPropagation()
    },
    { signal },
  )
}
