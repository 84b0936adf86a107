"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from core.base.models.res_users import ResUsers
from core.cli.main import COMMANDS, cli, main
from core.cli.session import random_password
from core.exceptions import UserError
from core.loader.scaffold import words_for

ROOT = Path(__file__).parents[3]


def installed_plugin():
    """Whether pytest finds Stillage's plugin by itself."""
    return any(point.name == "core.testing.plugin" for point in importlib.metadata.entry_points(group="pytest11"))


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run a command and return (exit code, standard output, standard error), in a folder without settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STILLAGE_DATABASE_URL", raising=False)

    def work(*arguments, stdin=""):
        code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return work


@pytest.fixture
def stillage(run, database_url, monkeypatch):
    """``run`` on an empty database."""
    monkeypatch.setenv("STILLAGE_DATABASE_URL", database_url)
    return run


@pytest.fixture
def ready(run, db, monkeypatch):
    """``run`` on a database with base installed."""
    monkeypatch.setenv("STILLAGE_DATABASE_URL", db.url)
    return run


# ---------------------------------------------------------------------------- help, settings, usage


def test_help_lists_all_commands(run):
    code, out, _ = run("--help")
    assert code == 0 and all(f"  {name} " in out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_the_common_options(run, name):
    code, out, _ = run(name, "--help")
    assert code == 0 and "--database URL" in out and "--debug" in out


def test_every_subcommand_has_the_common_options(run):
    for group in ("addons", "hooks", "seams", "user"):
        command = cli.get_command(None, group)
        for name in command.commands:
            assert "--database URL" in run(group, name, "--help")[1]


def test_an_unknown_command_is_wrong_usage(run):
    code, _, err = run("frobnicate")
    assert code == 2 and "No such command 'frobnicate'" in err


def test_config_shows_values_origins_and_no_secrets(run, tmp_path, monkeypatch):
    (tmp_path / "stillage.toml").write_text('port = 7000\nsecret_key = "very secret, and as long as it has to be"\n')
    monkeypatch.setenv("STILLAGE_DATABASE_URL", "postgresql://me:hidden@server/shop")
    monkeypatch.setenv("STILLAGE_WORKERS", "3")
    code, out, _ = run("config", "--addons-path", "here")
    lines = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert code == 0 and "very secret" not in out and "hidden" not in out
    assert "stillage.toml" in lines["port"] and "7000" in lines["port"]
    assert "STILLAGE_WORKERS" in lines["workers"] and "flag" in lines["addons_path"] and "default" in lines["host"]
    assert "postgresql://me:********@server/shop" in lines["database_url"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--database", "nonsense", "shell", "-c", "1"), 2, "not a URL"),
        (("--database", "mysql://x/y", "shell", "-c", "1"), 2, "mysql"),
        (("--database", "postgresql://127.0.0.1:1/x", "shell", "-c", "1"), 4, "127.0.0.1:1/x cannot be used"),
        (("--database", "sqlite:////nowhere/x.db", "addons", "list"), 4, "sqlite:////nowhere/x.db cannot be used"),
        (("--database", f"sqlite:///{__file__}", "shell", "-c", "1"), 4, "cannot be used: file is not a database"),
        (("--config", "absent.toml", "config"), 2, "absent.toml does not exist"),
        (("--addons-path", "/no/such/folder", "addons", "list"), 3, "/no/such/folder"),
        (("shell", "-c", "1"), 2, "stillage init"),
        (("serve",), 2, "stillage init"),
    ],
)
def test_errors_have_words_and_exit_codes_and_no_traceback(run, arguments, code, words):
    result, _, err = run(*arguments)
    assert result == code and words in err and "Traceback" not in err


def test_debug_shows_where(run):
    with pytest.raises(Exception, match="not a URL"):
        run("--database", "nonsense", "--debug", "shell", "-c", "1")


# ---------------------------------------------------------------------------- init, addons


@pytest.mark.both_dialects("scenario")
def test_init_prints_a_random_password_once(stillage):
    code, out, _ = stillage("init")
    password = out.split("password ")[1].split()[0]
    assert code == 0 and len(password) == 16 and "Installed base" in out
    ok = f"env['res.users'].authenticate('admin', {password!r}).login"
    assert stillage("shell", "-c", ok)[1] == "admin\n"
    code, _, err = stillage("init")
    assert code == 1 and "set up already" in err


