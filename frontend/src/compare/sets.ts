/** Which of two sets each point of a map is in, as a column of colours. */
import type { CategoryColumn } from '../map/payload'

const LABELS = ['Only A', 'Only B', 'In both'] as const
const NEITHER = 0xff

/** The column of two masks, each with a byte (0 or 1) for every row. */
export function setColumn(a: Uint8Array, b: Uint8Array): CategoryColumn {
  const codes = new Uint8Array(a.length)
  const counts = [0, 0, 0]
  for (let row = 0; row < codes.length; row++) {
    // 1, 2 and 3 are the labels in their order; 0 is in neither.
    const sets = (a[row] as number) + 2 * (b[row] as number)
    codes[row] = sets === 0 ? NEITHER : sets - 1
    if (sets > 0) counts[sets - 1] = (counts[sets - 1] as number) + 1
  }
  return {
    type: 'category',
    labels: LABELS,
    counts,
    missing: codes.length - counts.reduce((sum, count) => sum + count, 0),
    missingCode: NEITHER,
    codes,
    missingLabel: 'In neither',
    palette: 'sets',
  }
}
