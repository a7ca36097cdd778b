/** What colours the points: nothing, the categories of a field, or a number on a ramp. */

import { CATEGORY_COLOURS, type Rgb, rampColour, SLOTS, type Theme } from './palette'
import type { CategoryColumn, ColourColumn, NumberColumn } from './payload'

/** One line of the legend. */
export interface Category {
  readonly label: string
  readonly slot: number
  readonly total: number
}

/** What the legend says of a number: the ends and the middle of the ramp. */
export interface Scale {
  readonly min: number
  readonly median: number
  readonly max: number
}

export interface Colouring {
  /** One slot per row. */
  readonly slots: Uint8Array<ArrayBuffer>
  /** Lines of the legend, most frequent first, rows without a value last. */
  readonly categories: readonly Category[]
  readonly scale: Scale | null
  /** No row has a value. */
  readonly blank: boolean
  /** The colour of each slot. */
  readonly colour: (theme: Theme, slot: number) => Rgb
}

/** Slots of categories: colours first, then the rest, then rows without a value. */
const OTHER_SLOT = CATEGORY_COLOURS
const MISSING_SLOT = CATEGORY_COLOURS + 1

/** Slots of a number: the ramp, then rows without a value. */
const LAST_RAMP_SLOT = SLOTS - 2
const NO_NUMBER_SLOT = SLOTS - 1

/** All points in the accent colour. */
export function plainColouring(count: number): Colouring {
  return {
    slots: new Uint8Array(count),
    categories: [],
    scale: null,
    blank: false,
    colour: (theme) => theme.accent,
  }
}

/** Colour by a column of the server. */
export function colouringOf(column: ColourColumn): Colouring {
  return column.type === 'category' ? byCategory(column) : byNumber(column)
}

/** The ramp as RGBA bytes; hidden slots are transparent. */
export function slotColours(
  colouring: Colouring,
  theme: Theme,
  hidden: ReadonlySet<number>,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SLOTS * 4)
  for (let slot = 0; slot < SLOTS; slot++) {
    bytes.set(colouring.colour(theme, slot), slot * 4)
    bytes[slot * 4 + 3] = hidden.has(slot) ? 0 : 255
  }
  return bytes
}

/** Count the rows of each slot among those that `flags` let through. */
export function countSlots(slots: Uint8Array, flags: Uint8Array): Uint32Array {
  const counts = new Uint32Array(SLOTS)
  for (let row = 0; row < slots.length; row++) {
    const slot = slots[row] as number
    counts[slot] = (counts[slot] as number) + (flags[row] as number)
  }
  return counts
}

/** Where a value lies on the ramp, from 0 to 1. */
export function positionOn(scale: Scale, value: number): number {
  return scale.max > scale.min ? (value - scale.min) / (scale.max - scale.min) : 0.5
}

function byCategory(column: CategoryColumn): Colouring {
  const crowded = column.labels.length > CATEGORY_COLOURS
  const named = crowded ? CATEGORY_COLOURS - 1 : column.labels.length
  const slots = new Uint8Array(column.codes.length)
  for (let row = 0; row < slots.length; row++) {
    const code = column.codes[row] as number
    if (code < named) slots[row] = code
    else slots[row] = code === column.missingCode ? MISSING_SLOT : OTHER_SLOT
  }
  const categories: Category[] = column.labels
    .slice(0, named)
    .map((label, slot) => ({ label, slot, total: column.counts[slot] ?? 0 }))
  if (crowded) {
    const rest = column.counts.slice(named)
    const total = rest.reduce((sum, count) => sum + count, 0)
    categories.push({ label: `Other (${rest.length})`, slot: OTHER_SLOT, total })
  }
  if (column.missing > 0) {
    const label = column.missingLabel ?? 'No value'
    categories.push({ label, slot: MISSING_SLOT, total: column.missing })
  }
  return {
    slots,
    categories,
    scale: null,
    blank: column.missing === slots.length,
    colour: (theme, slot) => {
      const [colours, rest] =
        column.palette === 'sets' ? [theme.sets, theme.neither] : [theme.categories, theme.other]
      const colour = slot + (column.firstColour ?? 0)
      return (slot < named ? colours[colour] : undefined) ?? rest
    },
  }
}

function byNumber(column: NumberColumn): Colouring {
  const { min, median, max } = column
  const scale = { min, median, max }
  const slots = new Uint8Array(column.values.length)
  let missing = 0
  for (let row = 0; row < slots.length; row++) {
    const value = column.values[row] as number
    if (Number.isNaN(value)) {
      slots[row] = NO_NUMBER_SLOT
      missing++
    } else {
      slots[row] = Math.round(positionOn(scale, value) * LAST_RAMP_SLOT)
    }
  }
  const none = { label: 'No value', slot: NO_NUMBER_SLOT, total: missing }
  return {
    slots,
    categories: missing > 0 ? [none] : [],
    scale: missing < slots.length ? scale : null,
    blank: missing === slots.length,
    colour: (theme, slot) =>
      slot === NO_NUMBER_SLOT ? theme.other : rampColour(theme.scheme, slot / LAST_RAMP_SLOT),
  }
}
