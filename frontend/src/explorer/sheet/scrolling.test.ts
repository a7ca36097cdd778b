import { expect, test } from 'vitest'
import { Scrolling } from './scrolling'

test('what fits is scrolled one to one', () => {
  const scrolling = new Scrolling(5_000, 800)

  scrolling.follow(1_234)

  expect(scrolling.height).toBe(5_000)
  expect(scrolling.top).toBe(1_234)
  expect(scrolling.settled()).toBe(1_234)
})

test('what is lower than the view does not scroll', () => {
  const scrolling = new Scrolling(500, 800)

  scrolling.follow(40)

  expect(scrolling.top).toBe(0)
})

test('a drag of the bar goes to the same share of the whole', () => {
  const scrolling = new Scrolling(91_666_740, 800)

  scrolling.follow(0.9 * (scrolling.height - 800))

  expect(scrolling.top / (91_666_740 - 800)).toBeCloseTo(0.9, 10)
})

test('small steps move by as many pixels as they say, and reach every row', () => {
  const scrolling = new Scrolling(40_000_000, 800)
  let at = scrolling.go(39_000_000)
  const tops = [scrolling.top]

  while (scrolling.top < 40_000_000 - 800 && tops.length < 10_000) {
    at += 120
    scrolling.follow(at)
    tops.push(scrolling.top)
    at = scrolling.settled()
  }

  const steps = tops.slice(1).map((top, n) => top - (tops[n] as number))
  expect(Math.max(...steps)).toBeLessThanOrEqual(800)
  expect(scrolling.top).toBe(40_000_000 - 800)
})

test('the ends of the bar are the ends of the whole', () => {
  const scrolling = new Scrolling(40_000_000, 800)

  scrolling.follow(scrolling.height - 800)
  expect(scrolling.top).toBe(40_000_000 - 800)

  scrolling.follow(0)
  expect(scrolling.top).toBe(0)
})
