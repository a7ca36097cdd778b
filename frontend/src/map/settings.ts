/**
 * What the page says about the map, in data attributes of the host element:
 *
 *     data-payload-url         points; empty when there is no map yet
 *     data-colours-url         colours; `field` and `mark` are appended
 *     data-point-url           one point; the 0 of its last `/0/` is replaced by the ordinal
 *     data-embedding           name of the embedding key
 *     data-upgrade-url         page with the dialog Folder upgrades
 *     data-fields              JSON: [{"field": "metadata.label", "name": "label"}, …]
 *     data-colour              field to colour by at first, if any
 *     data-units               number of units of the root folder that the person sees
 *     data-without-vector      how many of them lack a vector
 *     data-without-vector-url  where those are listed
 *     data-zero                how many have a zero vector, and so no place
 *     data-zero-url            where those are listed
 *     data-left-out            which others have no point, in words
 *     data-laid-out            points from this ordinal on were placed later
 *     data-forming-url         points of a map that is being computed; empty when none is
 *     data-stop-url            where to ask for its end, keeping it; empty for who may not
 *     data-cancel-url          where to cancel it; empty for who may not
 *     data-status              method, version and time, in words
 *     data-compare-url         the map beside the version before it; empty where there is none
 */

export interface ColourField {
  readonly field: string
  readonly name: string
}

export interface MapSettings {
  readonly payloadUrl: string
  readonly coloursUrl: string
  readonly pointUrl: string
  readonly embedding: string
  readonly upgradeUrl: string
  readonly fields: readonly ColourField[]
  readonly colour: string
  readonly units: number | null
  readonly withoutVector: number
  readonly withoutVectorUrl: string
  readonly zero: number
  readonly zeroUrl: string
  readonly leftOut: string
  readonly laidOut: number
  readonly formingUrl: string
  readonly stopUrl: string
  readonly cancelUrl: string
  readonly status: string
  readonly compareUrl: string
}

/** Read the settings off the host. */
export function readSettings({ dataset }: HTMLElement): MapSettings {
  const text = (name: string): string => dataset[name] ?? ''
  return {
    payloadUrl: text('payloadUrl'),
    coloursUrl: text('coloursUrl'),
    pointUrl: text('pointUrl'),
    embedding: text('embedding'),
    upgradeUrl: text('upgradeUrl'),
    fields: JSON.parse(dataset.fields || '[]') as ColourField[],
    colour: dataset.colour ?? '',
    units: dataset.units ? Number(dataset.units) : null,
    withoutVector: Number(dataset.withoutVector ?? 0),
    withoutVectorUrl: dataset.withoutVectorUrl ?? '',
    zero: Number(dataset.zero ?? 0),
    zeroUrl: dataset.zeroUrl ?? '',
    leftOut: dataset.leftOut ?? '',
    laidOut: dataset.laidOut ? Number(dataset.laidOut) : Number.POSITIVE_INFINITY,
    formingUrl: dataset.formingUrl ?? '',
    stopUrl: dataset.stopUrl ?? '',
    cancelUrl: dataset.cancelUrl ?? '',
    status: dataset.status ?? '',
    compareUrl: dataset.compareUrl ?? '',
  }
}

/** The address of one point. */
export function pointUrl(settings: MapSettings, ordinal: number): string {
  return settings.pointUrl.replace(/\/0\/(?=$|\?)/, `/${ordinal}/`)
}

/** An address with further query parameters. */
export function withQuery(address: string, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(address, location.href)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}
