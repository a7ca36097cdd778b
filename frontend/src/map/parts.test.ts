import { afterEach, describe, expect, test, vi } from 'vitest'
import { PayloadError } from './frames'
import { assemble, PartLoader, parsePart } from './parts'
import { frame } from './testing'

const HEADER = { version: 1, count: 2 }

function part(places: readonly (readonly [number, number])[], steps: readonly number[]) {
  return frame('KPRT', { ...HEADER, count: places.length }, [
    { name: 'x', type: 'float32', data: Float32Array.from(places, ([x]) => x) },
    { name: 'y', type: 'float32', data: Float32Array.from(places, ([, y]) => y) },
    { name: 'step', type: 'uint32', data: Uint32Array.from(steps) },
  ])
}

const BASE = part(
  [
    [1, 2],
    [-3, 4],
    [5, -6],
  ],
  [0, 1, 3],
)
const LATER = part([[7, 8]], [9])
const WHOLE = { reduction: 'r', mark: 'm', count: 4 }

describe('assemble', () => {
  test('lays parts one after another, ordinals being running sums', () => {
    const points = assemble(WHOLE, [parsePart(BASE), parsePart(LATER)], null)

    expect([...points.ordinal]).toEqual([0, 1, 4, 9])
    expect([...points.x]).toEqual([1, -3, 5, 7])
    expect([...points.y]).toEqual([2, 4, -6, 8])
    expect(points.bounds).toEqual([-3, -6, 7, 8])
  })

  test('leaves out what is gone', () => {
    const gone = Uint8Array.of(0b0101)

    const points = assemble({ ...WHOLE, count: 2 }, [parsePart(BASE), parsePart(LATER)], gone)

    expect([...points.ordinal]).toEqual([1, 9])
    expect(points.bounds).toEqual([-3, 4, 7, 8])
  })

  test('refuses parts that do not make up the map', () => {
    for (const count of [3, 5]) {
      expect(() =>
        assemble({ ...WHOLE, count }, [parsePart(BASE), parsePart(LATER)], null),
      ).toThrow(PayloadError)
    }
  })
})

test('a part without ascending ordinals is refused', () => {
  const places = [
    [0, 0],
    [1, 1],
  ] as const
  expect(() => parsePart(part(places, [3, 0]))).toThrow('do not ascend')
  expect(() => parsePart(new Uint8Array(BASE).slice(0, 90).buffer)).toThrow(PayloadError)
})

describe('PartLoader', () => {
  afterEach(() => vi.unstubAllGlobals())

  const manifest = (parts: readonly string[], count: number, gone = '') =>
    JSON.stringify({
      reduction: 'r',
      mark: `m${count}`,
      count,
      laid_out: 3,
      seen: 4,
      parts: parts.map((url) => ({ url, count: 0 })),
      gone_url: gone,
    })

  test('asks for no part twice, and for none when nothing has changed', async () => {
    const answers: Record<string, BodyInit> = {
      '/parts/': manifest(['/a'], 3),
      '/a': BASE,
      '/b': LATER,
      '/gone': Uint8Array.of(0b0001),
    }
    let etag = '"1"'
    const asked: string[] = []
    vi.stubGlobal(
      'fetch',
      async (url: string, { headers }: { headers: Record<string, string> }) => {
        asked.push(url)
        if (headers['If-None-Match'] === etag) return new Response(null, { status: 304 })
        return new Response(answers[url], { headers: { ETag: etag } })
      },
    )
    const loader = new PartLoader('/parts/')
    const { signal } = new AbortController()

    const first = await loader.load(signal)
    expect([first?.points.count, first?.newFrom]).toEqual([3, 4])
    expect(await loader.load(signal)).toBeNull()

    etag = '"2"'
    answers['/parts/'] = manifest(['/a', '/b'], 3, '/gone')
    const second = await loader.load(signal)

    expect([...(second?.points.ordinal ?? [])]).toEqual([1, 4, 9])
    expect(asked).toEqual(['/parts/', '/a', '/parts/', '/parts/', '/gone', '/b'])
  })
})
