/** The map in the page: mounts it when it comes into view, and joins it to the grid. */
import { on } from '../dom'
import { type FilterTree, type MapView, mountMap } from '../map/index'
import { toast } from '../shell/toasts'
import { explorer, go, required, stateQuery } from './page'

/** The map that stands in the page, and what it was mounted for. */
interface Mounted {
  readonly map: MapView
  readonly key: string
}

let mounted: Mounted | null = null
let region: FilterTree | null = null
let regionChanged: (filter: FilterTree | null, count: number) => void = () => {}

/** Follow the state of the page; `onRegion` hears of regions and how many units they hold. */
export function startEmbeddings(onRegion: typeof regionChanged): void {
  regionChanged = onRegion
  document.addEventListener('htmx:oobAfterSwap', ({ target }) => {
    if (target instanceof Element && target.id === 'explorer-map-state') followState()
  })
  on('pointerover', '.tile[data-ordinal]', (tile) => ring([tile]))
  on('pointerout', '.tile[data-ordinal]', () => ring([]))
}

/** Drop the region; say whether there was one. */
export function clearRegion(): boolean {
  if (region === null) return false
  void mounted?.map.clearRegion()
  region = null
  return true
}

/** Mount the map when the page shows it; dim what the state leaves out. */
export function followState(): void {
  if (explorer().dataset.view === 'grid') return
  const said = required('explorer-map-state').dataset
  const key = `${said.embedding ?? ''} ${said.partsUrl ?? ''} ${said.formingUrl ?? ''}`
  if (mounted?.key !== key) mount(said, key)
  else void mounted.map.follow(said)
  void dim()
  ring([])
}

/** Bring a tile's point to the middle of the map. */
export async function showOnMap(tile: HTMLElement | null): Promise<void> {
  const ordinal = tile?.dataset.ordinal
  if (ordinal === undefined || !(await mounted?.map.reveal(Number(ordinal)))) {
    toast('This unit is not on the map: it has no vector under the chosen embedding.')
  }
}

function mount(said: DOMStringMap, key: string): void {
  mounted?.map.dispose()
  const host = required('map')
  for (const name of Object.keys(host.dataset)) if (name !== 'map') delete host.dataset[name]
  Object.assign(host.dataset, said)
  host.replaceChildren()
  const map = mountMap(host)
  mounted = { map, key }
  region = null
  regionChanged(null, 0)
  map.on('region', ({ filter }) => {
    const query = stateQuery()
    query.set('part', JSON.stringify(filter))
    clearRegion()
    go(query)
  })
  map.on('formed', () => go(stateQuery()))
  map.on('open', ({ url }) => location.assign(url))
  map.on('selection', ({ filter, ordinals }) => {
    region = ordinals.length > 0 ? filter : null
    light('is-in-region', new Set(ordinals))
    regionChanged(region, ordinals.length)
  })
  map.on('hover', ({ ordinal }) => light('is-hovered', new Set(ordinal === null ? [] : [ordinal])))
}

/** Mark the tiles of some points. */
function light(name: string, ordinals: ReadonlySet<number>): void {
  for (const tile of document.querySelectorAll<HTMLElement>('.tile[data-ordinal]')) {
    tile.classList.toggle(name, ordinals.has(Number(tile.dataset.ordinal)))
  }
}

/** Ring the query of the search, and tiles under the pointer. */
function ring(tiles: readonly HTMLElement[]): void {
  const query = document.getElementById('explorer-map-state')?.dataset.query
  const ordinals = tiles.map((tile) => Number(tile.dataset.ordinal))
  if (query) ordinals.push(...query.split(',').map(Number))
  void mounted?.map.setHighlight(ordinals)
}

/** Dim the points that the state does not show. */
async function dim(): Promise<void> {
  await mounted?.map.showOnly(required('explorer-map-state').dataset.stateMaskUrl ?? '')
}
