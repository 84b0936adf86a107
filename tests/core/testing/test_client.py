"""The web client and the browser of core.testing reach the application as people do."""

import pytest

pytestmark = pytest.mark.dialects("sqlite")


def test_the_client_is_signed_in(client):
    """A page for users answers."""
    assert client.get("/app").status_code == 200


def test_without_signing_in_there_is_only_the_way_in(anonymous):
    """Every page leads to the sign-in page."""
    page = anonymous.get("/app", follow_redirects=True)
    assert page.request.path == "/login"


def test_a_wrong_password_is_told(anonymous):
    """With what the page says."""
    with pytest.raises(AssertionError, match="could not sign in"):
        anonymous.sign_in("admin", "wrong")


def test_a_form_that_is_not_there_is_described(anonymous):
    """The message lists the forms that there are."""
    with pytest.raises(AssertionError, match="login"):
        anonymous.submit(anonymous.get("/login"), {"nonsense": 1})


def test_the_browser_is_signed_in(browser):
    """A real page in a real browser."""
    browser.goto("/app")
    assert "/login" not in browser.url
