#version 330 core
// The metallic-roughness model of pyrender's own shader, worked out once a vertex instead of once a pixel. The body is
// finely meshed and rough, so the picture is the same to the eye and the fragment shader has nothing left to do.

layout(location = 0) in vec3 position;
layout(location = NORMAL_LOC) in vec3 normal;
layout(location = COLOR_0_LOC) in vec4 color_0;  // sRGB

uniform mat4 V;
uniform mat4 P;
uniform vec3 cam_pos;
uniform vec3 ambient_light;
uniform int n_directional_lights;
struct DirectionalLight { vec3 color; float intensity; vec3 direction; };
uniform DirectionalLight directional_lights[MAX_DIRECTIONAL_LIGHTS];
struct Material { float metallic_factor; float roughness_factor; };
uniform Material material;

out vec3 shaded;

const float PI = 3.141592653589793;
const float DIELECTRIC = 0.04;

float reflected(vec3 n, vec3 v, vec3 l, float diffuse, float f0)
{
    vec3 h = normalize(l + v);
    float nl = clamp(dot(n, l), 0.001, 1.0);
    float nv = clamp(abs(dot(n, v)), 0.001, 1.0);
    float nh = clamp(dot(n, h), 0.0, 1.0);
    float away = 1.0 - clamp(dot(v, h), 0.0, 1.0);
    float away2 = away * away;
    float fresnel = f0 + (1.0 - f0) * away2 * away2 * away;
    float r = material.roughness_factor;
    float k = (r + 1.0) * (r + 1.0) / 8.0;
    float masking = nv / (nv * (1.0 - k) + k) * nl / (nl * (1.0 - k) + k);
    float r4 = r * r * r * r;
    float spread = nh * nh * (r4 - 1.0) + 1.0;
    float facets = r4 / (PI * spread * spread);
    return nl * ((1.0 - fresnel) * diffuse / PI + fresnel * masking * facets / (4.0 * nl * nv + 0.001));
}

void main()
{
    gl_Position = P * V * vec4(position, 1.0);
    vec3 v = normalize(cam_pos - position);
    float diffuse = (1.0 - DIELECTRIC) * (1.0 - material.metallic_factor);
    float f0 = mix(DIELECTRIC, 1.0, material.metallic_factor);
    vec3 light = ambient_light;
    for (int i = 0; i < n_directional_lights; i++)
        light += directional_lights[i].intensity * directional_lights[i].color
               * reflected(normal, v, -directional_lights[i].direction, diffuse, f0);
    // (light * linear colour) ^ (1 / 2.2) = light ^ (1 / 2.2) * sRGB colour
    shaded = color_0.rgb * pow(light, vec3(1.0 / 2.2));
}
