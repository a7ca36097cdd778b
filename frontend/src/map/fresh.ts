/** Which points are new to the person. */

import type { MapPoints } from './payload'
import { sendJson } from './requests'

/** Rows of points from an ordinal on: 1 for each. */
export function freshRows(points: MapPoints, newFrom: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(points.ordinal, (ordinal) => (ordinal >= newFrom ? 1 : 0))
}

/** Tell the server that the person has seen all present points; returns from where on others are new. */
export async function markSeen(
  url: string,
  points: MapPoints,
  signal: AbortSignal,
): Promise<number> {
  const ordinal = (points.ordinal.at(-1) ?? -1) + 1
  await sendJson('PUT', url, { ordinal }, signal)
  return ordinal
}
