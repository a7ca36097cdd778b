import { expect, test } from 'vitest'
import { nextStep, shownBy } from './steps'

const PAGE = 'http://here/explorer/1/'

function entries(...urls: (string | null)[]) {
  return urls.map((url) => ({ url }))
}

test('a step is an address that shows something else', () => {
  const all = entries(
    'http://here/files/',
    PAGE,
    `${PAGE}?view=map`,
    `${PAGE}?filter=a&size=72#map=1`,
    `${PAGE}?filter=a`,
    `${PAGE}?order=name&filter=a`,
  )

  expect(nextStep(all, 4, -1)?.url).toBe(`${PAGE}?view=map`)
  expect(nextStep(all, 4, 1)?.url).toBe(`${PAGE}?order=name&filter=a`)
})

test('at either end, and at another page, there is no step', () => {
  const all = entries('http://here/files/', PAGE, `${PAGE}?filter=a`, 'http://here/explorer/2/')

  expect(nextStep(all, 1, -1)).toBeNull()
  expect(nextStep(all, 2, 1)).toBeNull()
  expect(nextStep(entries(PAGE), 0, 1)).toBeNull()
  expect(nextStep(entries(null, PAGE), 1, -1)).toBeNull()
})

test('how one looks, and in which order the address says it, makes no other state', () => {
  expect(shownBy(`${PAGE}?order=name&filter=a&view=split&size=72#map=1`)).toBe(
    shownBy(`${PAGE}?filter=a&order=name`),
  )
})
