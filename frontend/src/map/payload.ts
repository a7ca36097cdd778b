/** The points of a map and the columns that colour them, as the page holds them. */

import {
  type Json,
  list,
  number,
  numberOrNaN,
  PayloadError,
  parseColumns,
  parseHeader,
  text,
} from './frames'

export type Bounds = readonly [minX: number, minY: number, maxX: number, maxY: number]

/** The points of one map, in ascending ordinal. A *row* is an index into these columns. */
export interface MapPoints {
  readonly reduction: string
  /** Changes when rows come or go; sent with requests for further columns. */
  readonly mark: string
  readonly count: number
  /** Of a forming map, these change with x and y: the number of the snapshot and its bounds. */
  snapshot?: number | undefined
  bounds: Bounds
  readonly x: Float32Array
  readonly y: Float32Array
  readonly ordinal: Uint32Array
}

/** One label per row; `codes` index `labels`, and `missingCode` says that a row has none. */
export interface CategoryColumn {
  readonly type: 'category'
  readonly labels: readonly string[]
  readonly counts: readonly number[]
  readonly missing: number
  readonly missingCode: number
  readonly codes: Uint8Array | Uint16Array
  /** What a row without a label is called, and whether labels have the colours of sets. */
  readonly missingLabel?: string
  readonly palette?: 'categories' | 'sets'
  /** The category whose colour the first label has, where it is not the first. */
  readonly firstColour?: number
}

/** One number per row; NaN says that a row has none, and is what min to max are without any. */
export interface NumberColumn {
  readonly type: 'number'
  readonly min: number
  readonly max: number
  readonly median: number
  readonly values: Float32Array
}

export type ColourColumn = CategoryColumn | NumberColumn

const VERSION = 1

/** Read the points of a map; throw PayloadError where the bytes break the format. */
export function parsePoints(buffer: ArrayBuffer): MapPoints {
  const header = parseHeader(buffer, 'KMAP')
  if (header.json.version !== VERSION) {
    throw new PayloadError('This page is older than the map. Reload it.')
  }
  const columns = parseColumns(buffer, header, number(header.json, 'count'))
  const x = columns.get('x')
  const y = columns.get('y')
  const ordinal = columns.get('ordinal')
  if (!(x instanceof Float32Array) || !(y instanceof Float32Array)) {
    throw new PayloadError('Columns x and y must be float32.')
  }
  if (!(ordinal instanceof Uint32Array)) {
    throw new PayloadError('Column ordinal must be uint32.')
  }
  requireAscending(ordinal)
  const { snapshot } = header.json
  return {
    ...(typeof snapshot === 'number' && { snapshot }),
    reduction: text(header.json, 'reduction'),
    mark: text(header.json, 'mark'),
    count: x.length,
    bounds: bounds(header.json),
    x,
    y,
    ordinal,
  }
}

/** Read a column of colours for a map of `count` points. */
export function parseColours(buffer: ArrayBuffer, count: number): ColourColumn {
  const parsed = parseHeader(buffer, 'KCOL')
  const columns = parseColumns(buffer, parsed, count)
  const header = parsed.json
  const column = header.type === 'number' ? columns.get('value') : columns.get('code')
  if (header.type === 'number' && column instanceof Float32Array) {
    return {
      type: 'number',
      min: numberOrNaN(header, 'min'),
      max: numberOrNaN(header, 'max'),
      median: numberOrNaN(header, 'median'),
      values: column,
    }
  }
  if (
    header.type === 'category' &&
    (column instanceof Uint8Array || column instanceof Uint16Array)
  ) {
    return {
      type: 'category',
      labels: list(header, 'labels').map(String),
      counts: list(header, 'counts').map(Number),
      missing: number(header, 'missing'),
      missingCode: column instanceof Uint8Array ? 0xff : 0xffff,
      codes: column,
    }
  }
  throw new PayloadError('A column of colours is a category of codes or a number of values.')
}

/** Find the row of an ordinal by bisection, or -1 when this map does not show it. */
export function rowOf(points: MapPoints, ordinal: number): number {
  const ordinals = points.ordinal
  let low = 0
  let high = ordinals.length - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const found = ordinals[middle] as number
    if (found === ordinal) return middle
    if (found < ordinal) low = middle + 1
    else high = middle - 1
  }
  return -1
}

function requireAscending(ordinals: Uint32Array): void {
  for (let row = 1; row < ordinals.length; row++) {
    if ((ordinals[row] as number) <= (ordinals[row - 1] as number)) {
      throw new PayloadError('Ordinals do not ascend.')
    }
  }
}

function bounds(header: Json): Bounds {
  const [minX, minY, maxX, maxY] = list(header, 'bounds').map(Number)
  if (minX === undefined || minY === undefined || maxX === undefined || maxY === undefined) {
    throw new PayloadError('Bounds are four numbers.')
  }
  return [minX, minY, maxX, maxY]
}