def test_a_demo_has_the_password_that_the_readme_tells(stillage):
    assert "password admin" in stillage("init", "--demo")[1]
    assert stillage("shell", "-c", "env['res.users'].authenticate('admin', 'admin').login")[1] == "admin\n"
    with_demo = int(stillage("shell", "-c", "env['res.partner'].search_count([])")[1])
    assert with_demo > 3


@pytest.mark.both_dialects("schema")
def test_a_failed_init_leaves_an_empty_database(stillage):
    code, _, err = stillage("init", "--addons", "no_such_addon")
    assert code == 3 and "no_such_addon" in err
    assert stillage("init")[0] == 0


@pytest.mark.both_dialects("schema")
def test_nothing_is_installed_where_the_password_cannot_be_set(stillage, monkeypatch):
    """A database that is set up has an administrator who can sign in: the password is part of the installation."""

    def fail(self, vals):
        raise UserError("No password today.")

    with monkeypatch.context() as patched:
        patched.setattr(ResUsers, "write", fail)
        code, _, err = stillage("init")
    assert code == 1 and "No password today." in err
    code, out, _ = stillage("init")
    password = out.split("password ")[1].split()[0]
    ok = f"env['res.users'].authenticate('admin', {password!r}).login"
    assert code == 0 and stillage("shell", "-c", ok)[1] == "admin\n"


def test_passwords_differ():
    assert len({random_password() for _ in range(100)}) == 100


@pytest.mark.slow
def test_a_new_addon_installs_is_used_and_goes(ready, tmp_path):
    code, out, _ = ready("addons", "new", "route_plan", "--path", tmp_path / "mine")
    assert code == 0 and "models/route_plan.py" in out
    path = ("--addons-path", tmp_path / "mine")
    assert ready("addons", "install", "route_plan", *path)[:2] == (0, "Installed route_plan\n")
    create = "env['route.plan'].create({'name': 'North'}).description"
    assert ready("shell", "-c", create, *path)[1] == "North\n"
    assert ready("shell", "-c", "env['route.plan'].search_count([])", *path)[1] == "1\n"
    _, out, _ = ready("addons", "list", *path)
    assert any("route_plan" in line and "installed" in line for line in out.splitlines())
    _, out, _ = ready("hooks", *path)
    assert "route_plan:on_create [route.plan]" in out
    _, out, _ = ready("hooks", "trace", "-c", create, *path)
    assert "on_create [route.plan] route_plan:on_create (route_plan/hooks.py:" in out and "1 call\n" in out
    assert ready("shell", "-c", "env['route.plan'].search_count([])", *path)[1] == "1\n", "a trace keeps nothing"
    assert ready("addons", "conflicts", *path)[1].startswith("No conflicts")
    code, out, _ = ready("addons", "upgrade", "--plan", *path)
    assert code == 0 and "as the models say" in out
    assert ready("addons", "uninstall", "route_plan", "--yes", *path)[:2] == (0, "Removed route_plan\n")


@pytest.mark.slow
@pytest.mark.both_dialects("schema")
def test_a_plan_is_shown_and_not_applied(ready, tmp_path):
    ready("addons", "new", "route_plan", "--path", tmp_path / "mine")
    path = ("--addons-path", tmp_path / "mine")
    ready("addons", "install", "route_plan", *path)
    model = tmp_path / "mine/route_plan/models/route_plan.py"
    model.write_text(model.read_text().replace("    active =", "    weight = fields.Quantity()\n    active ="))
    # another process reads the changed file
    for name in [name for name in sys.modules if name.startswith("addons.route_plan")]:
        del sys.modules[name]
    for _ in range(2):
        code, out, _ = ready("addons", "upgrade", "--plan", *path)
        assert code == 0 and "add column route_plan.weight" in out and "Changes: 1" in out
    assert ready("addons", "upgrade", *path)[0] == 0
    assert "as the models say" in ready("addons", "upgrade", "--plan", *path)[1]


