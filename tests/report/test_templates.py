import pytest
from jinja2 import UndefinedError

from avparse.report import templates


def test_every_value_is_escaped() -> None:
    template = templates.templates("report").from_string("<p>{{ name }}</p>")
    assert template.render(name="<b>'&") == "<p>&lt;b&gt;&#39;&amp;</p>"


def test_a_value_that_is_missing_is_no_empty_text() -> None:
    with pytest.raises(UndefinedError, match="'name' is undefined"):
        templates.templates("report").from_string("{{ name }}").render()


@pytest.mark.parametrize("package", ["report", "viewer"])
def test_templates_are_read(package: str) -> None:
    found = templates.templates(package)
    names = found.list_templates(extensions=["jinja"])
    assert names
    for name in names:
        found.get_template(name)
