/** Masks over the rows of a map: bit i, least significant first, belongs to row i. */

/** Turn a packed bitmap into one byte (0 or 1) per row. */
export function unpackBits(bits: Uint8Array, count: number): Uint8Array {
  if (bits.length !== Math.ceil(count / 8)) {
    throw new RangeError(`A mask over ${count} points has ${Math.ceil(count / 8)} bytes.`)
  }
  const flags = new Uint8Array(count)
  for (let row = 0; row < count; row++) {
    flags[row] = ((bits[row >> 3] as number) >> (row & 7)) & 1
  }
  return flags
}

/** Count the rows that are set. */
export function countFlags(flags: Uint8Array): number {
  let count = 0
  for (let row = 0; row < flags.length; row++) count += flags[row] as number
  return count
}

/** List the rows that are set, in ascending order. */
export function rowsOf(flags: Uint8Array): Uint32Array {
  const rows = new Uint32Array(countFlags(flags))
  let at = 0
  for (let row = 0; row < flags.length; row++) {
    if (flags[row] === 1) rows[at++] = row
  }
  return rows
}

/** Rows set in both. */
export function and(left: Uint8Array, right: Uint8Array): Uint8Array {
  const flags = new Uint8Array(left.length)
  for (let row = 0; row < flags.length; row++) {
    flags[row] = (left[row] as number) & (right[row] as number)
  }
  return flags
}

/** Rows not set. */
export function not(flags: Uint8Array): Uint8Array {
  const inverted = new Uint8Array(flags.length)
  for (let row = 0; row < flags.length; row++) inverted[row] = 1 - (flags[row] as number)
  return inverted
}
