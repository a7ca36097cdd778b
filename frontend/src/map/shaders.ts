/**
 * The program that draws points. Uniforms that both shaders use need the same precision, or the
 * program does not link and the map stays blank: both are highp throughout.
 */

export const VERTEX_SHADER = `#version 300 es
precision highp float;

in vec2 position;
in float slot;

uniform vec2 centre;      // data coordinates in the middle
uniform vec2 perUnit;     // clip space per data unit
uniform float size;       // diameter in device pixels
uniform float desaturate;
uniform float fade;
uniform float alpha;
uniform vec3 surface;
uniform sampler2D colours;

flat out vec4 colour;

void main() {
  vec4 own = texelFetch(colours, ivec2(int(slot), 0), 0);
  float grey = dot(own.rgb, vec3(0.2126, 0.7152, 0.0722));
  vec3 faded = mix(mix(own.rgb, vec3(grey), desaturate), surface, fade);
  colour = vec4(faded, own.a * alpha);
  // One pixel more than the disc, for its smooth edge. Hidden points leave the clip space.
  gl_PointSize = size + 1.0;
  gl_Position = own.a == 0.0
    ? vec4(2.0, 2.0, 2.0, 1.0)
    : vec4((position - centre) * perUnit, 0.0, 1.0);
}
`

export const FRAGMENT_SHADER = `#version 300 es
precision highp float;

flat in vec4 colour;
uniform float size;
out vec4 shade;

void main() {
  float distance = length(gl_PointCoord - 0.5) * (size + 1.0);
  float cover = clamp(size * 0.5 + 0.5 - distance, 0.0, 1.0);
  float opacity = colour.a * cover;
  shade = vec4(colour.rgb * opacity, opacity);
}
`
