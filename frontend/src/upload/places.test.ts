import { expect, test, vi } from 'vitest'
import { Places } from './places'

const answerAll = async (paths: string[]) =>
  Object.fromEntries(paths.map((path) => [path, `id of ${path}`]))

test('asks once for many paths, and never for the folder itself', async () => {
  const ask = vi.fn(answerAll)
  const places = new Places('here', ask)

  places.prepare(['a', 'a/b'])

  expect(await places.find('')).toBe('here')
  expect(await places.find('a/b')).toBe('id of a/b')
  expect(ask.mock.calls).toEqual([[['a', 'a/b']]])
})

test('asks once more after a failure', async () => {
  const ask = vi.fn(answerAll).mockRejectedValueOnce(new Error('The connection broke.'))
  const places = new Places('here', ask)

  places.prepare(['a'])
  await expect(places.find('a')).rejects.toThrow('The connection broke.')

  expect(await places.find('a')).toBe('id of a')
})