@pytest.mark.slow
def test_the_scaffold_passes_its_tests_and_linters_as_made(tmp_path, run):
    """The contract among them; ruff and mypy with their defaults."""
    run("addons", "new", "route_plan", "--path", tmp_path)
    environment = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
    environment |= {"PYTHONPATH": str(ROOT), "MYPYPATH": str(ROOT)}

    def check(*command):
        line = [sys.executable, "-m", *command, "route_plan"]
        done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    plugin = ["-p", "core.testing.plugin"] if not installed_plugin() else []
    printed = check("pytest", "-q", *plugin, "--dialects", "sqlite", "-p", "no:cacheprovider")
    assert int(re.search(r"(\d+) passed", printed)[1]) > 20, "the contract is among the tests"
    check("ruff", "check", "--no-cache")
    check("ruff", "format", "--check", "--no-cache")
    check("mypy", "--follow-imports=silent", f"--cache-dir={tmp_path / 'types'}")


@pytest.mark.parametrize("name", ["Route", "9lives", "class", "a-b", ""])
def test_impossible_names_are_refused(run, tmp_path, name):
    code, _, err = run("addons", "new", name, "--path", tmp_path)
    assert code == 1 and "cannot be an addon's name" in err


def test_an_addon_is_not_overwritten(run, tmp_path):
    assert run("addons", "new", "twice", "--path", tmp_path)[0] == 0
    code, _, err = run("addons", "new", "twice", "--path", tmp_path)
    assert code == 1 and "exists already" in err


def test_names_of_the_scaffold():
    assert words_for("notes")["model"] == "notes.record" and words_for("notes")["class_name"] == "NotesRecord"


def test_uninstalling_what_is_not_there(ready):
    code, _, err = ready("addons", "uninstall", "nothing", "--yes")
    assert code == 1 and "Not installed: nothing" in err


# ---------------------------------------------------------------------------- shell


def test_the_shell_commits_when_the_code_succeeds(ready):
    assert ready("shell", "-c", "p = env['res.partner'].create({'name': 'Shell'})\np.name")[1] == "Shell\n"
    code, _, err = ready("shell", "-c", "env['res.partner'].create({'name': 'Lost'})\nenv.flush_all()\n1/0")
    assert code == 1 and "ZeroDivisionError" in err and 'File "<shell>", line 3' in err and "core/cli" not in err
    names = "env['res.partner'].search([('name', 'in', ('Shell', 'Lost'))]).mapped('name')"
    assert ready("shell", "-c", names)[1] == "['Shell']\n"


def test_errors_for_people_are_shown_as_such_in_the_shell(ready):
    code, _, err = ready("shell", "-c", "env['res.partner'].create({'nam': 'x'})")
    assert code == 1 and "Error: " in err and "name" in err and "Traceback" not in err


def test_the_shell_reads_standard_input(ready, monkeypatch):
    monkeypatch.setattr("sys.stdin", open(ROOT / "pyproject.toml"))
    code, _, err = ready("shell")
    assert code == 1 and "Error" in err
    sys.stdin.close()


def test_the_shell_works_as_a_user(ready):
    assert ready("shell", "--login", "admin", "-c", "env.user.login")[1] == "admin\n"
    code, _, err = ready("shell", "--login", "nobody", "-c", "1")
    assert code == 1 and "nobody" in err


# ---------------------------------------------------------------------------- check, hooks, users


def test_check_finds_nothing_wrong_with_base(ready):
    _, out, _ = ready("check")
    wrong = [line for line in out.splitlines() if line.startswith("core.E") and " base" in line]
    assert wrong == []


def test_check_loads_addons_that_are_not_installed(ready, tmp_path):
    package = tmp_path / "mine" / "plan_import"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__manifest__.py").write_text("{}")
    (package / "models" / "plan.py").write_text("import no_such_library\n")
    code, out, _ = ready("check", "--addons-path", str(tmp_path / "mine"))
    assert code == 1 and "core.E006 plan_import: cannot be installed:" in out and "models/plan.py:1:" in out


def test_hooks_are_listed_and_shown(ready):
    _, out, _ = ready("hooks")
    assert "on_validate" in out
    code, out, _ = ready("hooks", "show", "on_done")
    assert code == 0 and "on_done(env" in out and "Transaction:" in out
    code, _, err = ready("hooks", "show", "on_dnoe")
    assert code == 1 and "Did you mean on_done" in err


