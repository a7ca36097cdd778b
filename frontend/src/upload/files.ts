/** Files that a drop brought, those in dropped folders included. */

/** All files of a drop; hidden ones (.DS_Store and the like) are left out. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // Entries must be taken before the first await: the list empties when the event ends.
  const entries = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => item.webkitGetAsEntry())
  const files: File[] = []
  for (const entry of entries) if (entry) await collect(entry, files)
  const found = files.length > 0 ? files : [...transfer.files]
  return found.filter((file) => !file.name.startsWith('.'))
}

async function collect(entry: FileSystemEntry, into: File[]): Promise<void> {
  if (isFile(entry)) {
    into.push(await new Promise<File>((resolve, reject) => entry.file(resolve, reject)))
  } else if (isDirectory(entry)) {
    const reader = entry.createReader()
    // A directory gives at most a hundred entries at a time, and none at its end.
    for (let part = await read(reader); part.length > 0; part = await read(reader)) {
      for (const child of part) await collect(child, into)
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
