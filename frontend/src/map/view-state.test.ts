import { expect, test } from 'vitest'
import { type Look, readLook, shortId, writeLook } from './view-state'

const LOOK: Look = {
  map: shortId('f7f2fc8b-efe4-5642-b231-9c8d28748b02'),
  place: { x: -1.5, y: 20, scale: 88.25 },
  tool: 'lasso',
  field: 'metadata.a,b',
}

test('a link says where one looks, by which tool and colours', () => {
  const part = writeLook(LOOK, 'metadata.first')

  expect(part).toBe('f7f2fc8b,-1.5,20,88.25,lasso,metadata.a%2Cb')
  expect(readLook(`#map=${part}&units=7`)).toEqual(LOOK)
})

test('what is as at first is not said', () => {
  const plain: Look = { ...LOOK, place: null, tool: 'pan', field: 'metadata.first' }

  expect(writeLook(plain, 'metadata.first')).toBe('')
  expect(writeLook({ ...plain, field: null }, 'metadata.first')).toBe('')
  expect(writeLook({ ...plain, field: '' }, 'metadata.first')).toBe('f7f2fc8b,,,,pan,')
  expect(readLook('#map=f7f2fc8b,,,,pan,')).toEqual({ ...plain, field: '' })
})

test('what is no link to a map is none, and wrong numbers place nothing', () => {
  expect(readLook('')).toBeNull()
  expect(readLook('#main')).toBeNull()
  for (const wrong of ['a,1,2', '1,2,0', '1,2,-3', '1,Infinity,2']) {
    expect(readLook(`#map=f7f2fc8b,${wrong},pan`)?.place).toBeNull()
  }
  expect(readLook('#map=f7f2fc8b,1,2,3,axe')).toMatchObject({ tool: 'pan', field: null })
})
