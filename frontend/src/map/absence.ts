/** What stands in the place of a map that has nothing to show: why, and what to do. */

import { icon } from '../icon'
import { count, element } from './dom'
import type { MapSettings } from './settings'

/** There is no map. */
export function noMap({ embedding, absent, absentWhy, upgradeUrl }: MapSettings): HTMLElement {
  const title = absent || `No map yet for ${embedding}`
  const why = absentWhy || `Tick Embedding reduction for ${embedding} in Folder upgrades.`
  return panel(title, why, upgradeUrl)
}

/** There is a map, and no point on it. */
export function noPoints(settings: MapSettings): HTMLElement {
  return panel('No points on this map', whyNoPoints(settings), settings.upgradeUrl)
}

function whyNoPoints({ units, withoutVector, zero, embedding }: MapSettings): string {
  if (units === 0) return 'The folder has no units that you see any more.'
  const all = units === null ? 'units' : `${count(units)} units`
  if (units !== null && withoutVector === units) {
    return `None of the ${all} has a ${embedding} vector. Import vectors: they get their places by themselves.`
  }
  if (zero > 0) {
    return `The vectors of ${count(zero)} units are all zeros: they have no direction, and so no place. Import others for them.`
  }
  return `None of the ${all} that you see has a place on it. Vectors that came lately are still being placed; a version computed anew has them all.`
}

function panel(title: string, why: string, upgradeUrl: string): HTMLElement {
  const made = element(
    'div',
    { class: 'empty map-empty' },
    icon('chart-scatter', 'icon-l'),
    element('h2', {}, title),
    element('p', {}, why),
  )
  if (upgradeUrl) made.append(element('a', { class: 'button', href: upgradeUrl }, 'Upgrade Folder'))
  return made
}
