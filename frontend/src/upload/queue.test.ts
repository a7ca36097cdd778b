import { expect, test, vi } from 'vitest'
import { UploadError, UploadQueue } from './queue'

interface Pending {
  file: File
  finish: () => void
  fail: (error: Error) => void
  sent: (bytes: number) => void
}

function files(...names: string[]): File[] {
  return names.map((name) => new File(['12345'], name))
}

/** A queue whose transfers end when the test says so. */
function held(parallel = 2) {
  const pending: Pending[] = []
  const changes = vi.fn()
  const queue = new UploadQueue(
    (file, sent, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')))
        pending.push({ file, finish: resolve, fail: reject, sent })
      }),
    changes,
    parallel,
  )
  return { queue, pending, changes }
}

const settled = () => new Promise((resolve) => setTimeout(resolve))

test('sends no more files at once than allowed, in order', async () => {
  const { queue, pending } = held()

  queue.add(files('a', 'b', 'c'))
  expect(pending.map(({ file }) => file.name)).toEqual(['a', 'b'])

  pending[1]?.finish()
  await settled()

  expect(pending.map(({ file }) => file.name)).toEqual(['a', 'b', 'c'])
  expect(queue.uploads.map(({ state }) => state)).toEqual(['sending', 'done', 'sending'])
})

test('counts bytes, never more than the file has', () => {
  const { queue, pending } = held()
  queue.add(files('a', 'b'))

  // The request's own headers count as sent, too.
  pending[0]?.sent(900)
  pending[1]?.sent(2)

  expect(queue.totals()).toEqual({ files: 2, done: 0, failed: 0, bytes: 10, sent: 7, active: true })
})

test('a failure stays with its file and does not stop the others', async () => {
  const { queue, pending } = held(1)
  queue.add(files('a', 'b'))

  pending[0]?.fail(new UploadError('Not an image.', false))
  await settled()
  pending[1]?.finish()
  await settled()

  expect(queue.uploads[0]).toMatchObject({
    state: 'failed',
    error: 'Not an image.',
    retriable: false,
  })
  expect(queue.totals()).toMatchObject({ done: 1, failed: 1, active: false })
})

test('retry sends a failed file once more', async () => {
  const { queue, pending } = held()
  queue.add(files('a'))
  pending[0]?.fail(new UploadError('The connection broke.', true))
  await settled()

  const [upload] = queue.uploads
  if (!upload) throw new Error('no upload')
  queue.retry(upload)
  pending[1]?.finish()
  await settled()

  expect(upload).toMatchObject({ state: 'done', error: '' })
  queue.retry(upload)
  expect(pending).toHaveLength(2)
})

test('cancel stops what is under way and drops what waits', async () => {
  const { queue, pending } = held(1)
  queue.add(files('a', 'b'))

  queue.cancel()
  await settled()

  expect(queue.uploads.map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
  expect(pending).toHaveLength(1)
  expect(queue.totals()).toMatchObject({ files: 0, active: false })
})

test('files added after a cancel are sent', async () => {
  const { queue, pending } = held(1)
  queue.add(files('a'))
  queue.cancel()
  await settled()

  queue.add(files('b'))
  pending[1]?.finish()
  await settled()

  expect(queue.uploads.map(({ state }) => state)).toEqual(['cancelled', 'done'])
})
