/**
 * What the page says about the map, in data attributes of the host element:
 *
 *     data-map                 beginning of the map's id, as links name it
 *     data-parts-url           list of the parts that the points come in; empty without a map
 *     data-picture-url         a picture of the points, where the browser cannot draw them
 *     data-seen-url            where to tell that the points are seen; empty where none is new
 *     data-colours-url         colours; `field` and `mark` are appended
 *     data-point-url           one point; the 0 of its last `/0/` is replaced by the ordinal
 *     data-embedding           name of the embedding key
 *     data-absent              why there is no map, as a title
 *     data-absent-why          and in words, with what to do
 *     data-upgrade-url         page with the dialog Folder upgrades
 *     data-points-url          cards of several points; `ordinals` are appended
 *     data-fields              JSON: [{"field": "metadata.label", "name": "label"}, …]; a collection
 *                              has the address of its `mask` as well, and its `colour`
 *     data-distances-url       distances of the points from what is searched for
 *     data-search              JSON: what that is, as the address takes it; empty without a search
 *     data-colour              field to colour by at first, if any
 *     data-units               number of units of the root folder that the person sees
 *     data-without-vector      how many of them lack a vector
 *     data-without-vector-url  where those are listed
 *     data-zero                how many have a zero vector, and so no place
 *     data-zero-url            where those are listed
 *     data-left-out            which others have no point, in words
 *     data-forming-url         points of a map that is being computed; empty when none is
 *     data-selections-url      where a region of it becomes a filter
 *     data-stop-url            where to ask for its end, keeping it; empty for who may not
 *     data-cancel-url          where to cancel it; empty for who may not
 *     data-status              method, version and time, in words
 *     data-compare-url         the map beside the version before it; empty where there is none
 */

export interface ColourField {
  readonly field: string
  readonly name: string
  /** Which points a set holds that the page colours by itself. */
  readonly mask?: string
  /** The set's own colour: a category of the palette, 1 for the first; 0 is none. */
  readonly colour?: string
}

/** Colours by the distance to what is searched for. */
export const DISTANCE: ColourField = { field: 'distance', name: 'Distance' }

export interface MapSettings {
  readonly partsUrl: string
  readonly pictureUrl: string
  readonly seenUrl: string
  readonly pointsUrl: string
  readonly distancesUrl: string
  /** What the distances are measured from, as JSON; empty without a search. */
  readonly search: string
  readonly coloursUrl: string
  readonly pointUrl: string
  readonly embedding: string
  readonly absent: string
  readonly absentWhy: string
  readonly upgradeUrl: string
  readonly fields: readonly ColourField[]
  readonly colour: string
  readonly units: number | null
  readonly withoutVector: number
  readonly withoutVectorUrl: string
  readonly zero: number
  readonly zeroUrl: string
  readonly leftOut: string
  readonly formingUrl: string
  readonly selectionsUrl: string
  readonly stopUrl: string
  readonly cancelUrl: string
  readonly status: string
  readonly compareUrl: string
}

/** Read the settings off the host, or off the data of another element. */
export function readSettings(dataset: DOMStringMap): MapSettings {
  const text = (name: string): string => dataset[name] ?? ''
  return {
    partsUrl: text('partsUrl'),
    pictureUrl: text('pictureUrl'),
    seenUrl: text('seenUrl'),
    pointsUrl: text('pointsUrl'),
    distancesUrl: text('distancesUrl'),
    search: text('search'),
    coloursUrl: text('coloursUrl'),
    pointUrl: text('pointUrl'),
    embedding: text('embedding'),
    absent: text('absent'),
    absentWhy: text('absentWhy'),
    upgradeUrl: text('upgradeUrl'),
    fields: JSON.parse(dataset.fields || '[]') as ColourField[],
    colour: text('colour'),
    units: dataset.units ? Number(dataset.units) : null,
    withoutVector: Number(dataset.withoutVector ?? 0),
    withoutVectorUrl: text('withoutVectorUrl'),
    zero: Number(dataset.zero ?? 0),
    zeroUrl: text('zeroUrl'),
    leftOut: text('leftOut'),
    formingUrl: text('formingUrl'),
    selectionsUrl: text('selectionsUrl'),
    stopUrl: text('stopUrl'),
    cancelUrl: text('cancelUrl'),
    status: text('status'),
    compareUrl: text('compareUrl'),
  }
}

/** What the points can be coloured by now. */
export function fieldsOf({ fields, search, distancesUrl }: MapSettings): readonly ColourField[] {
  return search && distancesUrl ? [DISTANCE, ...fields] : fields
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
