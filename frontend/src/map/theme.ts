/** The colours that the page is shown in, and word of their change. */

import { CATEGORY_COLOURS, parseCss, type Rgb, type Theme } from './palette'

/**
 * Read the theme off an element that lies in the page.
 *
 * Custom properties hold `light-dark(…)` unresolved, so each is tried on as the text's colour.
 */
export function readTheme(probe: HTMLElement): Theme {
  const token = (name: string): Rgb => {
    probe.style.setProperty('color', `var(--${name})`)
    return parseCss(getComputedStyle(probe).color)
  }
  const categories = Array.from({ length: CATEGORY_COLOURS }, (_, i) => token(`category-${i + 1}`))
  const surface = token('surface')
  const theme: Theme = {
    scheme: luminance(surface) < 0.5 ? 'dark' : 'light',
    surface,
    accent: token('accent'),
    categories,
    sets: ['set-a', 'set-b', 'set-both'].map(token),
    neither: token('line-soft'),
    other: token('category-other'),
  }
  probe.style.removeProperty('color')
  return theme
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
