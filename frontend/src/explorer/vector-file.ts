/** Reads one vector from a file: .npy as numpy writes it, or JSON with a list of numbers. */

/** The file holds no vector; the message is fit for the page. */
export class VectorFileError extends Error {
  override readonly name = 'VectorFileError'
}

/** As many numbers as a vector may have. */
const MOST = 4096
const MAGIC = '\x93NUMPY'

/** The vector in letters that addresses take: base64 of its float32 values, little endian. */
export async function readVectorFile(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const values = isNpy(bytes) ? parseNpy(bytes) : parseJson(bytes)
  if (values.length === 0 || values.length > MOST) {
    throw new VectorFileError(`A vector has 1 to ${MOST} numbers; this file has ${values.length}.`)
  }
  if (!values.every(Number.isFinite)) throw new VectorFileError('The vector is not finite.')
  return letters(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
}

function isNpy(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 6)) === MAGIC
}

/** Format of numpy.lib.format, versions 1 to 3. */
function parseNpy(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wide = (bytes[6] ?? 1) > 1
  const start = wide ? 12 : 10
  if (bytes.length < start) throw new VectorFileError('The .npy file is cut off.')
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true))
  const header = new TextDecoder().decode(bytes.subarray(start, end))
  const kind = /'descr':\s*'([<>|=])?(f[248])'/.exec(header)
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? ''
  const sizes = shape
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number)
  const count = sizes.reduce((product, size) => product * size, 1)
  if (kind === null || kind[1] === '>' || count !== Math.max(...sizes, 0)) {
    throw new VectorFileError('The .npy file does not hold one vector of float32 or float64.')
  }
  const width = Number(kind[2]?.slice(1))
  if (width === 2) throw new VectorFileError('Save the vector as float32 instead of float16.')
  if (end + count * width > bytes.length) throw new VectorFileError('The .npy file is cut off.')
  const read = width === 4 ? 'getFloat32' : 'getFloat64'
  return Float32Array.from({ length: count }, (_, at) => view[read](end + at * width, true))
}

function parseJson(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  let values: unknown
  try {
    values = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new VectorFileError('The file is neither .npy nor JSON.')
  }
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'number')) {
    throw new VectorFileError('The JSON is not a list of numbers.')
  }
  return Float32Array.from(values as number[])
}

function letters(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
