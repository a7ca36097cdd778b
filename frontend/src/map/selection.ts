/** The region that is selected on the map: shapes added to and subtracted from each other. */

import { type Shape, shapeBounds, shapeValue } from './geometry'
import type { Bounds, MapPoints } from './payload'
import { inside } from './picking'

export type Mode = 'replace' | 'add' | 'subtract'

export interface Part {
  readonly mode: Mode
  readonly shape: Shape
}

/** A node of the filter grammar, as JSON. */
export type FilterTree =
  | { readonly field: 'map'; readonly op: 'within'; readonly value: object }
  | { readonly all: readonly FilterTree[] }
  | { readonly any: readonly FilterTree[] }
  | { readonly not: FilterTree }

/** Parts and the rows they select. Immutable; `with…` functions give the next one. */
export interface Selection {
  readonly parts: readonly Part[]
  /** One byte per row: 1 when the region holds it. */
  readonly flags: Uint8Array
}

/** Nothing selected. */
export function emptySelection(points: MapPoints): Selection {
  return { parts: [], flags: new Uint8Array(points.count) }
}

/** Apply one more shape. Subtracting from nothing leaves nothing. */
export function withShape(
  points: MapPoints,
  selection: Selection,
  shape: Shape,
  mode: Mode,
): Selection {
  const flags = inside(points, shape)
  if (mode === 'replace' || (mode === 'add' && selection.parts.length === 0)) {
    return { parts: [{ mode: 'replace', shape }], flags }
  }
  if (selection.parts.length === 0) return selection
  const before = selection.flags
  for (let row = 0; row < flags.length; row++) {
    const had = before[row] as number
    const hit = flags[row] as number
    flags[row] = mode === 'add' ? had | hit : had & ~hit
  }
  return { parts: [...selection.parts, { mode, shape }], flags }
}

/** The smallest rectangle around what was added, or null when nothing is selected. */
export function selectionBounds(selection: Selection): Bounds | null {
  const boxes = selection.parts
    .filter((part) => part.mode !== 'subtract')
    .map((part) => shapeBounds(part.shape))
  if (boxes.length === 0) return null
  return [
    Math.min(...boxes.map((box) => box[0])),
    Math.min(...boxes.map((box) => box[1])),
    Math.max(...boxes.map((box) => box[2])),
    Math.max(...boxes.map((box) => box[3])),
  ]
}

/** The region in the filter grammar, or null when nothing is selected. */
export function selectionFilter(selection: Selection, reduction: string): FilterTree | null {
  let tree: FilterTree | null = null
  for (const { mode, shape } of selection.parts) {
    const leaf: FilterTree = {
      field: 'map',
      op: 'within',
      value: { reduction, ...shapeValue(shape) },
    }
    if (tree === null || mode === 'replace') tree = leaf
    else if (mode === 'add') tree = { any: [tree, leaf] }
    else tree = { all: [tree, { not: leaf }] }
  }
  return tree
}
