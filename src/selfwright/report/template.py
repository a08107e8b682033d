"""Templates: what is drawn from a run is hostile, so everything is escaped, and no character hides what it is."""

from pathlib import Path

from markupsafe import Markup

from selfwright.report import number

HERE = Path(__file__).parent
"""Templates and styles lie beside this file."""


def render_template(template: str, /, **values: object) -> str:
    """Return a template, filled in.

    Args:
        values: What it names; text is escaped, ``Markup`` is not.
    """
    import jinja2  # most commands draw no page

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"duration": number.duration, "moment": number.moment, "short": number.short}
    return environment.get_template(template).render(**values)


def _finalize(value: object) -> object:
    return value if isinstance(value, Markup) else number.visible(str(value))
