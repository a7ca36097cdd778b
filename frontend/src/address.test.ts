import { expect, test } from 'vitest'
import { partOf, withPart } from './address'

test('parts of a fragment are read and replaced one by one', () => {
  const hash = withPart(withPart('', 'units', '7,9'), 'map', 'f7f2fc8b,1,2,3,pan')

  expect(hash).toBe('#map=f7f2fc8b,1,2,3,pan&units=7,9')
  expect(partOf(hash, 'units')).toBe('7,9')
  expect(withPart(hash, 'map', '')).toBe('#units=7,9')
  expect(withPart('#units=7,9', 'units', '')).toBe('')
})

test('a fragment that leads to a place in the page has no parts', () => {
  expect(partOf('#page', 'map')).toBe('')
  expect(withPart('#page', 'units', '7')).toBe('#units=7')
})
