import numpy as np

from avparse.report.tsne import plane


def test_groups_stay_groups() -> None:
    random = np.random.default_rng(0)
    centres = random.normal(size=(3, 64)) * 10
    group = np.arange(60) % 3
    places = plane(centres[group] + random.normal(size=(60, 64)))
    middle = np.array([places[group == g].mean(0) for g in range(3)])
    nearest = np.linalg.norm(places[:, None] - middle, axis=2).argmin(1)
    assert (nearest == group).all()


def test_the_same_come_out_the_same() -> None:
    features = np.random.default_rng(1).normal(size=(40, 16)).astype(np.float32)
    assert plane(features).tobytes() == plane(features).tobytes()


def test_few_points_are_not_laid_out() -> None:
    assert plane(np.zeros((0, 3))).shape == (0, 2)
    assert plane(np.eye(4)).shape == (0, 2)
    assert plane(np.zeros((60, 3))).shape == (0, 2)


def test_equal_points_among_others() -> None:
    """Such as silence."""
    features = np.random.default_rng(2).normal(size=(60, 8))
    features[10:50] = 0
    assert np.isfinite(plane(features)).all()
    assert plane(np.vstack((np.eye(5), np.zeros((200, 5))))).shape == (205, 2)
