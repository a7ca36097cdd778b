/**
 * The binary frames that the server sends: points of a map, and columns that colour them.
 *
 *     0      magic, four ASCII letters
 *     4      length H of the header, uint32
 *     8      header: JSON in UTF-8, padded with spaces so that 8 + H is a multiple of 8
 *     8 + H  columns, each at its `offset`, aligned to four bytes
 *
 * All numbers are little endian, as every machine that runs a browser today is; columns are
 * therefore views of the received buffer, and nothing is copied.
 */

/** The bytes are not what the format says. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError'
}

export type Column = Float32Array | Uint32Array | Uint16Array | Uint8Array
export type Json = Readonly<Record<string, unknown>>

export interface Header {
  readonly json: Json
  /** Where the columns begin. */
  readonly end: number
}

const PREFIX = 8
const COLUMN_TYPES = {
  float32: Float32Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
} as const

/** Read the header and the columns of any frame; throw PayloadError where it breaks the format. */
export function parseFrame(
  buffer: ArrayBuffer,
  magic: string,
): { readonly json: Json; readonly columns: ReadonlyMap<string, Column> } {
  const header = parseHeader(buffer, magic)
  return { json: header.json, columns: parseColumns(buffer, header, number(header.json, 'count')) }
}

export function parseHeader(buffer: ArrayBuffer, magic: string): Header {
  if (buffer.byteLength < PREFIX) {
    throw new PayloadError('The answer is too short to be a map.')
  }
  const found = String.fromCharCode(...new Uint8Array(buffer, 0, 4))
  if (found !== magic) {
    throw new PayloadError(`Expected the letters ${magic} at the start.`)
  }
  const end = PREFIX + new DataView(buffer).getUint32(4, true)
  if (end > buffer.byteLength || end % 8 !== 0) {
    throw new PayloadError('The header does not end on a multiple of eight bytes.')
  }
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, PREFIX, end - PREFIX)))
  } catch {
    throw new PayloadError('The header is not JSON.')
  }
  if (!isJson(json)) throw new PayloadError('The header is not an object.')
  return { json, end }
}

export function parseColumns(
  buffer: ArrayBuffer,
  { json, end }: Header,
  count: number,
): ReadonlyMap<string, Column> {
  const columns = new Map<string, Column>()
  for (const entry of list(json, 'columns')) {
    if (!isJson(entry)) throw new PayloadError('A column is described by an object.')
    columns.set(text(entry, 'name'), columnView(buffer, end, count, entry))
  }
  return columns
}

function columnView(buffer: ArrayBuffer, start: number, count: number, entry: Json): Column {
  const type = text(entry, 'type')
  if (!(type in COLUMN_TYPES)) throw new PayloadError(`A column has the unknown type ${type}.`)
  const View = COLUMN_TYPES[type as keyof typeof COLUMN_TYPES]
  const at = start + number(entry, 'offset')
  if (at % 4 !== 0 || at < start || at + count * View.BYTES_PER_ELEMENT > buffer.byteLength) {
    throw new PayloadError(`Column ${text(entry, 'name')} lies outside the answer.`)
  }
  return new View(buffer, at, count)
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function text(json: Json, key: string): string {
  const value = json[key]
  if (typeof value !== 'string') throw new PayloadError(`${key} must be a string.`)
  return value
}

export function number(json: Json, key: string): number {
  const value = json[key]
  if (typeof value !== 'number') throw new PayloadError(`${key} must be a number.`)
  return value
}

export function numberOrNaN(json: Json, key: string): number {
  return json[key] === null ? Number.NaN : number(json, key)
}

export function list(json: Json, key: string): readonly unknown[] {
  const value = json[key]
  if (!Array.isArray(value)) throw new PayloadError(`${key} must be a list.`)
  return value
}
