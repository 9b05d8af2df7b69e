import numpy as np
import trimesh

from sign_models.render.surface import surface


def test_normals_of_a_sphere_point_outwards() -> None:
    ball = trimesh.creation.icosphere(subdivisions=3)
    normals = surface(np.asarray(ball.faces), len(ball.vertices)).normals(ball.vertices.astype(np.float32))
    assert np.allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-6)
    assert (np.einsum("vc,vc->v", normals, ball.vertices) > 0.999).all()


def test_normals_are_the_area_weighted_sum_of_face_normals() -> None:
    generator = np.random.default_rng(0)
    positions = generator.normal(size=(30, 3)).astype(np.float32)
    faces = np.array([generator.choice(30, 3, replace=False) for _ in range(80)])
    expected = np.zeros((30, 3))
    for a, b, c in faces:
        expected[[a, b, c]] += np.cross(positions[b] - positions[a], positions[c] - positions[a])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(surface(faces, 30).normals(positions), expected, atol=1e-5)


def test_a_part_keeps_the_normals_of_the_whole_along_its_cut() -> None:
    ball = trimesh.creation.icosphere(subdivisions=2)
    faces, positions = np.asarray(ball.faces), ball.vertices.astype(np.float32)
    upper = positions[faces, 1].min(1) > 0
    whole, half = surface(faces, len(positions)), surface(faces, len(positions), upper)
    drawn = np.unique(half.drawn)
    assert len(half.drawn) == upper.sum() < len(faces)
    assert np.array_equal(half.vertices[half.drawn], faces[upper])
    normals = half.normals(positions[half.vertices])[drawn]
    assert np.allclose(normals, whole.normals(positions)[half.vertices[drawn]], atol=1e-6)


def test_a_vertex_without_area_around_it_gets_a_finite_normal() -> None:
    flat = np.zeros((3, 3), dtype=np.float32)
    assert np.isfinite(surface(np.array([[0, 1, 2]]), 3).normals(flat)).all()
