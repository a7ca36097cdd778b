/** What the map tells the page. */

import type { PointCard } from './card'
import type { Shape } from './geometry'
import type { FilterTree, Selection } from './selection'

/** The person asked to filter by the region, or to exclude it. */
export interface RegionDetail {
  readonly action: 'filter' | 'exclude'
  /** The node to add to the filter; already negated for exclude. */
  readonly filter: FilterTree
  /** The shape, where the region was drawn in one go. */
  readonly shape: Shape | null
  /** Points of the region that the filter of the moment lets through. */
  readonly ordinals: Uint32Array
}

/** The region changed; null is no region. */
export interface SelectionDetail {
  readonly filter: FilterTree | null
  readonly ordinals: Uint32Array
}

export interface MapEvents {
  readonly region: RegionDetail
  readonly selection: SelectionDetail
  /** The point under the pointer, by ordinal. */
  readonly hover: { readonly ordinal: number | null }
  /** The person opened a point. */
  readonly open: PointCard
  /** The map that formed is over: ask anew what there is. */
  readonly formed: Record<string, never>
  /** The person chose the field to colour by; '' is none. */
  readonly colour: { readonly field: string }
}

export type Emit = <Name extends keyof MapEvents>(name: Name, detail: MapEvents[Name]) => void

/** What `region` says when a region is committed; `tree` finds its units. */
export function regionDetail(
  action: 'filter' | 'exclude',
  tree: FilterTree,
  selection: Selection,
  ordinals: Uint32Array,
): RegionDetail {
  const filter = action === 'filter' ? tree : { not: tree }
  const shape = selection.parts.length === 1 ? (selection.parts[0]?.shape ?? null) : null
  return { action, filter, shape, ordinals }
}
