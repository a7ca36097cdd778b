import { expect, test } from 'vitest'
import { selectionPart } from './linked'

test('a selection goes into a link while it is small, or is everything', () => {
  const many = Array.from({ length: 201 }, (_, at) => String(at))

  expect(selectionPart({ matching: false, units: ['7', '9'] })).toBe('7,9')
  expect(selectionPart({ matching: true, units: many })).toBe('all')
  expect(selectionPart({ matching: false, units: many })).toBe('')
  expect(selectionPart({ matching: false, units: [] })).toBe('')
})
