import { expect, test, vi } from 'vitest'
import { type Events, type Upload, UploadError, UploadQueue } from './queue'

interface Pending {
  upload: Upload
  events: Events
  pause: ReturnType<typeof vi.fn>
  cancel: ReturnType<typeof vi.fn>
}

function chosen(...names: string[]) {
  return names.map((name) => ({ file: new File(['12345'], name), path: '' }))
}

/** A queue whose transfers end when the test says so. */
function held(parallel = 2) {
  const pending: Pending[] = []
  const changes = vi.fn()
  const queue = new UploadQueue(
    (upload, events) => {
      const transfer = { pause: vi.fn(), cancel: vi.fn() }
      pending.push({ upload, events, ...transfer })
      return transfer
    },
    changes,
    parallel,
  )
  const names = () => pending.map(({ upload }) => upload.file.name)
  return { queue, pending, changes, names }
}

test('sends no more files at once than allowed, in order', () => {
  const { queue, pending, names } = held()

  queue.add(chosen('a', 'b', 'c'))
  expect(names()).toEqual(['a', 'b'])

  pending[1]?.events.done('item-b')

  expect(names()).toEqual(['a', 'b', 'c'])
  expect(queue.uploads.map(({ state }) => state)).toEqual(['sending', 'done', 'sending'])
  expect(queue.uploads[1]?.item).toBe('item-b')
})

test('counts bytes, never more than the file has', () => {
  const { queue, pending } = held()
  queue.add(chosen('a', 'b'))

  pending[0]?.events.sent(900)
  pending[1]?.events.sent(2)

  expect(queue.totals()).toEqual({ files: 2, done: 0, failed: 0, bytes: 10, sent: 7, active: true })
})

test('counts are those of the files, whatever happens to them', () => {
  const { queue, pending } = held(1)
  queue.add(chosen('a', 'b', 'c', 'd'))

  pending[0]?.events.sent(3)
  pending[0]?.events.failed(new UploadError('No.', true))
  pending[1]?.events.done(null)
  pending[2]?.events.sent(4)
  const [first] = queue.uploads
  if (first) queue.retry(first)
  queue.pause()
  queue.resume()

  // b is done, three bytes of a and four of c are there, d waits.
  expect(queue.totals()).toEqual({
    files: 4,
    done: 1,
    failed: 0,
    bytes: 20,
    sent: 12,
    active: true,
  })
  queue.cancel()
  expect(queue.totals()).toEqual({ files: 1, done: 1, failed: 0, bytes: 5, sent: 5, active: false })
})

test('a failure stays with its file and does not stop the others', () => {
  const { queue, pending } = held(1)
  queue.add(chosen('a', 'b'))

  pending[0]?.events.failed(new UploadError('Not an image.', false))
  pending[1]?.events.done(null)

  expect(queue.uploads[0]).toMatchObject({
    state: 'failed',
    error: 'Not an image.',
    retriable: false,
  })
  expect(queue.totals()).toMatchObject({ done: 1, failed: 1, active: false })
})

test('retry sends a failed file once more, under the same key', () => {
  const { queue, pending } = held()
  queue.add(chosen('a'))
  const [upload] = queue.uploads
  if (!upload) throw new Error('no upload')
  const { key } = upload
  pending[0]?.events.failed(new UploadError('The connection broke.', true))

  queue.retry(upload)
  pending[1]?.events.done('item')

  expect(upload).toMatchObject({ state: 'done', error: '', key })
  queue.retry(upload)
  expect(pending).toHaveLength(2)
})

test('retryAll leaves out what cannot get better', () => {
  const { queue, pending, names } = held()
  queue.add(chosen('a', 'b'))
  pending[0]?.events.failed(new UploadError('Too large.', false))
  pending[1]?.events.failed(new UploadError('The connection broke.', true))

  queue.retryAll()

  expect(names()).toEqual(['a', 'b', 'b'])
  expect(queue.totals()).toMatchObject({ failed: 1, active: true })
})

test('pause halts what is under way, resume goes on with it first', () => {
  const { queue, pending, names } = held(1)
  queue.add(chosen('a', 'b'))
  pending[0]?.events.sent(3)

  queue.pause()
  expect(pending[0]?.pause).toHaveBeenCalledOnce()
  expect(queue.totals()).toMatchObject({ sent: 3, active: true })
  // What is still heard of the halted transfer does not count.
  pending[0]?.events.sent(5)
  pending[0]?.events.done('late')
  expect(queue.totals()).toMatchObject({ sent: 3, done: 0 })

  queue.resume()

  expect(names()).toEqual(['a', 'a'])
})

test('cancel stops what is under way and drops what waits', () => {
  const { queue, pending } = held(1)
  queue.add(chosen('a', 'b'))

  queue.cancel()

  expect(pending[0]?.cancel).toHaveBeenCalledOnce()
  expect(queue.uploads.map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
  expect(pending).toHaveLength(1)
  expect(queue.totals()).toMatchObject({ files: 0, active: false })
})

test('files added after a cancel are sent', () => {
  const { queue, pending } = held(1)
  queue.add(chosen('a'))
  queue.cancel()

  queue.add(chosen('b'))
  pending[1]?.events.done(null)

  expect(queue.uploads.map(({ state }) => state)).toEqual(['cancelled', 'done'])
})

test('twenty thousand files end one after the other', () => {
  const begun: Events[] = []
  const nothing = { pause: () => {}, cancel: () => {} }
  const queue = new UploadQueue(
    (_, events) => {
      begun.push(events)
      return nothing
    },
    () => {},
  )
  const file = new File(['12345'], 'a')
  queue.add(Array.from({ length: 20_000 }, () => ({ file, path: '' })))

  for (let n = 0; n < 20_000; n += 1) begun[n]?.done(null)

  expect(queue.totals()).toMatchObject({ files: 20_000, done: 20_000, active: false })
  expect(queue.latest).toHaveLength(2)
})

test('every file has a key of its own', () => {
  const { queue } = held()

  queue.add(chosen('a', 'a', 'a'))

  expect(new Set(queue.uploads.map(({ key }) => key)).size).toBe(3)
})
