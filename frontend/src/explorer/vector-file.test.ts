import { expect, test } from 'vitest'
import { readVectorFile, VectorFileError } from './vector-file'

function npy(descr: string, shape: string, data: ArrayBufferView<ArrayBuffer>): Blob {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117)
  const head = new Uint8Array(10)
  head.set([0x93, ...[...'NUMPY'].map((letter) => letter.charCodeAt(0)), 1, 0])
  new DataView(head.buffer).setUint16(8, header.length + 1, true)
  return new Blob([head, `${header}\n`, data])
}

function values(text: string): Float32Array {
  const data = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return new Float32Array(Uint8Array.from(data, (letter) => letter.charCodeAt(0)).buffer)
}

test('float32 comes back bit for bit', async () => {
  const vector = Float32Array.of(0.1, -1.5, 3e38)

  const text = await readVectorFile(npy('<f4', '(3,)', vector))

  expect([...values(text)]).toEqual([...vector])
})

test('float64 and one row are taken', async () => {
  const text = await readVectorFile(npy('<f8', '(1, 2)', Float64Array.of(0.5, 0.25)))

  expect([...values(text)]).toEqual([0.5, 0.25])
})

test('JSON is a list of numbers', async () => {
  expect([...values(await readVectorFile(new Blob(['[1, 2.5]'])))]).toEqual([1, 2.5])
})

test.each([
  ['words', new Blob(['words'])],
  ['an object', new Blob(['{"a": 1}'])],
  ['nothing', new Blob(['[]'])],
  ['texts', new Blob(['["1"]'])],
  ['too many', new Blob([JSON.stringify(Array(4097).fill(0))])],
  ['a matrix', npy('<f4', '(2, 2)', Float32Array.of(1, 2, 3, 4))],
  ['integers', npy('<i4', '(2,)', Int32Array.of(1, 2))],
  ['what is cut off', npy('<f4', '(9,)', Float32Array.of(1, 2))],
  ['what is not finite', npy('<f4', '(1,)', Float32Array.of(Number.NaN))],
])('%s is refused', async (_, file) => {
  await expect(readVectorFile(file)).rejects.toThrow(VectorFileError)
})
