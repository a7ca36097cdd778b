/** Draws the points with WebGL2, without anything that a strict Content-Security-Policy forbids. */

import { CROWDED, DensityPass } from './density'
import type { Group, Painter, Scene } from './drawing'
import { type Rgb, SLOTS } from './palette'
import type { MapPoints } from './payload'
import { linkProgram } from './programs'
import { FRAGMENT_SHADER, VERTEX_SHADER } from './shaders'

const UNIFORMS = [
  'centre',
  'perUnit',
  'size',
  'desaturate',
  'fade',
  'alpha',
  'surface',
  'colours',
] as const
type Uniform = (typeof UNIFORMS)[number]

interface Resources {
  readonly program: WebGLProgram
  readonly uniforms: Readonly<Record<Uniform, WebGLUniformLocation | null>>
  readonly places: WebGLBuffer
  readonly slots: WebGLBuffer
  readonly order: WebGLBuffer
  readonly texture: WebGLTexture
  readonly density: DensityPass | null
}

export class PointRenderer implements Painter {
  readonly #gl: WebGL2RenderingContext
  readonly #points: MapPoints
  readonly #listening = new AbortController()
  #resources: Resources
  #slots = new Uint8Array(0)
  #order = new Uint32Array(0)
  #colours = new Uint8Array(SLOTS * 4)

  /** @param restored is called when a lost context came back and the map has to be drawn again. */
  constructor(gl: WebGL2RenderingContext, points: MapPoints, restored: () => void) {
    this.#gl = gl
    this.#points = points
    this.#resources = createResources(gl, points)
    const { signal } = this.#listening
    const canvas = gl.canvas as HTMLCanvasElement
    // Without preventDefault the browser never gives the context back.
    canvas.addEventListener('webglcontextlost', (event) => event.preventDefault(), { signal })
    canvas.addEventListener(
      'webglcontextrestored',
      () => {
        this.#resources = createResources(gl, points)
        this.setSlots(this.#slots)
        this.setOrder(this.#order)
        this.setColours(this.#colours)
        restored()
      },
      { signal },
    )
  }

  movePoints(): void {
    upload(this.#gl, this.#gl.ARRAY_BUFFER, this.#resources.places, pairs(this.#points))
  }

  setSlots(slots: Uint8Array<ArrayBuffer>): void {
    this.#slots = slots
    upload(this.#gl, this.#gl.ARRAY_BUFFER, this.#resources.slots, slots)
  }

  setOrder(order: Uint32Array<ArrayBuffer>): void {
    this.#order = order
    upload(this.#gl, this.#gl.ELEMENT_ARRAY_BUFFER, this.#resources.order, order)
  }

  setColours(colours: Uint8Array<ArrayBuffer>): void {
    this.#colours = colours
    const gl = this.#gl
    gl.bindTexture(gl.TEXTURE_2D, this.#resources.texture)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, SLOTS, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, colours)
  }

  draw(scene: Scene): void {
    const gl = this.#gl
    if (gl.isContextLost()) return
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    if (this.#points.count === 0) return
    const { camera, surface } = scene
    const { program, uniforms } = this.#resources
    gl.useProgram(program)
    gl.uniform2f(uniforms.centre, camera.x, camera.y)
    gl.uniform2f(
      uniforms.perUnit,
      (2 * camera.scale) / camera.width,
      (2 * camera.scale) / camera.height,
    )
    gl.uniform3f(uniforms.surface, ...unit(surface))
    const density = scene.crowd >= CROWDED ? this.#resources.density : null
    const adding = density?.begin() ?? false
    for (const group of scene.groups) this.#drawGroup(group, scene.pixelRatio)
    if (adding) density?.end(scene.crowd)
  }

  dispose(): void {
    this.#listening.abort()
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext()
  }

  #drawGroup({ from, count, style }: Group, pixelRatio: number): void {
    if (count === 0) return
    const gl = this.#gl
    const { uniforms } = this.#resources
    gl.uniform1f(uniforms.size, style.size * pixelRatio)
    gl.uniform1f(uniforms.desaturate, style.desaturate)
    gl.uniform1f(uniforms.fade, style.fade)
    gl.uniform1f(uniforms.alpha, style.alpha)
    gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, from * Uint32Array.BYTES_PER_ELEMENT)
  }
}

/** Get a WebGL2 context, or null when this browser has none to give. */
export function webgl2(canvas: HTMLCanvasElement): WebGL2RenderingContext | null {
  return canvas.getContext('webgl2', {
    alpha: true,
    antialias: false,
    depth: false,
    premultipliedAlpha: true,
  })
}

function createResources(gl: WebGL2RenderingContext, points: MapPoints): Resources {
  const program = linkProgram(gl, VERTEX_SHADER, FRAGMENT_SHADER)
  const vertices = gl.createVertexArray()
  gl.bindVertexArray(vertices)
  const places = upload(gl, gl.ARRAY_BUFFER, gl.createBuffer(), pairs(points))
  attribute(gl, program, 'position', places)
  const slots = upload(gl, gl.ARRAY_BUFFER, gl.createBuffer(), new Uint8Array(points.count))
  attribute(gl, program, 'slot', slots)
  const order = upload(gl, gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer(), new Uint32Array(0))
  const texture = gl.createTexture()
  gl.bindTexture(gl.TEXTURE_2D, texture)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
  gl.enable(gl.BLEND)
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
  const uniforms = Object.fromEntries(
    UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)]),
  ) as Resources['uniforms']
  const density = DensityPass.create(gl)
  return { program, uniforms, places, slots, order, texture, density }
}

function upload(
  gl: WebGL2RenderingContext,
  target: number,
  buffer: WebGLBuffer,
  data: ArrayBufferView<ArrayBuffer>,
): WebGLBuffer {
  gl.bindBuffer(target, buffer)
  gl.bufferData(target, data, gl.STATIC_DRAW)
  return buffer
}

/** Read an attribute of as many components as the bound array holds per row. */
function attribute(
  gl: WebGL2RenderingContext,
  program: WebGLProgram,
  name: 'position' | 'slot',
  buffer: WebGLBuffer,
): void {
  const location = gl.getAttribLocation(program, name)
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer)
  gl.enableVertexAttribArray(location)
  if (name === 'position') gl.vertexAttribPointer(location, 2, gl.FLOAT, false, 0, 0)
  else gl.vertexAttribPointer(location, 1, gl.UNSIGNED_BYTE, false, 0, 0)
}

function pairs({ x, y, count }: MapPoints): Float32Array<ArrayBuffer> {
  const positions = new Float32Array(count * 2)
  for (let row = 0; row < count; row++) {
    positions[row * 2] = x[row] as number
    positions[row * 2 + 1] = y[row] as number
  }
  return positions
}

function unit([red, green, blue]: Rgb): Rgb {
  return [red / 255, green / 255, blue / 255]
}
