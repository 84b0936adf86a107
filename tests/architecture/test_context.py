"""Context carries language, time zone, companies and defaults. It never steers."""

from pathlib import Path

from core.testing import source

ROOT = Path(__file__).resolve().parents[2]


def test_no_addon_is_steered_by_context():
    """A choice is an argument or a field; context keys of old clients are translated at the RPC boundary."""
    source.nothing(source.context_steering(ROOT / "addons"))


def test_steering_is_found(tmp_path):
    """The search above finds what it is meant to find."""
    (tmp_path / "hooks.py").write_text(
        "def translate_context(env, context):\n    return env.context.get('skip')\n"
        "def other(self):\n    return self.env.context.get('skip_backorder'), self.env.context['lang']\n"
    )
    assert len(source.context_steering(tmp_path)) == 1
