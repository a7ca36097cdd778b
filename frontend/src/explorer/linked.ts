/**
 * What a link restores beside the state that the server knows: the selection, and the version of the
 * map that its camera was over.
 */
import { partOf, writePart } from '../address'
import { readLook } from '../map/view-state'
import { toast } from '../shell/toasts'
import { units as unitsInWords } from './figures'
import { explorer, required, stateQuery } from './page'
import type { Selection } from './selection'

/** All units of the state, whichever these are. */
const ALL = 'all'
/** Of a map's id, in links. */
const LETTERS = 8
/** More ids would make a link that mail programs cut. */
const MOST = 200

/** Select what the link says, then keep the link in step. */
export async function startLinkedSelection(selection: Selection): Promise<void> {
  const linked = partOf(location.hash, 'units')
  if (linked === ALL) selection.selectMatching()
  else if (/^\d+(,\d+)*$/.test(linked)) {
    const wanted = [...new Set(linked.split(','))].slice(0, MOST)
    selection.add(await visible(wanted))
  }
  const note = (): void => {
    const part = selectionPart(selection)
    writePart('units', part)
    required('selection-unlinked').hidden = part !== '' || selection.units.length === 0
  }
  document.addEventListener('explorer:selection', note)
  note()
}

/** A selection as a part of the fragment; empty where there is none, or too much for a link. */
export function selectionPart({ matching, units }: Pick<Selection, 'matching' | 'units'>): string {
  if (matching) return ALL
  return units.length > MOST ? '' : units.join(',')
}

/**
 * Coordinates mean something on their own map only: where a link is of another version than the one
 * shown, ask for that. Say whether the page is left for it.
 */
export function followLinkedMap(): boolean {
  const region = partOf(location.hash, 'region').slice(0, LETTERS)
  const linked = readLook(location.hash)?.map ?? region
  const shown = required('explorer-map-state').dataset.map ?? ''
  const query = stateQuery()
  if (!linked || !shown || linked === shown || query.has('map')) return false
  query.set('map', linked)
  location.replace(`${explorer().dataset.address ?? ''}?${query}${location.hash}`)
  return true
}

/** Those of some units that are there for this person. */
async function visible(wanted: readonly string[]): Promise<string[]> {
  const address = `${explorer().dataset.address ?? ''}tiles/?units=${wanted.join(',')}`
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' } }).catch(() => null)
  if (!answer?.ok) return []
  const template = document.createElement('template')
  template.innerHTML = await answer.text()
  const tiles = template.content.querySelectorAll<HTMLElement>('.tile[data-item]')
  const found = [...tiles].map((tile) => tile.dataset.unit ?? '')
  const gone = wanted.length - found.length
  if (gone > 0) {
    toast(`This link selects ${unitsInWords(gone)} more, gone since or not yours to see.`)
  }
  return found
}
