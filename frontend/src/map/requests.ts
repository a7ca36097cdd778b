/** Fetches what the map shows. */

import { csrfToken } from '../dom'

/** The server did not give what was asked for; the message is fit for the page. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  /** The code of the problem document, as `map_changed`. */
  readonly code: string

  constructor(message: string, code = '') {
    super(message)
    this.code = code
  }
}

/** Get bytes; JSON is what a refusal comes as. */
export async function fetchBytes(url: string, signal: AbortSignal): Promise<ArrayBuffer> {
  return (await get(url, 'application/json, */*', signal)).arrayBuffer()
}

/** Get JSON. */
export async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  return (await get(url, 'application/json', signal)).json()
}

/** Get an answer whose headers matter. */
export async function getResponse(
  url: string,
  accept: string,
  signal: AbortSignal,
): Promise<Response> {
  return get(url, accept, signal)
}

/** Get JSON unless it is what the ETag names; null then. */
export async function getIfChanged(
  url: string,
  etag: string,
  signal: AbortSignal,
): Promise<Response | null> {
  const headers: HeadersInit = etag ? { 'If-None-Match': etag } : {}
  const response = await send(url, { signal, headers: { Accept: 'application/json', ...headers } })
  return response.status === 304 ? null : response
}

/** Send JSON with the token that changes need; the answer is bytes. */
export async function sendJson(
  method: 'POST' | 'PUT',
  url: string,
  body: unknown,
  signal: AbortSignal,
): Promise<ArrayBuffer> {
  const headers = {
    Accept: 'application/json, */*',
    'Content-Type': 'application/json',
    'X-CSRFToken': csrfToken(),
  }
  const response = await send(url, { method, signal, headers, body: JSON.stringify(body) })
  return response.arrayBuffer()
}

async function get(url: string, accept: string, signal: AbortSignal): Promise<Response> {
  return send(url, { signal, headers: { Accept: accept } })
}

async function send(
  url: string,
  request: RequestInit & { readonly signal: AbortSignal },
): Promise<Response> {
  const { signal } = request
  let response: Response
  try {
    response = await fetch(url, request)
  } catch (error) {
    if (signal.aborted) throw error
    throw new RequestError('The server cannot be reached. Check the connection and try again.')
  }
  if (!response.ok && response.status !== 304) throw await problem(response)
  return response
}

/** What the server's problem document says. */
async function problem(response: Response): Promise<RequestError> {
  const fallback = `The server answered ${response.status}.`
  try {
    const { detail, title, code } = (await response.json()) as Record<string, unknown>
    const message = [detail, title].find((text) => typeof text === 'string') ?? fallback
    return new RequestError(String(message), typeof code === 'string' ? code : '')
  } catch {
    return new RequestError(fallback)
  }
}
