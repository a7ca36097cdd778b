/**
 * Colours of points. Every row has a *slot*, a byte that indexes a ramp of 256 colours; changing
 * the theme, hiding a category or isolating one changes the ramp and never the rows.
 */

export type Rgb = readonly [red: number, green: number, blue: number]

export const SLOTS = 256

/** Categories that get a colour of their own; with more, the last colour goes to the rest. */
export const CATEGORY_COLOURS = 12

/** Viridis at even steps (Smith and van der Walt, 2015; public domain). */
const VIRIDIS = [
  '#440154',
  '#482878',
  '#3E4A89',
  '#31688E',
  '#26828E',
  '#1F9E89',
  '#35B779',
  '#6DCD59',
  '#B4DE2C',
  '#FDE725',
]

/** The yellow end of viridis is too pale for a white background. */
const VIRIDIS_END = { light: 0.9, dark: 1 } as const

export type Scheme = 'light' | 'dark'

/** The colours that the page is shown in. */
export interface Theme {
  readonly scheme: Scheme
  readonly surface: Rgb
  readonly accent: Rgb
  /** One per category; any first few of them are told apart best. */
  readonly categories: readonly Rgb[]
  /** Two sets: in the first alone, in the second alone, in both; and what is in neither. */
  readonly sets: readonly Rgb[]
  readonly neither: Rgb
  /** What has no category of its own, or no value. */
  readonly other: Rgb
}

/** The colour at `t`, from 0 to 1, of the continuous ramp. */
export function rampColour(scheme: Scheme, t: number): Rgb {
  const at = Math.min(Math.max(t, 0), 1) * VIRIDIS_END[scheme] * (VIRIDIS.length - 1)
  const index = Math.min(Math.floor(at), VIRIDIS.length - 2)
  const from = parseHex(VIRIDIS[index] ?? '')
  const to = parseHex(VIRIDIS[index + 1] ?? '')
  return [
    mix(from[0], to[0], at - index),
    mix(from[1], to[1], at - index),
    mix(from[2], to[2], at - index),
  ]
}

/** A colour as CSS writes it. */
export function toCss([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`
}

/** Read `rgb(…)` or `rgba(…)` as getComputedStyle gives it; black where it is something else. */
export function parseCss(text: string): Rgb {
  const [red, green, blue] = (text.match(/[\d.]+/g) ?? []).map(Number)
  return [red ?? 0, green ?? 0, blue ?? 0]
}

function parseHex(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16)
  return [(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff]
}

function mix(from: number, to: number, t: number): number {
  return Math.round(from + (to - from) * t)
}
