"""Clients of other people's making, on a real server on a database of the test's own."""

import json
import urllib.error
import urllib.request
import xmlrpc.client

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.wrappers import Request

from core.rpc import routes
from core.testing.browser import LiveServer


class RemoteOnly:
    """The remote interfaces without the pages around them."""

    def __init__(self, database):
        self.database = database
        self.map = Map(routes.rules())

    def __call__(self, environ, start_response):
        request = Request(environ)
        try:
            endpoint, values = self.map.bind_to_environ(environ).match()
            response = endpoint(self, request, **values)
        except HTTPException as error:
            response = error.get_response(environ)
        return response(environ, start_response)


@pytest.fixture
def live_server(db):
    """A real server for the remote interfaces on `db`."""
    server = LiveServer(RemoteOnly(db)).start()
    yield server
    server.stop()


class XmlRpc:
    """Python's own XML-RPC client, in Odoo's shape."""

    def __init__(self, url, database, login="admin", password="admin"):
        self.common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
        self.object = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object")
        self.database, self.password = database, password
        self.uid = self.common.authenticate(database, login, password, {})

    def __call__(self, model, method, *args, **kwargs):
        return self.object.execute_kw(self.database, self.uid, self.password, model, method, list(args), kwargs)

    def close(self):
        for proxy in (self.common, self.object):
            proxy("close")()


class Json2:
    """Bare HTTP requests to /json/2."""

    def __init__(self, url, key):
        self.url, self.key = url, key

    def __call__(self, path, body=None, headers=None, method="POST"):
        """(status, parsed body, headers)"""
        data = None if method == "GET" else json.dumps(body or {}).encode()
        sent = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}", **(headers or {})}
        request = urllib.request.Request(self.url + path, data=data, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.loads(response.read()), response.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read()), error.headers


@pytest.fixture
def xml(live_server, db):
    """XML-RPC as admin."""
    client = XmlRpc(live_server.url, db.name)
    yield client
    client.close()


@pytest.fixture
def clerk(db):
    """The id of a user who is nothing but an employee; login "clerk", password "paper and ink"."""
    with db.transaction() as env:
        return env["res.users"].create({"name": "Clerk", "login": "clerk", "password": "paper and ink"}).id


@pytest.fixture
def api_key(db):
    """An API key of admin."""
    with db.transaction(login="admin") as env:
        return env["res.users.apikeys"]._generate("rpc", "test")


@pytest.fixture
def json2(live_server, api_key):
    """/json/2 as admin."""
    return Json2(live_server.url, api_key)
