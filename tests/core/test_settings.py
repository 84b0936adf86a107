"""Settings: a flag wins over the environment, which wins over the file."""

from __future__ import annotations

import pytest

from core.exceptions import ConfigurationError
from core.settings import HIDDEN, Settings, load_settings, setting_fields, without_password


def test_flag_then_environment_then_file_then_default(tmp_path):
    file = tmp_path / "stillage.toml"
    file.write_text('port = 1\nhost = "file"\nworkers = 4\n')
    settings = load_settings(
        {"port": 3, "host": None}, environ={"STILLAGE_PORT": "2", "STILLAGE_HOST": "env"}, file=file
    )
    assert (settings.port, settings.host, settings.workers, settings.threads) == (3, "env", 4, 8)
    assert settings.origins == {"port": "flag", "host": "STILLAGE_HOST", "workers": str(file)}


def test_the_file_in_the_working_directory_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_settings(environ={}) == Settings()
    (tmp_path / "stillage.toml").write_text("port = 5\n")
    assert load_settings(environ={}).port == 5
    (tmp_path / "other.toml").write_text("port = 6\n")
    assert load_settings(environ={"STILLAGE_CONFIG": "other.toml"}).port == 6


def test_folders_in_the_file_are_relative_to_it(tmp_path):
    (tmp_path / "stillage.toml").write_text('addons_path = ["mine", "/theirs"]\n')
    assert load_settings(environ={}, file=tmp_path / "stillage.toml").addons_path == (str(tmp_path / "mine"), "/theirs")


@pytest.mark.parametrize("text", ["a:b", "a,b", "a, b", ["a", "b"], ("a", "b")])
def test_lists_of_folders(text):
    assert [folder.strip() for folder in load_settings({"addons_path": text}, environ={}).addons_path] == ["a", "b"]


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("off", False), ("", False), (True, True)])
def test_switches(text, value):
    assert load_settings({"debug": text}, environ={}).debug is value


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("prot = 1", "no setting 'prot'"),
        ("port = 'x'", "port must be a whole number"),
        ("debug = 'perhaps'", "debug must be yes or no"),
        ("=", "line 1"),
    ],
)
def test_mistakes_name_the_file(tmp_path, content, words):
    file = tmp_path / "stillage.toml"
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=words) as caught:
        load_settings(environ={}, file=file)
    assert str(file) in str(caught.value)


def test_a_mistake_in_the_environment_names_the_variable():
    with pytest.raises(ConfigurationError, match="STILLAGE_PORT: port must be a whole number, not 'x'"):
        load_settings(environ={"STILLAGE_PORT": "x"}, file=None)


def test_a_misspelt_variable_is_not_passed_over():
    with pytest.raises(ConfigurationError, match=r"STILLAGE_DATABSE_URL.*did you mean STILLAGE_DATABASE_URL"):
        load_settings(environ={"STILLAGE_DATABSE_URL": "sqlite:///shop.db"})
    load_settings(environ={"STILLAGE_CONFIG": "", "STILLAGE_OF_ANOTHER": "program"})


def test_an_absent_file_that_was_named_is_an_error(tmp_path):
    with pytest.raises(ConfigurationError, match="does not exist"):
        load_settings(environ={}, file=tmp_path / "absent.toml")


def test_secrets_are_hidden():
    settings = load_settings({"secret_key": "k" * 32, "database_url": "postgresql://u:p%40ss@h/d"}, environ={})
    shown = {name: value for name, value, _, _ in settings.described()}
    assert shown["secret_key"] == HIDDEN
    assert shown["database_url"] == f"postgresql://u:{HIDDEN}@h/d"
    assert without_password("sqlite:///x.db") == "sqlite:///x.db"


def test_a_key_that_could_be_guessed_is_refused(tmp_path):
    (tmp_path / "stillage.toml").write_text(f'secret_key = "{"k" * 31}"')
    with pytest.raises(ConfigurationError, match=r"stillage.toml: secret_key needs at least 32 random characters"):
        load_settings(file=tmp_path / "stillage.toml", environ={})
    assert load_settings({"secret_key": ""}, environ={}).secret_key == "", "one is made then"


def test_every_setting_is_explained():
    assert all(spec.metadata["help"] for spec in setting_fields())
    assert {row[0] for row in Settings().described()} == {spec.name for spec in setting_fields()}
