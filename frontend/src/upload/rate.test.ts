import { expect, test } from 'vitest'
import { Rate, timeLeft } from './rate'

test('measures over the last seconds only', () => {
  const rate = new Rate()
  for (let second = 0; second <= 20; second += 1) rate.mark(second * 100, second * 1000)
  for (let second = 21; second <= 40; second += 1)
    rate.mark(2000 + (second - 20) * 50, second * 1000)

  expect(rate.perSecond).toBeCloseTo(50)
})

test('says nothing at the very beginning, and forgets when files were cancelled', () => {
  const rate = new Rate()
  rate.mark(0, 0)
  rate.mark(500, 1000)
  expect(rate.perSecond).toBe(0)

  rate.mark(1000, 2000)
  expect(rate.perSecond).toBe(500)
  rate.mark(10, 2500)
  expect(rate.perSecond).toBe(0)
})

test.each([
  [100, 0, ''],
  [100, 50, 'a few seconds left'],
  [1000, 50, 'about 20 s left'],
  [60_000, 50, 'about 20 min left'],
  [1_000_000, 50, 'about 5.6 h left'],
])('%i bytes at %i a second: %s', (bytes, speed, words) => {
  expect(timeLeft(bytes, speed)).toBe(words)
})
