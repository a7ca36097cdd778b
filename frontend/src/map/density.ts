/**
 * Adds up points where many lie on one pixel, so that dense regions do not all look alike.
 *
 * Points are drawn into a buffer of half floats that adds colours and covers; a second pass shows
 * the mean colour of each pixel, the more opaque the more points lie on it. Where the browser has
 * no such buffers, there is none of this, and points are drawn over each other as always.
 */

import { linkProgram } from './programs'

/** Points that lie on a pixel on average from which on they are added up. */
export const CROWDED = 1.5

const VERTEX = `#version 300 es
void main() {
  // One triangle that holds the whole stage.
  vec2 corner = vec2(float((gl_VertexID << 1) & 2), float(gl_VertexID & 2));
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}
`

const FRAGMENT = `#version 300 es
precision highp float;

uniform sampler2D sums;
uniform float crowd;     // points on a pixel, on average
out vec4 shade;

// A lone point is still seen well, and the densest regions are told apart.
const float LONE = 0.4;

void main() {
  vec4 sum = texelFetch(sums, ivec2(gl_FragCoord.xy), 0);
  if (sum.a <= 0.0) discard;
  float dense = 1.0 - exp(-sum.a / (3.0 * crowd));
  float opacity = min(sum.a, 1.0) * mix(LONE, 1.0, dense);
  shade = vec4(sum.rgb / sum.a * opacity, opacity);
}
`

export class DensityPass {
  readonly #gl: WebGL2RenderingContext
  readonly #program: WebGLProgram
  readonly #sums: WebGLUniformLocation | null
  readonly #crowd: WebGLUniformLocation | null
  readonly #texture: WebGLTexture
  readonly #buffer: WebGLFramebuffer
  #width = 0
  #height = 0

  /** Make the pass; null where the browser cannot add up in half floats. */
  static create(gl: WebGL2RenderingContext): DensityPass | null {
    const floats = gl.getExtension('EXT_color_buffer_float')
    const halves = floats ?? gl.getExtension('EXT_color_buffer_half_float')
    if (halves === null) return null
    const pass = new DensityPass(gl)
    return pass.#resize(1, 1) ? pass : null
  }

  private constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl
    this.#program = linkProgram(gl, VERTEX, FRAGMENT)
    this.#sums = gl.getUniformLocation(this.#program, 'sums')
    this.#crowd = gl.getUniformLocation(this.#program, 'crowd')
    this.#texture = gl.createTexture()
    this.#buffer = gl.createFramebuffer()
  }

  /** Have points added up from now on; say whether that is possible at this size. */
  begin(): boolean {
    const gl = this.#gl
    if (!this.#resize(gl.drawingBufferWidth, gl.drawingBufferHeight)) return false
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#buffer)
    gl.clear(gl.COLOR_BUFFER_BIT)
    gl.blendFunc(gl.ONE, gl.ONE)
    return true
  }

  /** Show the sums over what the canvas holds. */
  end(crowd: number): void {
    const gl = this.#gl
    gl.bindFramebuffer(gl.FRAMEBUFFER, null)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
    gl.useProgram(this.#program)
    gl.activeTexture(gl.TEXTURE1)
    gl.bindTexture(gl.TEXTURE_2D, this.#texture)
    gl.uniform1i(this.#sums, 1)
    gl.uniform1f(this.#crowd, crowd)
    gl.drawArrays(gl.TRIANGLES, 0, 3)
    // Not even bound is it while it is drawn into.
    gl.bindTexture(gl.TEXTURE_2D, null)
    gl.activeTexture(gl.TEXTURE0)
  }

  #resize(width: number, height: number): boolean {
    if (width === this.#width && height === this.#height) return true
    const gl = this.#gl
    gl.activeTexture(gl.TEXTURE1)
    gl.bindTexture(gl.TEXTURE_2D, this.#texture)
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA16F, width, height, 0, gl.RGBA, gl.HALF_FLOAT, null)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
    gl.bindTexture(gl.TEXTURE_2D, null)
    gl.activeTexture(gl.TEXTURE0)
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#buffer)
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.#texture, 0)
    const complete = gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE
    gl.bindFramebuffer(gl.FRAMEBUFFER, null)
    this.#width = complete ? width : 0
    this.#height = complete ? height : 0
    return complete
  }
}
