"""Many2many fields that are computed and stored: their links follow from others, or are those that were entered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core import api, fields, models
from core.api import Command
from core.testing.queries import max_queries

pytestmark = pytest.mark.both_dialects("sql")


class Skill(models.Model):
    _name = "c.skill"
    _description = "Skill"

    name = fields.Char()


class Task(models.Model):
    _name = "c.task"
    _description = "Task"

    job_id = fields.Many2one("c.job")
    name = fields.Char()
    skill_id = fields.Many2one("c.skill")


class Job(models.Model):
    _name = "c.job"
    _description = "Job"

    kind = fields.Char()
    task_ids = fields.One2many("c.task", "job_id")
    skill_ids = fields.Many2many("c.skill", compute="_compute_skills", store=True, readonly=False)
    first_task = fields.Char(compute="_compute_first_task", store=True, readonly=False)
    skill_count = fields.Integer(compute="_compute_skill_count", store=True)

    @api.depends("kind", "task_ids.skill_id")
    def _compute_skills(self) -> None:
        by_name = {skill.name: skill for skill in self.env["c.skill"].search([("name", "in", self.mapped("kind"))])}
        for job in self:
            job.skill_ids = job.task_ids.skill_id or by_name.get(job.kind)

    @api.depends("kind", "task_ids.name")
    def _compute_first_task(self) -> None:
        for job in self:
            job.first_task = job.task_ids[:1].name or job.kind

    @api.depends("skill_ids")
    def _compute_skill_count(self) -> None:
        for job in self:
            job.skill_count = len(job.skill_ids)


@pytest.fixture
def workshop(dialect: str, model_databases: Any) -> Iterator[Any]:
    """An environment with the models above and the skills sawing, gluing and painting."""
    with model_databases(dialect, [Skill, Task, Job]).env() as env:
        env["c.skill"].create([{"name": name} for name in ("sawing", "gluing", "painting")])
        yield env


def skills(env: Any, *names: str) -> Any:
    return env["c.skill"].search([("name", "in", names)])


def stored(jobs: Any) -> list[Any]:
    """Skills, their number and the first task of each job, as the database has them."""
    jobs.env.flush_all()
    jobs.env.invalidate_all()
    return [(job.skill_ids.mapped("name"), job.skill_count, job.first_task) for job in jobs]


def test_links_that_are_not_given_are_computed_and_stored(workshop: Any) -> None:
    job = workshop["c.job"].create({"kind": "sawing"})
    assert stored(job) == [(["sawing"], 1, "sawing")]
    job.kind = "gluing"
    assert workshop["c.job"].search([("skill_ids.name", "=", "gluing")]) == job
    assert stored(job) == [(["gluing"], 1, "gluing")]


def test_links_given_to_create_are_not_computed_over(workshop: Any) -> None:
    """Neither for what the record is made of nor for its lines, none at all included; others are computed."""
    task = Command.create({"name": "Saw", "skill_id": skills(workshop, "sawing").id})
    jobs = workshop["c.job"].create(
        [
            {"kind": "sawing", "skill_ids": [Command.set(skills(workshop, "gluing", "painting").ids)]},
            {"kind": "sawing"},
            {"kind": "gluing", "skill_ids": [Command.link(skills(workshop, "painting").id)], "task_ids": [task]},
            {"kind": "sawing", "skill_ids": []},
            {"kind": "gluing", "skill_ids": [Command.create({"name": "welding"})]},
        ]
    )
    wanted = [["gluing", "painting"], ["sawing"], ["painting"], [], ["welding"]]
    assert [job.skill_ids.mapped("name") for job in jobs] == wanted
    assert [(names, count) for names, count, _first in stored(jobs)] == [(names, len(names)) for names in wanted]
    jobs[0].kind = "painting"
    assert stored(jobs[0])[0][:2] == (["painting"], 1), "it follows again when what it depends on changes"


def test_a_column_given_to_create_is_not_computed_over_by_lines(workshop: Any) -> None:
    job = workshop["c.job"].create({"first_task": "Plan", "task_ids": [Command.create({"name": "Saw"})]})
    assert job.first_task == "Plan"
    assert stored(job)[0][2] == "Plan"


def test_links_that_are_written_are_not_computed_over(workshop: Any) -> None:
    job = workshop["c.job"].create({"kind": "sawing"})
    task = Command.create({"name": "Paint", "skill_id": skills(workshop, "painting").id})
    job.write({"kind": "gluing", "skill_ids": [Command.set(skills(workshop, "sawing").ids)], "task_ids": [task]})
    assert stored(job) == [(["sawing"], 1, "Paint")]
    job.skill_ids |= skills(workshop, "gluing")
    assert stored(job)[0][:2] == (["sawing", "gluing"], 2)


def test_given_links_of_many_records_take_as_many_statements_as_those_of_few(workshop: Any) -> None:
    glue = skills(workshop, "gluing").ids

    def make(number: int) -> None:
        workshop["c.job"].create([{"skill_ids": glue}, {"skill_ids": []}] * number)
        workshop.flush_all()

    make(1)
    with max_queries(workshop, 3):  # jobs, links, and ids on SQLite
        make(50)
