/** Files that a drop or a file input brought, those in directories included, with their paths. */
import type { Chosen } from './queue'

/**
 * All files of a drop.
 *
 * @param onFound is told how many there are so far: large directories take seconds to read
 */
export async function droppedFiles(
  transfer: DataTransfer,
  onFound: (files: number) => void = () => {},
): Promise<Chosen[]> {
  // Entries must be taken before the first await: the list empties when the event ends.
  const entries = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }))
  const found: Chosen[] = []
  for (const { entry, file } of entries) {
    if (entry) await collect(entry, '', found, onFound)
    else if (file) found.push({ file, path: '' })
  }
  return found
}

/** The files of an input; those of a directory input know where they lay. */
export function chosenFiles(input: HTMLInputElement): Chosen[] {
  return [...(input.files ?? [])].map((file) => ({
    file,
    path: file.webkitRelativePath.split('/').slice(0, -1).join('/'),
  }))
}

async function collect(
  entry: FileSystemEntry,
  path: string,
  into: Chosen[],
  onFound: (files: number) => void,
): Promise<void> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    into.push({ file, path })
    if (into.length % 100 === 0) onFound(into.length)
  } else if (isDirectory(entry) && !entry.name.startsWith('.')) {
    const inside = path ? `${path}/${entry.name}` : entry.name
    const reader = entry.createReader()
    // A directory gives at most a hundred entries at a time, and none at its end.
    for (let part = await read(reader); part.length > 0; part = await read(reader)) {
      for (const child of part) await collect(child, inside, into, onFound)
    }
  }
}

function read(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject))
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
