#version 330 core
in vec3 shaded;
out vec4 frag_color;

void main()
{
    frag_color = vec4(shaded, 1.0);
}
