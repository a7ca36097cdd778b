/** The server's picture of where the points lie, for browsers that cannot draw them themselves. */

import type { Scheme } from './palette'
import type { Bounds } from './payload'
import { getResponse, RequestError } from './requests'
import { withQuery } from './settings'

/** A picture, and the part of the map that it shows. */
export interface Still {
  readonly image: ImageBitmap
  readonly bounds: Bounds
}

export class StillPictures {
  readonly #address: string
  readonly #arrived: () => void
  readonly #signal: AbortSignal
  readonly #known = new Map<Scheme, Still | null>()

  /**
   * @param url where the server has it; empty where it has none
   * @param mark of the rows that the page knows
   * @param arrived is called when a picture has come that was asked for
   */
  constructor(url: string, mark: string, arrived: () => void, signal: AbortSignal) {
    this.#address = url && withQuery(url, { mark })
    this.#arrived = arrived
    this.#signal = signal
  }

  /** The picture for a scheme; null until it is there. */
  of(scheme: Scheme): Still | null {
    const known = this.#known.get(scheme)
    if (known === undefined && this.#address) void this.#fetch(scheme)
    return known ?? null
  }

  async #fetch(scheme: Scheme): Promise<void> {
    this.#known.set(scheme, null)
    try {
      const url = withQuery(this.#address, { scheme })
      const response = await getResponse(url, 'image/png, application/json', this.#signal)
      const [minX, minY, maxX, maxY] = (response.headers.get('X-Kindred-Bounds') ?? '')
        .split(',')
        .map(Number)
      const image = await createImageBitmap(await response.blob())
      this.#known.set(scheme, { image, bounds: [minX ?? 0, minY ?? 0, maxX ?? 0, maxY ?? 0] })
      this.#arrived()
    } catch (error) {
      // Without the picture a sample of the points is drawn.
      if (!this.#signal.aborted && !(error instanceof RequestError)) throw error
    }
  }
}