@pytest.fixture
def seam_path(ready, tmp_path):
    """The option for two addons that are installed: the later one overrides a seam of the other."""
    for name, text in {
        "seam_plan/__manifest__.py": '{"depends": ["base"]}',
        "seam_plan/models/plan.py": """
            from core import api, models

            class Plan(models.Model):
                _name = "seam.plan"
                _description = "Plan"

                @api.seam("done", order=20)
                def _finish(self, late=False):
                    \"\"\"Finish the plans.\"\"\"

                @api.seam("done", order=10)
                def _prepare(self):
                    \"\"\"Prepare the plans.\"\"\"
            """,
        "seam_late/__manifest__.py": '{"depends": ["seam_plan"]}',
        "seam_late/extends/plan.py": """
            from core import models

            class Plan(models.Model):
                _inherit = "seam.plan"

                def _finish(self, late=True):
                    return super()._finish(late=late)
            """,
    }.items():
        file = tmp_path / "mine" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        (tmp_path / "mine" / name.split("/")[0] / "__init__.py").touch()
    path = ("--addons-path", str(tmp_path / "mine"))
    assert ready("addons", "install", "seam_late", *path)[0] == 0
    return path


def test_seams_are_listed_with_the_addons_that_override_them(ready, seam_path):
    """Of the database's addons; an action that no seam has is refused by name."""
    _, out, _ = ready("seams", *seam_path)
    rows = [line.split() for line in out.splitlines() if "seam.plan" in line]
    assert rows == [
        ["done", "10", "seam.plan._prepare", "seam_plan"],
        ["done", "20", "seam.plan._finish", "seam_plan", "seam_late"],
    ]
    _, out, _ = ready("seams", "--extended", "--action", "done", *seam_path)
    assert "seam.plan._finish" in out and "_prepare" not in out
    code, _, err = ready("seams", "--action", "dnoe", *seam_path)
    assert code == 1 and "there are done" in err
    code, out, _ = ready("seams", "show", "seam.plan._finish", *seam_path)
    assert code == 0 and "seam.plan._finish(self, late=False)" in out and "Finish the plans." in out
    assert re.search(r"seam_late  \S*seam_late/extends/plan\.py:7", out)


def test_calls_of_seams_are_traced(ready, seam_path):
    _, out, _ = ready("seams", "trace", "-c", "env['seam.plan'].browse([1, 2])._finish()", *seam_path)
    assert "ms  seam.plan._finish 2 records" in out and "1 call\n" in out
    code = "env['seam.plan']._finish(); env['seam.plan'].browse(1)._prepare()"
    _, out, _ = ready("seams", "trace", "-c", code, *seam_path)
    assert "seam.plan._finish on the model\n" in out and "seam.plan._prepare 1 record\n" in out and "2 calls\n" in out
    assert ready("seams", "trace", "-c", "x = 1", *seam_path)[1] == "No seam was called\n"


def test_the_seams_of_a_model_are_listed_and_near_names_are_offered(ready, seam_path):
    _, out, _ = ready("seams", "show", "seam.plan", *seam_path)
    rows = [line.split() for line in out.splitlines() if "seam.plan" in line]
    assert rows == [
        ["done", "10", "seam.plan._prepare", "seam_plan", "Prepare", "the", "plans."],
        ["done", "20", "seam.plan._finish", "seam_plan", "seam_late", "Finish", "the", "plans."],
    ]
    for name, words in {
        "seam.plan._end": "No installed addon has a seam 'seam.plan._end'. Did you mean seam.plan._finish",
        "shipment": "No installed addon has a seam 'shipment'; `stillage seams` lists all",
        "seam.plan._finsh": "'seam.plan._finsh'. Did you mean seam.plan._finish?",
        "_finsh": "Did you mean _finish?",
        "seam.plna": "Did you mean seam.plan?",
        "res.partner": "The model res.partner has no seams",
        "seam.plan.copy": "seam.plan.copy is a method, but no seam",
    }.items():
        code, _, err = ready("seams", "show", name, *seam_path)
        assert code == 1 and words in err, name
    assert "No addon overrides a seam of another" in ready("seams", "--extended")[1]


