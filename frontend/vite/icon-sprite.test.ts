import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sprite, usedNames } from './icon-sprite.ts'

test('usedNames finds icons of templates, includes, scripts and the list, each once', () => {
  const root = mkdtempSync(join(tmpdir(), 'icons-'))
  const templates = join(root, 'templates')
  mkdirSync(join(root, 'src/deep'), { recursive: true })
  mkdirSync(join(templates, 'app'), { recursive: true })
  writeFileSync(join(root, 'src/icons.json'), '["film"]')
  writeFileSync(join(root, 'src/deep/one.ts'), "icon('x'); anicon('no'); icon(name)")
  writeFileSync(
    join(templates, 'app/page.html'),
    '{% icon "folder" %}{% icon "folder" "icon-l" %}{% icon name %}{% include "e.html" with icon="inbox" %}',
  )

  expect(usedNames(root, templates)).toEqual(['film', 'folder', 'inbox', 'x'])
})

test('sprite keeps the drawing and drops the wrapper', () => {
  const svg = '<!-- c --><svg\n viewBox="0 0 8 8"\n fill="none">\n  <path d="M1 1" />\n</svg>'

  expect(sprite(['dot'], () => svg)).toBe(
    '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="dot" viewBox="0 0 8 8"><path d="M1 1" /></symbol></svg>',
  )
})

test('sprite refuses a name that nobody knows', () => {
  expect(() => sprite(['nothing'], () => null)).toThrow('No icon is called "nothing"')
})
