/** The colours that the page is shown in, and word of their change. */

import { parseCss, type Rgb, type Scheme } from './palette'

export interface Theme {
  readonly scheme: Scheme
  readonly surface: Rgb
  readonly accent: Rgb
}

/**
 * Read the theme off an element whose background is the surface and whose text is the accent.
 *
 * Custom properties hold `light-dark(…)` unresolved, so only used colours tell the truth.
 */
export function readTheme(probe: Element): Theme {
  const style = getComputedStyle(probe)
  const surface = parseCss(style.backgroundColor)
  return {
    scheme: luminance(surface) < 0.5 ? 'dark' : 'light',
    surface,
    accent: parseCss(style.color),
  }
}

/** Call back when the system's theme or the page's own choice changes. */
export function watchTheme(changed: () => void, signal: AbortSignal): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed, { signal })
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme', 'class'] })
  signal.addEventListener('abort', () => observer.disconnect())
}

function luminance([red, green, blue]: Rgb): number {
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
}
