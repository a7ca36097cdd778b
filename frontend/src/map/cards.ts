/** Asks what several points are, in as few questions as the server takes. */

import type { PointCard } from './card'
import { fetchJson } from './requests'
import { type MapSettings, withQuery } from './settings'

/** What the server takes in one question. */
export const MOST_CARDS = 100

/** Cards of points by ordinal; those that are gone are left out. */
export async function fetchCards(
  settings: MapSettings,
  ordinals: readonly number[],
  signal: AbortSignal,
): Promise<PointCard[]> {
  const url = withQuery(settings.pointsUrl, { ordinals: ordinals.join(',') })
  const { points } = (await fetchJson(url, signal)) as { readonly points: PointCard[] }
  return points
}
