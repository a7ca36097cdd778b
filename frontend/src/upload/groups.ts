/**
 * Making one group or sequence of the images that were uploaded: one of each folder, in the order
 * of their names. The server groups images that it has read, so this waits until it has.
 */
import { byName } from './choice'
import type { Places } from './places'
import type { Upload } from './queue'
import { post, Refusal } from './server'

export type WholeKind = 'image_group' | 'image_sequence'

/** Between two questions whether the images have been read. */
const WAIT_MS = 2000
/** So often in a row the server may fail to answer. */
const MAX_SILENCES = 20

export interface Whole {
  path: string
  name: string
  images: Upload[]
}

export interface WholeProblem {
  name: string
  message: string
}

/**
 * One whole for each folder that got at least one image.
 *
 * @param name of the only whole; several take the names of their directories
 */
export function planWholes(uploads: Iterable<Upload>, name: string): Whole[] {
  const byPath = new Map<string, Upload[]>()
  for (const upload of uploads) {
    if (upload.state !== 'done' || !upload.item || upload.file.type.startsWith('video/')) continue
    const there = byPath.get(upload.path)
    if (there) there.push(upload)
    else byPath.set(upload.path, [upload])
  }
  return [...byPath].map(([path, images]) => {
    const last = path.split('/').at(-1)
    return {
      path,
      name: byPath.size > 1 ? last || name : name,
      images: byName(images),
    }
  })
}

/**
 * Have the server make the wholes. An image that cannot be read is left out, and named.
 *
 * @returns what is to be known, by whole
 */
export async function makeWholes(
  wholes: readonly Whole[],
  kind: WholeKind,
  places: Places,
  stopped: () => boolean,
): Promise<WholeProblem[]> {
  const problems: WholeProblem[] = []
  for (const whole of wholes) {
    for (const message of await make(whole, kind, places, stopped)) {
      problems.push({ name: whole.name, message })
    }
  }
  return problems
}

async function make(
  whole: Whole,
  kind: WholeKind,
  places: Places,
  stopped: () => boolean,
): Promise<string[]> {
  let items = whole.images.map(({ item }) => item ?? '')
  const said: string[] = []
  for (let silent = 0; !stopped() && silent < MAX_SILENCES; ) {
    try {
      const folder = await places.find(whole.path)
      await post(`/api/v1/folders/${folder}/groups/`, { items, kind, name: whole.name })
      return said
    } catch (error) {
      const next = answer(error)
      if (next.message) return [...said, next.message]
      silent = next.silent ? silent + 1 : 0
      if (next.unreadable.length > 0) {
        said.push(`Left out: ${next.words.join(' ')}`)
        items = items.filter((item) => !next.unreadable.includes(item))
        if (items.length === 0) return [...said, 'No image is left.']
        continue
      }
    }
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
  }
  const why = stopped() ? 'This was cancelled' : 'The server does not answer'
  return [...said, `${why}; the images stay as they are.`]
}

interface Answer {
  /** Why it cannot be done; empty when it is worth asking again. */
  message: string
  silent: boolean
  unreadable: string[]
  words: string[]
}

/** What a refusal means: wait, leave images out, or give up. */
export function answer(error: unknown): Answer {
  const next: Answer = { message: '', silent: false, unreadable: [], words: [] }
  if (!(error instanceof Refusal)) return { ...next, message: 'The connection broke.' }
  if (error.isPassing) return { ...next, silent: true }
  const passing = error.errors.every(({ code }) => code === 'processing' || code === 'failed')
  if (error.errors.length === 0 || !passing) return { ...next, message: error.message }
  for (const { code, found, message } of error.errors) {
    if (code !== 'failed') continue
    next.unreadable.push(found ?? '')
    next.words.push(message ?? '')
  }
  return next
}
