/** Small helpers for building elements, without inline styles or markup in strings. */

type Attributes = Readonly<Record<string, string>>

const SVG = 'http://www.w3.org/2000/svg'
const NUMBERS = new Intl.NumberFormat('en')

/** Make an HTML element. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** Make an SVG element. */
export function svgElement<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Node[]
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** A count with thousands commas. */
export function count(value: number): string {
  return NUMBERS.format(value)
}

/** A measured number in as few digits as tell it apart. */
export function measure(value: number): string {
  const words = Number.parseFloat(value.toPrecision(4)).toLocaleString('en')
  return words === '-0' ? '0' : words
}

/** "1 unit", "1,204 units". */
export function units(value: number): string {
  return `${count(value)} ${value === 1 ? 'unit' : 'units'}`
}
