/** Regions on a forming map: the server keeps the units that they hold now. */

import { shapeValue } from './geometry'
import type { MapPoints } from './payload'
import { sendJson } from './requests'
import type { FilterTree, Selection } from './selection'

/**
 * Have the units of a region kept; resolves to the condition that finds them.
 *
 * Geometry goes up with the number of the snapshot that it was drawn on, and the server, which has
 * the same coordinates, comes to the same units.
 */
export async function keepSelection(
  url: string,
  { parts }: Selection,
  { snapshot }: MapPoints,
  signal: AbortSignal,
): Promise<FilterTree> {
  const drawn = parts.map(({ mode, shape }) => ({ mode, ...shapeValue(shape) }))
  const answer = await sendJson('POST', url, { parts: drawn, snapshot }, signal)
  const kept = JSON.parse(new TextDecoder().decode(answer)) as { readonly filter: FilterTree }
  return kept.filter
}
