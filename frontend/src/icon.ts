/** Icons of the sprite, for elements that scripts make. */

const SVG = 'http://www.w3.org/2000/svg'

/**
 * Make a decorative icon in the colour of the text.
 *
 * @param name a Lucide name, written as a literal so that the build finds it
 * @param extra further classes, as "icon-l"
 */
export function icon(name: string, extra = ''): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('class', `icon ${extra}`.trimEnd())
  svg.setAttribute('width', '16')
  svg.setAttribute('height', '16')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `${document.documentElement.dataset.icons ?? ''}#${name}`)
  svg.append(use)
  return svg
}
