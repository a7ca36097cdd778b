/** The tools of the map as buttons. */

import { icon } from '../icon'
import { element } from './dom'
import type { Tool } from './gestures'
import { type KeyTarget, ZOOM_STEP } from './keyboard'

/** Narrow maps are zoomed by fingers and go without these buttons. */
const ZOOM = 'icon-button map-zoom'

type ToolbarTarget = Pick<KeyTarget, 'setTool' | 'zoomBy' | 'fit'>

export class Toolbar {
  readonly root: HTMLElement
  readonly #tools: ReadonlyMap<Tool, HTMLButtonElement>

  constructor(target: ToolbarTarget) {
    const tool = (name: Tool, picture: SVGElement, label: string, key: string) => {
      const made = button(picture, label, key, () => target.setTool(name))
      return [name, made] as const
    }
    this.#tools = new Map([
      tool('pan', icon('hand'), 'Pan', 'H'),
      tool('rectangle', icon('square-dashed'), 'Select a rectangle', 'R'),
      tool('lasso', icon('lasso'), 'Select with a lasso', 'L'),
    ])
    this.root = element(
      'div',
      { class: 'map-tools', role: 'toolbar', 'aria-label': 'Map tools' },
      ...this.#tools.values(),
      element('span', { class: 'map-tools-line', 'aria-hidden': 'true' }),
      button(icon('plus'), 'Zoom in', '+', () => target.zoomBy(ZOOM_STEP), ZOOM),
      button(icon('minus'), 'Zoom out', '−', () => target.zoomBy(1 / ZOOM_STEP), ZOOM),
      button(icon('maximize'), 'Show all', '0', () => target.fit()),
    )
  }

  /** Show which tool is in hand. */
  show(tool: Tool): void {
    for (const [name, made] of this.#tools) made.setAttribute('aria-pressed', String(name === tool))
  }
}

function button(
  picture: SVGElement,
  label: string,
  key: string,
  pressed: () => void,
  name = 'icon-button',
): HTMLButtonElement {
  const made = element('button', {
    type: 'button',
    class: name,
    'aria-label': label,
    title: `${label} (${key})`,
  })
  made.append(picture)
  made.addEventListener('click', pressed)
  return made
}
