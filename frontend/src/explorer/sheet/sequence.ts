/** The units that the page shows, in order: their ids, and the place of each. */

export class Sequence {
  readonly #ids: Uint32Array | Float64Array
  #places: Map<number, number> | null = null

  constructor(ids: Uint32Array | Float64Array) {
    this.#ids = ids
  }

  get length(): number {
    return this.#ids.length
  }

  /** The unit at a place. */
  unit(place: number): number {
    return this.#ids[place] as number
  }

  /** The place of a unit, or -1. The first question makes an index. */
  place(unit: number): number {
    if (this.#places === null) {
      this.#places = new Map()
      for (let place = 0; place < this.#ids.length; place++) {
        this.#places.set(this.unit(place), place)
      }
    }
    return this.#places.get(unit) ?? -1
  }

  /** The units from one place to another, both included, whichever comes first. */
  between(one: number, other: number): number[] {
    const [first, last] = one < other ? [one, other] : [other, one]
    return Array.from(this.#ids.subarray(first, last + 1))
  }
}

/** Read the server's answer: four bytes a unit, or eight where ids are larger (see the server). */
export function parseSequence(bytes: ArrayBuffer, width: string | null): Sequence {
  return new Sequence(width === '8' ? new Float64Array(bytes) : new Uint32Array(bytes))
}
