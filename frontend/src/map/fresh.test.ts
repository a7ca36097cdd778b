import { expect, test, vi } from 'vitest'
import { freshRows, markSeen } from './fresh'
import { pointsAt } from './testing'

/** Ordinals 0, 10, 20, 30. */
const points = pointsAt([
  [0, 0],
  [1, 1],
  [2, 2],
  [3, 3],
])

test('points from an ordinal on are new', () => {
  expect([...freshRows(points, 20)]).toEqual([0, 0, 1, 1])
  expect([...freshRows(points, 31)]).toEqual([0, 0, 0, 0])
})

test('the server is told up to which ordinal the person has seen', async () => {
  const sent = vi.fn(async () => new Response('{"ordinal": 31}'))
  vi.stubGlobal('fetch', sent)
  vi.stubGlobal('document', { body: { getAttribute: () => '{"X-CSRFToken": "t"}' } })

  expect(await markSeen('/seen/', points, new AbortController().signal)).toBe(31)

  const [url, request] = sent.mock.calls[0] as unknown as [string, RequestInit]
  expect([url, request.method, request.body]).toEqual(['/seen/', 'PUT', '{"ordinal":31}'])
  expect(request.headers).toMatchObject({ 'X-CSRFToken': 't' })
})