def test_users_are_added_and_changed(ready):
    code, out, _ = ready("user", "add", "bob", "--name", "Bob", "--password", "Correct-Horse-9")
    assert (code, out) == (0, "Added bob\n")
    assert "bob" in ready("user", "list")[1]
    assert ready("user", "groups", "bob")[1] == "base.group_user\n"
    _, out, _ = ready("user", "groups", "bob", "--add", "base.group_system")
    assert "base.group_system" in out.split()
    _, out, _ = ready("user", "groups", "bob", "--remove", "base.group_system")
    assert "base.group_system" not in out.split()
    assert ready("user", "password", "bob", "--password", "Another-Horse-9")[0] == 0
    authenticate = "env['res.users'].authenticate('bob', 'Another-Horse-9').login"
    assert ready("shell", "-c", authenticate)[1] == "bob\n"


def test_access_of_users_is_seen_and_ended(ready):
    ready("user", "add", "bob", "--password", "Correct-Horse-9")
    give = """bob = env["res.users"].search([("login", "=", "bob")])
own = env(uid=bob.id, su=False)["res.users.apikeys"]
own._generate("rpc", "web shop", fields.Datetime.now() + datetime.timedelta(days=1))
env["web.session"]._open(bob, 12)
bob.totp_secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""
    assert ready("shell", "-c", f"import datetime\nfrom core import fields\n{give}")[0] == 0
    assert "web shop" in ready("user", "keys", "bob")[1] and "web shop" not in ready("user", "keys", "admin")[1]
    assert ready("user", "sign-out", "bob")[1] == "Ended 1 session of bob\n"
    assert "web shop" in ready("user", "keys")[1]
    assert ready("user", "sign-out", "bob", "--keys")[0] == 0
    assert "web shop" not in ready("user", "keys")[1]
    assert ready("user", "totp-reset", "bob")[0] == 0
    assert "no second factor" in ready("user", "totp-reset", "bob")[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("user", "add", "admin"), "already"),
        (("user", "add", "eve", "--password", "password1"), "lists that attackers try first"),
        (("user", "password", "nobody", "--password", "x"), "no user 'nobody'"),
        (("user", "groups", "admin", "--add", "no.such_group"), "no group 'no.such_group'"),
        (("user", "groups", "admin", "--add", "base.EUR"), "not a group"),
    ],
)
def test_mistakes_with_users(ready, arguments, words):
    code, _, err = ready(*arguments)
    assert code == 1 and words in err


@pytest.mark.slow
def test_addons_add_commands(ready, tmp_path):
    ready("addons", "new", "cmd_plan", "--path", tmp_path / "mine")
    hooks = tmp_path / "mine/cmd_plan/hooks.py"
    hooks.write_text(
        hooks.read_text() + "\n\nimport click\nimport json\n\n\n"
        "@click.command('count')\n@click.option('--model', default='res.partner')\n"
        "@click.pass_obj\ndef count(session, model):\n    with session.open().transaction() as env:\n"
        "        click.echo(json.dumps(env[model].search_count([])))\n\n\n"
        "@hookimpl\ndef register_commands():\n    return [count]\n"
    )
    path = ("--addons-path", tmp_path / "mine")
    assert ready(*path, "addons", "install", "cmd_plan")[0] == 0
    assert " count" in ready(*path, "--help")[1]
    code, out, _ = ready(*path, "count", "--model", "res.currency")
    assert code == 0 and json.loads(out) > 0
    # The common options say where the command is to be found, also when they come after its name.
    assert ready("count", "--model", "res.currency", *path)[:2] == (code, out)
    assert ready("count", *path, "--model=res.currency")[:2] == (code, out)


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "core", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("stillage, version ")


def test_the_openapi_document_is_printed(ready):
    _, out, _ = ready("openapi", "--model", "res.partner", "--login", "admin")
    document = json.loads(out)
    assert document["openapi"] == "3.1.0" and "/json/2/res.partner/search" in document["paths"]
    code, _, err = ready("openapi", "--model", "nonsense")
    assert code == 1 and "nonsense" in err
