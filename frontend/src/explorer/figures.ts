/** Numbers as the page writes them. */

const WHOLE = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })
const DIGITS = 3
const LARGE = 99.95

/** A count: 1,797. */
export function count(value: number): string {
  return WHOLE.format(value)
}

/** A count with its noun: 1 unit, 1,797 units. */
export function units(value: number): string {
  return `${count(value)} ${value === 1 ? 'unit' : 'units'}`
}

/** A measured number in three digits that count: 0.386, 12.3, 1,204. */
export function measure(value: number): string {
  if (Math.abs(value) >= LARGE) return WHOLE.format(value)
  return String(Number(value.toPrecision(DIGITS)))
}
