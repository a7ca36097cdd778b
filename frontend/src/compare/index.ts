/** Entry of Compare: the map in the colours of the two sets. */
import './compare.css'
import { mountMap } from '../map/index'
import { setColumn } from './sets'

const host = document.getElementById('map')
if (host !== null) {
  const { maskA = '', maskB = '', explorer = '' } = host.dataset
  const map = mountMap(host)
  if (maskA && maskB) {
    void map.setColours(async (maskOf) => {
      const [a, b] = await Promise.all([maskOf(maskA), maskOf(maskB)])
      return setColumn(a, b)
    })
  }
  map.on('open', ({ url }) => location.assign(url))
  map.on('region', ({ filter }) => {
    location.assign(`${explorer}?${new URLSearchParams({ part: JSON.stringify(filter) })}`)
  })
}
