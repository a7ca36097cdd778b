/** One file to the server. XMLHttpRequest, because fetch does not tell how much was sent. */
import { csrfToken } from '../dom'
import { type Send, UploadError } from './queue'

interface Problem {
  detail?: string
  message?: string
  errors?: { message?: string }[]
}

/** Make the function that sends a file to the address. */
export function sender(address: string): Send {
  return (file, onSent, signal) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      const stop = () => request.abort()
      signal.addEventListener('abort', stop, { once: true })
      request.upload.addEventListener('progress', (event) => onSent(event.loaded))
      request.addEventListener('loadend', () => {
        signal.removeEventListener('abort', stop)
        if (request.status >= 200 && request.status < 300) resolve()
        else reject(failure(request))
      })
      request.open('POST', address)
      request.setRequestHeader('Accept', 'application/json')
      request.setRequestHeader('X-CSRFToken', csrfToken())
      const form = new FormData()
      form.append('file', file, file.name)
      request.send(form)
    })
}

function failure(request: XMLHttpRequest): UploadError {
  if (request.status === 0) {
    return new UploadError('The connection broke. Check the network and try again.', true)
  }
  if (request.status === 401) return new UploadError('You are signed out. Sign in again.', true)
  if (request.status === 413)
    return new UploadError('The file is larger than the server takes.', false)
  // The server refused this very file: the same bytes will not do better.
  return new UploadError(words(request), request.status >= 500 || request.status === 429)
}

function words(request: XMLHttpRequest): string {
  try {
    const problem = JSON.parse(request.responseText) as Problem
    const first = problem.errors?.[0]?.message
    const text = first ?? problem.detail ?? problem.message
    if (text) return text
  } catch {
    // Not JSON: a proxy's page, say.
  }
  return `The server answered with status ${request.status}. Try again.`
}
