import { expect, test } from 'vitest'
import { relative } from './times'

const NOW = new Date('2026-11-22T12:00:00Z')

test.each([
  ['2026-11-22T11:59:55Z', 'now'],
  ['2026-11-22T11:57:10Z', '2 min ago'],
  ['2026-11-22T08:30:00Z', '3 hr ago'],
  ['2026-11-21T09:00:00Z', 'yesterday'],
  ['2026-11-01T09:00:00Z', null],
])('relative: %s is %s', (moment, text) => {
  expect(relative(new Date(moment), NOW)).toBe(text)
})
