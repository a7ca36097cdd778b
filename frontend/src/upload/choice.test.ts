import { expect, test } from 'vitest'
import { byName, leftOut, paths, sortOut } from './choice'

function chosen(name: string, type = '', path = '') {
  return { file: new File([], name, { type }), path }
}

test('sorts media, sidecars and the rest apart', () => {
  const sorted = sortOut([
    chosen('owl.jpg', 'image/jpeg'),
    chosen('owl.jpg.metadata.json', 'application/json'),
    chosen('flight.mkv', ''),
    chosen('vectors.npy', 'application/octet-stream'),
    chosen('notes.txt', 'text/plain'),
    chosen('.DS_Store'),
    chosen('Thumbs.db'),
  ])

  const names = (of: { file: File }[]) => of.map(({ file }) => file.name)
  expect(names(sorted.media)).toEqual(['owl.jpg', 'flight.mkv'])
  expect(names(sorted.sidecars)).toEqual(['owl.jpg.metadata.json'])
  expect(names(sorted.left)).toEqual(['vectors.npy', 'notes.txt'])
})

test('says what was left out, and where data files go', () => {
  expect(leftOut([])).toBe('')
  expect(leftOut([chosen('notes.txt')])).toBe('Left out: notes.txt. It is neither image nor video.')
  expect(leftOut([chosen('a.csv'), chosen('b.txt'), chosen('c.txt')])).toBe(
    'Left out: a.csv and 2 more. They are neither image nor video. Data files go in by the Import button.',
  )
})

test('orders names as people do', () => {
  const files = ['frame_10.png', 'frame_9.png', 'Frame_1.png', 'frame_2.png'].map((name) =>
    chosen(name),
  )

  expect(byName(files).map(({ file }) => file.name)).toEqual([
    'Frame_1.png',
    'frame_2.png',
    'frame_9.png',
    'frame_10.png',
  ])
})

test('lists each directory once', () => {
  const files = [chosen('a'), chosen('b', '', '2026/May'), chosen('c', '', '2026/May')]

  expect(paths(files)).toEqual(['2026/May'])
})
