/** Where tiles lie: so many columns, rows of one height. */

/** Between columns and between rows, as the style sheet has it. */
export const GAP_ACROSS = 8
export const GAP_DOWN = 12
/** Rows kept above and below the view, so that a step of the wheel shows no gaps. */
const SPARE_ROWS = 3

export interface Layout {
  readonly columns: number
  /** From the top of a row to that of the next. */
  readonly rowHeight: number
  /** Of all tiles. */
  readonly height: number
}

/** A range of tiles: from `first` up to, not including, `end`. */
export interface Range {
  readonly first: number
  readonly end: number
}

/** How many columns of at least `least` pixels fit, as `repeat(auto-fill, minmax(…))` has it. */
export function columnsOf(width: number, least: number): number {
  return Math.max(1, Math.floor((width + GAP_ACROSS) / (least + GAP_ACROSS)))
}

/** The layout of `count` tiles of a measured height. */
export function layoutOf(count: number, columns: number, tileHeight: number): Layout {
  const rowHeight = tileHeight + GAP_DOWN
  return { columns, rowHeight, height: Math.ceil(count / columns) * rowHeight }
}

/** The tiles that show in a view, and some more around it; whole rows. */
export function rangeAt(layout: Layout, count: number, top: number, view: number): Range {
  const firstRow = Math.max(0, Math.floor(top / layout.rowHeight) - SPARE_ROWS)
  const endRow = Math.ceil((top + view) / layout.rowHeight) + SPARE_ROWS
  return {
    first: Math.min(firstRow * layout.columns, count),
    end: Math.min(endRow * layout.columns, count),
  }
}

/** The place of a tile's row in the whole. */
export function topOf(layout: Layout, place: number): number {
  return Math.floor(place / layout.columns) * layout.rowHeight
}
