/** Frames of a video: a click on one shows that moment in the player. */
import { on } from '../dom'

export function startSeek(): void {
  on('click', '[data-seek]', (link, event) => {
    const video = document.getElementById('item-video')
    const seconds = Number(link.dataset.seek)
    if (!(video instanceof HTMLVideoElement) || Number.isNaN(seconds)) return
    event.preventDefault()
    video.currentTime = seconds
    video.scrollIntoView({ block: 'nearest' })
  })
}
