/** Which points came since this browser last looked at them. */

import type { MapPoints } from './payload'

/** Rows of placed points that have not been seen: 1 for each. */
export function freshRows(points: MapPoints, laidOut: number): Uint8Array<ArrayBuffer> {
  const seen = Math.max(laidOut, seenUpTo(points.reduction))
  return Uint8Array.from(points.ordinal, (ordinal) => (ordinal >= seen ? 1 : 0))
}

/** Remember that all present points were seen. */
export function markSeen(points: MapPoints): void {
  const last = points.ordinal[points.count - 1]
  if (last === undefined) return
  try {
    localStorage.setItem(name(points.reduction), String(last + 1))
  } catch {
    // Without storage they are new at the next visit as well.
  }
}

function seenUpTo(reduction: string): number {
  try {
    return Number(localStorage.getItem(name(reduction)) ?? 0)
  } catch {
    return 0
  }
}

function name(reduction: string): string {
  return `map-seen:${reduction}`
}
