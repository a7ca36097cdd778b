/**
 * The region of a map as a part of a link, behind the beginning of the map's id:
 *
 *     f7f2fc8b;r,-1.5,0,3,4.25;+p,0,0,5,0,5,5;-r,1,1,2,2
 *
 * Shapes in their order: r from corner to corner, p the corners of a polygon; + adds, - subtracts.
 */

import { polygonOf, rectangleBetween, type Shape } from './geometry'
import type { Mode, Part } from './selection'

/** What mail programs leave of a link; a larger region is not said. */
const MOST_LETTERS = 1500
/** So many digits bring each float32 back. */
const DIGITS = 9

const SIGNS: Readonly<Record<Mode, string>> = { replace: '', add: '+', subtract: '-' }

/** The region as text; empty when there is none, or it is too much for a link. */
export function writeRegion(map: string, parts: readonly Part[]): string {
  if (parts.length === 0) return ''
  const text = [map, ...parts.map(({ mode, shape }) => SIGNS[mode] + written(shape))].join(';')
  return text.length > MOST_LETTERS ? '' : text
}

/** The parts of a region on this map; none where the text is of another map, or no region. */
export function readRegion(text: string, map: string): Part[] {
  const [of, ...shapes] = text.split(';')
  if (of !== map) return []
  const parts = shapes.map(readPart)
  return parts.every((part) => part !== null) ? parts : []
}

function written(shape: Shape): string {
  const numbers = shape.type === 'rectangle' ? shape.bounds : shape.corners.flat()
  return [shape.type === 'rectangle' ? 'r' : 'p', ...numbers.map(short)].join(',')
}

function readPart(text: string): Part | null {
  const mode = text.startsWith('+') ? 'add' : text.startsWith('-') ? 'subtract' : 'replace'
  const [type, ...said] = text.slice(SIGNS[mode].length).split(',')
  const numbers = said.map(Number)
  if (said.includes('') || !numbers.every(Number.isFinite)) return null
  const shape = readShape(type, numbers)
  return shape && { mode, shape }
}

function readShape(type: string | undefined, numbers: readonly number[]): Shape | null {
  if (type === 'r' && numbers.length === 4) {
    const [x0, y0, x1, y1] = numbers as [number, number, number, number]
    return rectangleBetween([x0, y0], [x1, y1])
  }
  if (type !== 'p' || numbers.length < 6 || numbers.length % 2 === 1) return null
  const corners: [number, number][] = []
  for (let at = 0; at < numbers.length; at += 2) {
    corners.push([numbers[at] as number, numbers[at + 1] as number])
  }
  return polygonOf(corners)
}

function short(value: number): string {
  return String(Number(value.toPrecision(DIGITS)))
}
