import { expect, test } from 'vitest'
import { answer, planWholes } from './groups'
import type { Upload } from './queue'
import { Refusal } from './server'

function upload(name: string, path = '', changes: Partial<Upload> = {}): Upload {
  const type = name.endsWith('.mp4') ? 'video/mp4' : 'image/png'
  const base = {
    key: name,
    sent: 0,
    error: '',
    retriable: true,
    item: name,
    state: 'done' as const,
  }
  return { file: new File([], name, { type }), path, ...base, ...changes }
}

test('makes one whole of one folder, in natural order, without videos and failures', () => {
  const wholes = planWholes(
    [
      upload('f10.png'),
      upload('f2.png'),
      upload('clip.mp4'),
      upload('broken.png', '', { state: 'failed', item: null }),
    ],
    'Night walk',
  )

  expect(wholes.map(({ name, images }) => [name, images.map(({ file }) => file.name)])).toEqual([
    ['Night walk', ['f2.png', 'f10.png']],
  ])
})

test('makes one whole of each directory, named after it', () => {
  const wholes = planWholes([upload('a.png', 'x/left'), upload('b.png', 'x/right')], '')

  expect(wholes.map(({ path, name }) => [path, name])).toEqual([
    ['x/left', 'left'],
    ['x/right', 'right'],
  ])
})

test('waits while images are being read', () => {
  const busy = new Refusal(400, 'Some cannot be grouped.', [{ code: 'processing', found: 'a' }])

  expect(answer(busy)).toMatchObject({ message: '', silent: false, unreadable: [] })
  expect(answer(new Refusal(503, 'Away.'))).toMatchObject({ message: '', silent: true })
})

test('leaves out images that cannot be read', () => {
  const broken = new Refusal(400, 'Some cannot be grouped.', [
    { code: 'failed', found: 'a', message: '“a.png” could not be read.' },
    { code: 'processing', found: 'b' },
  ])

  expect(answer(broken)).toMatchObject({
    message: '',
    unreadable: ['a'],
    words: ['“a.png” could not be read.'],
  })
})

test('gives up on anything else, saying why', () => {
  expect(answer(new Refusal(403, 'You may not.')).message).toBe('You may not.')
  const mixed = new Refusal(400, 'No.', [{ code: 'processing' }, { code: 'part' }])
  expect(answer(mixed).message).toBe('No.')
})
