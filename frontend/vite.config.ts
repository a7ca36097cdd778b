/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { iconSprite } from './vite/icon-sprite.ts'

const root = fileURLToPath(new URL('.', import.meta.url))

// Django serves the result under /static/vite/ and finds the hashed names through manifest.json.
export default defineConfig({
  root,
  base: '/static/vite/',
  publicDir: false,
  plugins: [
    iconSprite({ root, templates: fileURLToPath(new URL('../templates', import.meta.url)) }),
  ],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    assetsDir: '',
    // Every file has an address of its own: the strict CSP allows no data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    // The first versions that know light-dark(), popover and nesting: nothing is rewritten.
    cssTarget: ['chrome123', 'firefox125', 'safari17.5'],
    rolldownOptions: {
      input: [
        'src/app.ts',
        'src/explorer/index.ts',
        'src/beside/index.ts',
        'src/compare/index.ts',
        'src/console/console.ts',
      ],
    },
  },
  test: {
    include: ['src/**/*.test.ts', 'vite/**/*.test.ts'],
    environment: 'node',
  },
})
