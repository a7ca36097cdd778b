/** Links programs for the graphics, and says what is wrong with one that does not link. */

/** WebGL2 is there but does not do what it should. */
export class RenderError extends Error {
  override readonly name = 'RenderError'
}

/** Link two shaders to a program. */
export function linkProgram(
  gl: WebGL2RenderingContext,
  vertex: string,
  fragment: string,
): WebGLProgram {
  const program = gl.createProgram()
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type)
    if (shader === null) throw new RenderError('The graphics context is lost.')
    gl.shaderSource(shader, source)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
    gl.deleteShader(shader)
  }
  gl.linkProgram(program)
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    const logs = gl.getAttachedShaders(program)?.map((shader) => gl.getShaderInfoLog(shader)) ?? []
    const log = [gl.getProgramInfoLog(program), ...logs].filter(Boolean).join(' ')
    throw new RenderError(`The program that draws points does not link. ${log}`.trim())
  }
  return program
}
