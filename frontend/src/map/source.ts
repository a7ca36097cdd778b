/** Gets what a finished map is made of: points, masks over them, colours of them. */

import { countFlags, unpackBits } from './bits'
import { type Colouring, colouringOf, plainColouring } from './colouring'
import { type LoadedMap, PartLoader } from './parts'
import { type ColourColumn, type MapPoints, parseColours } from './payload'
import { fetchBytes, sendJson } from './requests'
import { type ColourField, DISTANCE, fieldsOf, type MapSettings, withQuery } from './settings'

export class MapSource {
  readonly #signal: AbortSignal
  readonly #loader: PartLoader
  readonly #known = new Map<string, Colouring>()
  #settings: MapSettings
  #mark = ''

  constructor(settings: MapSettings, signal: AbortSignal) {
    this.#settings = settings
    this.#signal = signal
    this.#loader = new PartLoader(settings.partsUrl)
  }

  /** The points; null when they are those that were loaded last. */
  load(signal: AbortSignal): Promise<LoadedMap | null> {
    return this.#loader.load(signal)
  }

  /** Load again, even if nothing seems to have changed. */
  forget(): void {
    this.#loader.forget()
  }

  /** The page is in another state: there are other fields, or another search. */
  follow(settings: MapSettings): void {
    this.#settings = settings
  }

  /** Whether the points can be coloured by a field. */
  offers(field: string): boolean {
    return field === '' || fieldsOf(this.#settings).some((one) => one.field === field)
  }

  /** One byte per row, from the bitmap at an address. */
  async mask(points: MapPoints, maskUrl: string, signal: AbortSignal): Promise<Uint8Array> {
    const url = withQuery(maskUrl, { mark: points.mark })
    return unpackBits(new Uint8Array(await fetchBytes(url, signal)), points.count)
  }

  /** What a field colours the points by; '' is nothing. */
  async colouring(points: MapPoints, field: string): Promise<Colouring> {
    if (!field) return plainColouring(points.count)
    if (this.#mark !== points.mark) this.#known.clear()
    this.#mark = points.mark
    // Another search has other distances, and vectors and collections change.
    const lasting = field.startsWith('metadata.')
    const known = lasting ? this.#known.get(field) : undefined
    if (known) return known
    const colouring = colouringOf(await this.#column(points, field))
    if (lasting && this.#mark === points.mark) this.#known.set(field, colouring)
    return colouring
  }

  async #column(points: MapPoints, field: string): Promise<ColourColumn> {
    const { coloursUrl, distancesUrl, search } = this.#settings
    const { mark, count } = points
    if (field === DISTANCE.field) {
      const url = withQuery(distancesUrl, { mark })
      return parseColours(await sendJson('POST', url, JSON.parse(search), this.#signal), count)
    }
    const set = fieldsOf(this.#settings).find((one) => one.field === field)
    if (set?.mask) return setColumn(await this.mask(points, set.mask, this.#signal), set)
    const url = withQuery(coloursUrl, { field, mark })
    return parseColours(await fetchBytes(url, this.#signal), count)
  }
}

/** What is in a set, and what is not. */
function setColumn(flags: Uint8Array, { name, colour }: ColourField): ColourColumn {
  const inside = countFlags(flags)
  return {
    type: 'category',
    labels: [`In ${name}`],
    counts: [inside],
    missing: flags.length - inside,
    missingCode: 0xff,
    codes: Uint8Array.from(flags, (flag) => (flag ? 0 : 0xff)),
    missingLabel: 'Not in it',
    firstColour: Math.max(Number(colour ?? 0) - 1, 0),
  }
}
