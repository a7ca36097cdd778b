/**
 * Makes one SVG sprite of the icons that templates and scripts use.
 *
 * A template writes {% icon "name" %} or {% include … with icon="name" %}, a script icon('name');
 * the names are Lucide's. Names that a template computes are listed in src/icons.json. An unknown
 * name fails the build.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vite'

interface Options {
  root: string
  templates: string
}

/** Keys under which Django finds the files in the manifest. */
const SPRITE = 'src/icons.svg'
const FAVICON = 'src/images/favicon.svg'
const IN_TEMPLATE = /(?:\{%\s*icon\s+|\bicon=)["']([a-z0-9-]+)["']/g
const IN_SCRIPT = /\bicon\(\s*["']([a-z0-9-]+)["']/g

export function iconSprite({ root, templates }: Options): Plugin {
  const lucide = join(
    dirname(createRequire(import.meta.url).resolve('lucide-static/package.json')),
    'icons',
  )
  return {
    name: 'kindred-icon-sprite',
    apply: 'build',
    buildStart() {
      const names = usedNames(root, templates)
      this.emitFile({
        type: 'asset',
        name: 'icons.svg',
        originalFileName: SPRITE,
        source: sprite(names, (name) => {
          const own = join(root, 'src/icons', `${name}.svg`)
          return readIcon(own) ?? readIcon(join(lucide, `${name}.svg`))
        }),
      })
      // Only a template names it, so that no import would bring it in.
      this.emitFile({
        type: 'asset',
        name: 'favicon.svg',
        originalFileName: FAVICON,
        source: readFileSync(join(root, FAVICON), 'utf8'),
      })
    },
  }
}

/** All icon names in use, in order. */
export function usedNames(root: string, templates: string): string[] {
  const listed = JSON.parse(readFileSync(join(root, 'src/icons.json'), 'utf8')) as string[]
  const names = new Set<string>(listed)
  for (const text of texts(templates, /\.html$/)) collect(text, IN_TEMPLATE, names)
  for (const text of texts(join(root, 'src'), /\.ts$/)) collect(text, IN_SCRIPT, names)
  return [...names].sort()
}

/** One SVG document with a symbol per icon; symbols draw with the colour of the text. */
export function sprite(names: string[], read: (name: string) => string | null): string {
  const symbols = names.map((name) => {
    const svg = read(name)
    if (svg === null) throw new Error(`No icon is called "${name}". See https://lucide.dev/icons.`)
    const viewBox = /viewBox="([^"]+)"/.exec(svg)?.[1] ?? '0 0 24 24'
    const body = svg
      .slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'))
      .replace(/\s*\n\s*/g, '')
    return `<symbol id="${name}" viewBox="${viewBox}">${body}</symbol>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`
}

function readIcon(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function* texts(folder: string, pattern: RegExp): Generator<string> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && pattern.test(entry.name)) {
      yield readFileSync(join(entry.parentPath, entry.name), 'utf8')
    }
  }
}

function collect(text: string, pattern: RegExp, names: Set<string>): void {
  for (const match of text.matchAll(pattern)) if (match[1]) names.add(match[1])
}
