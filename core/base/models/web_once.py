"""One-time keys of forms: what a form did, so that sending it twice does it once."""

from __future__ import annotations

from datetime import timedelta

from core import api, fields, models


class WebOnce(models.Model):
    """A form that was carried out, and where its sender was taken afterwards.

    Every form has a random key. It is written in the transaction that does the work, and it is unique. So of a double
    click, a second tab or a retry one does the work; the others find the key taken and are taken to the first one's
    result.

    Keys come from clients, so each user and each interface (``form``, ``question``, ``json/2``) has keys of its own:
    none can be taken in another's name. They are not bound to a session: a form that is given back after its session
    ended keeps its key, and what it did before is not done again.
    """

    _name = "web.once"
    _description = "Form Carried Out"
    _order = "id desc"
    _log_access = False

    key = fields.Char(required=True, copy=False)
    interface = fields.Char(required=True, copy=False, default="form", help="The interface that the key came through")
    user_id = fields.Many2one("res.users", string="User", required=True, ondelete="cascade", index=True)
    location = fields.Char(help="Where the sender was taken")
    message = fields.Char(help="What the sender was told")
    done = fields.Datetime(required=True, default=fields.Datetime.now, index=True)

    _interface_key_unique = models.UniqueIndex("(user_id, interface, key)", "This form was carried out already.")

    @api.model
    def _result(self, key: str, uid: int, interface: str = "form") -> WebOnce:
        """What the form with this key did for this user, or none when it was not carried out."""
        return self.sudo().search([("key", "=", key), ("interface", "=", interface), ("user_id", "=", uid)], limit=1)

    @api.model
    def _claim(self, key: str, uid: int, interface: str = "form") -> bool:
        """Take the key for this transaction; False when the form was carried out already.

        While another transaction holds the key, this waits for its end. Only then is it known whether the work was
        done.
        """
        self.env.flush_all()
        # Should the connection be lost while all this is committed, the next attempt finds out by the key.
        self.env.cr.repeatable = True
        result = self.env.cr.execute(
            "INSERT INTO web_once (key, interface, user_id, done) VALUES (:key, :interface, :uid, :done)"
            " ON CONFLICT (user_id, interface, key) DO NOTHING",
            {"key": key, "interface": interface, "uid": uid, "done": fields.Datetime.now()},
        )
        return bool(result.rowcount)

    @api.model
    def _note(self, key: str, uid: int, location: str, message: str = "", interface: str = "form") -> None:
        """Remember where the sender of the form was taken and what they were told."""
        self._result(key, uid, interface).write({"location": location, "message": message})

    @api.autovacuum
    def _gc_old(self) -> None:
        self.sudo().search([("done", "<", fields.Datetime.now() - timedelta(days=7))]).unlink()
