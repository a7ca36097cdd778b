/** Entry of the Explorer: enhances what the server rendered. */
import './explorer.css'
import { startAddress } from '../address'
import { on } from '../dom'
import { startBadges } from './badges'
import { startCollect } from './collect'
import { clearRegion, followState, showOnMap, startEmbeddings } from './embeddings'
import { followLinkedMap, startLinkedSelection } from './linked'
import { explorer, keepViewAndSize } from './page'
import { startRail } from './rail'
import { startScrub } from './scrub'
import { startSearch } from './search'
import { Selection } from './selection'
import { startSheet } from './sheet/index'
import { startShortcuts } from './shortcuts'
import { startSteps } from './steps'
import { setView, startViews } from './views'

startAddress()
const selection = new Selection()
keepViewAndSize()
startRail()
startSheet()
startScrub()
startSearch()
startBadges()
startCollect(selection)
startEmbeddings((filter, count) => {
  selection.region = filter ? { filter, count } : null
})
on('click', '#clear-selection', () => {
  if (!selection.clear()) clearRegion()
})
void startLinkedSelection(selection)
if (!followLinkedMap()) startViews(followState)
startShortcuts(selection)
startSteps()
on('click', '[data-show-on-map]', (button) => {
  if (explorer().dataset.view === 'grid') setView('split', followState)
  void showOnMap(button.closest<HTMLElement>('.tile'))
})
explorer().dataset.enhanced = ''
