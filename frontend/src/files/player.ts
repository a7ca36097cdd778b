/** The players of videos and image sequences, with their strips; see strip.ts and sequence.ts. */
import { on } from '../dom'
import { SequencePlayer } from './sequence'
import { fillStrip, type Seekable } from './strip'

const players = new WeakMap<HTMLElement, Seekable>()

export function startPlayers(): void {
  for (const player of document.querySelectorAll<HTMLElement>('[data-player]')) {
    if (players.has(player)) continue
    if ('sequence' in player.dataset) {
      const sequence = new SequencePlayer(player)
      players.set(player, sequence)
      sequence.follow(fillStrip(player, sequence))
    } else startVideo(player)
  }
}

/** Frames listed below the player: a click on one shows that moment. */
export function startSeek(): void {
  on('click', '[data-seek]', (link, event) => {
    const player = document.querySelector<HTMLElement>('[data-player]')
    const target = player && players.get(player)
    if (!player || !target) return
    event.preventDefault()
    target.seek(Number(link.dataset.seekFrame), Number(link.dataset.seek))
    player.scrollIntoView({ block: 'nearest' })
  })
}

function startVideo(player: HTMLElement): void {
  const video = player.querySelector('video')
  if (!video) return
  const target: Seekable = {
    seek: (_, seconds) => {
      video.currentTime = seconds
    },
  }
  players.set(player, target)
  const show = fillStrip(player, target)
  const length = () => video.duration || Number(player.dataset.duration) || 1
  video.addEventListener('timeupdate', () => show(video.currentTime / length()))
  video.addEventListener('seeking', () => show(video.currentTime / length()))
}
