/** What somebody chose or dropped, sorted out: media, sidecar files, and what is left out. */
import type { Chosen } from './queue'

export const SIDECAR = '.metadata.json'

/** What systems leave in directories, and hidden files. */
const LITTER = /^(\..*|Thumbs\.db|desktop\.ini)$/i
/** Types that browsers give to media although they do not begin with image/ or video/. */
const MEDIA_TYPES = new Set(['', 'application/octet-stream', 'application/mxf', 'application/ogg'])
/** Files that the import page takes. */
const IMPORTS = /\.(json|jsonl|csv|npy|npz|parquet)$/i

export interface Sorted {
  media: Chosen[]
  sidecars: Chosen[]
  /** Files that are no images or videos. */
  left: Chosen[]
}

export function sortOut(chosen: Iterable<Chosen>): Sorted {
  const sorted: Sorted = { media: [], sidecars: [], left: [] }
  for (const one of chosen) {
    const { name, type } = one.file
    if (LITTER.test(name)) continue
    if (name.endsWith(SIDECAR)) sorted.sidecars.push(one)
    else if (isMedia(type) && !IMPORTS.test(name)) sorted.media.push(one)
    else sorted.left.push(one)
  }
  return sorted
}

/** A sentence about what was left out; empty when nothing was. */
export function leftOut(left: readonly Chosen[]): string {
  const [first] = left
  if (!first) return ''
  const more = left.length - 1
  const names =
    more > 0 ? `${first.file.name} and ${more.toLocaleString('en')} more` : first.file.name
  const what = left.length > 1 ? 'They are' : 'It is'
  const where = left.some(({ file }) => IMPORTS.test(file.name))
    ? ' Data files go in by the Import button.'
    : ''
  return `Left out: ${names}. ${what} neither image nor video.${where}`
}

/** Names as people order them: frame_2 before frame_10. */
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

export function byName<Type extends { file: File }>(files: readonly Type[]): Type[] {
  return [...files].sort((a, b) => collator.compare(a.file.name, b.file.name))
}

/** All directories that the files name, none of them empty. */
export function paths(chosen: Iterable<{ path: string }>): string[] {
  return [...new Set([...chosen].map(({ path }) => path))].filter((path) => path !== '')
}

function isMedia(type: string): boolean {
  return type.startsWith('image/') || type.startsWith('video/') || MEDIA_TYPES.has(type)
}
