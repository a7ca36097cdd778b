/** The menu of what tiles show: with three keys ticked, no other can be. */
import { all, on } from '../dom'

const MOST = 3

export function startBadges(): void {
  on('change', '#badge-menu', limitKeys)
  const menu = document.getElementById('badge-menu')
  if (menu) limitKeys(menu)
}

function limitKeys(menu: HTMLElement): void {
  const keys = all(menu, 'input[value^="."]', HTMLInputElement)
  const full = keys.filter((key) => key.checked).length >= MOST
  for (const key of keys) key.disabled = full && !key.checked
}
