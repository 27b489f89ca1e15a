"""The guard: who may come in, under which name, from which page."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from index import SettingsError
from ui import security
from ui.hosts import known_hosts
from ui.passwords import hash_password, is_hashed, verify_password
from ui.security import COOKIE, Guard
from ui.server import SubPath, check_address, clean_root

PASSWORD = "开门 sesame"
HASHED = hash_password(PASSWORD)


def guarded(password_hash: str | None = None, host: str = "127.0.0.1", name: str = "127.0.0.1", root: str = "") -> TestClient:
    app = FastAPI()
    app.get("/healthz")(lambda: "ok")
    app.get("/")(lambda: "page")
    app.post("/change")(lambda: "changed")
    app.get("/gradio_api/file={path:path}")(lambda path: path)
    app.get("/youju/samples")(lambda: "samples")
    return TestClient(SubPath(Guard(app, known_hosts(host), password_hash), root), f"http://{name}:7860", follow_redirects=False)


def test_a_password_is_kept_as_a_salted_hash() -> None:
    assert hash_password(PASSWORD) != HASHED
    assert PASSWORD not in HASHED
    assert is_hashed(HASHED)
    assert not is_hashed(PASSWORD)
    assert verify_password(PASSWORD, HASHED)
    assert not verify_password(PASSWORD + " ", HASHED)


@pytest.mark.parametrize("damaged", ["", "scrypt$1$2$3", "scrypt$16384$8$1$????$????", HASHED[:-8], HASHED.replace("$8$", "$x$")])
def test_a_damaged_hash_lets_nobody_in(damaged: str) -> None:
    assert not verify_password(PASSWORD, damaged)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_own_names_are_served(name: str) -> None:
    assert guarded(name=name).get("/").status_code == 200


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "10.0.0.7", "localhost.evil.example"])
def test_another_name_is_refused(name: str) -> None:
    """A page of another host that resolves to this computer would read the documents."""
    assert guarded(name=name).get("/").status_code == 403
    assert guarded(name=name).get("/healthz").status_code == 200


def test_the_name_that_was_bound_is_served() -> None:
    assert guarded(host="10.0.0.7", name="10.0.0.7").get("/").status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9999", "null", "https://127.0.0.1"])
def test_changes_from_other_pages_are_refused(origin: str) -> None:
    assert guarded().post("/change", headers={"origin": origin}).status_code == 403


def test_changes_from_our_page_and_from_programs_pass() -> None:
    client = guarded()
    assert client.post("/change", headers={"origin": "http://127.0.0.1:7860"}).text == '"changed"'
    assert client.post("/change").status_code == 200


def test_other_sites_may_link_here_but_not_load_from_here() -> None:
    cross = {"sec-fetch-site": "cross-site"}
    assert guarded().get("/", headers={**cross, "sec-fetch-mode": "no-cors"}).status_code == 403
    assert guarded().get("/", headers={**cross, "sec-fetch-mode": "navigate"}).status_code == 200


@pytest.mark.parametrize("path", ["/gradio_api/file=/etc/passwd", "/gradio_api/proxy=http://evil.example/", "/gradio_api/upload"])
def test_doors_of_the_framework_that_the_page_does_not_use_are_closed(path: str) -> None:
    assert guarded().get(path).status_code == 404
    assert guarded().post(path).status_code == 404


def test_every_answer_keeps_the_browser_from_other_hosts() -> None:
    for response in (guarded().get("/"), guarded(name="evil.example").get("/"), guarded(HASHED).get("/youju/login")):
        policy = response.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "connect-src 'self'" in policy
        assert "http" not in policy
        assert response.headers["referrer-policy"] == "same-origin"


def test_with_a_password_everything_but_health_is_closed() -> None:
    client = guarded(HASHED)
    assert client.get("/healthz").status_code == 200
    assert client.get("/").status_code == 401
    assert client.post("/change").status_code == 401
    assert client.get("/no/such/page").status_code == 401
    asked = client.get("/", headers={"accept": "text/html"})
    assert (asked.status_code, asked.headers["location"]) == (303, "/youju/login")


def test_the_password_opens_and_leaving_closes() -> None:
    client = guarded(HASHED)
    assert 'type="password"' in client.get("/youju/login", headers={"accept-language": "zh"}).text
    assert client.post("/youju/login", data={"password": "wrong"}).status_code == 401
    assert client.get("/").status_code == 401
    entered = client.post("/youju/login", data={"password": PASSWORD})
    assert entered.status_code == 303
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert client.get("/").text == '"page"'
    token = client.cookies[COOKIE]
    client.post("/youju/logout")
    assert client.get("/", headers={"cookie": f"{COOKIE}={token}"}).status_code == 401


def test_a_made_up_session_opens_nothing() -> None:
    assert guarded(HASHED).get("/", headers={"cookie": f"{COOKIE}=made-up"}).status_code == 401
    assert guarded(HASHED).get("/", headers={"cookie": "\x01;;==,"}).status_code == 401


def test_a_session_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    client = guarded(HASHED)
    client.post("/youju/login", data={"password": PASSWORD})
    assert client.get("/").status_code == 200
    now = security.time.monotonic()
    monkeypatch.setattr(security.time, "monotonic", lambda: now + security.SESSION_S + 1)
    assert client.get("/").status_code == 401


def test_guessing_is_slowed_down() -> None:
    client = guarded(HASHED)
    for _ in range(security.FREE_TRIES):
        assert client.post("/youju/login", data={"password": "wrong"}).status_code == 401
    assert client.post("/youju/login", data={"password": PASSWORD}).status_code == 429


def test_a_login_of_any_length_is_not_read_to_its_end() -> None:
    assert guarded(HASHED).post("/youju/login", data={"password": "x" * 1_000_000}).status_code == 401


def test_below_a_sub_path() -> None:
    client = guarded(HASHED, root="/tools/youju")
    asked = client.get("/tools/youju/", headers={"accept": "text/html"})
    assert asked.headers["location"] == "/tools/youju/youju/login"
    entered = client.post("/tools/youju/youju/login", data={"password": PASSWORD})
    assert entered.headers["location"] == "/tools/youju/"
    assert "path=/tools/youju" in entered.headers["set-cookie"].lower()
    assert client.get("/tools/youju/").text == '"page"'
    assert client.get("/tools/youju").headers["location"] == "/tools/youju/"
    assert client.get("/tools/youju/gradio_api/upload").status_code == 404


def test_a_proxy_may_take_the_sub_path_off() -> None:
    assert guarded(root="/tools").get("/healthz").text == '"ok"'


@pytest.mark.parametrize(("given", "clean"), [("", ""), ("/", ""), ("a/b/", "/a/b"), ("/a", "/a")])
def test_spellings_of_a_sub_path(given: str, clean: str) -> None:
    assert clean_root(given) == clean


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "docs.example"])
def test_other_computers_need_a_password_or_the_word(host: str) -> None:
    with pytest.raises(SettingsError, match="--allow-remote"):
        check_address(host, None, allow_remote=False)
    check_address(host, None, allow_remote=True)
    check_address(host, "secret", allow_remote=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_this_computer_needs_neither(host: str) -> None:
    check_address(host, None, allow_remote=False)


def test_an_empty_password_is_a_mistake() -> None:
    with pytest.raises(SettingsError, match="empty"):
        check_address("127.0.0.1", "", allow_remote=True)


@pytest.mark.parametrize(("name", "status"), [("192.168.1.5", 200), ("[fe80::1]", 200), ("evil.example", 403)])
def test_a_server_for_all_addresses_may_be_called_by_each_but_by_no_foreign_name(name: str, status: int) -> None:
    assert guarded(host="0.0.0.0", name=name).get("/").status_code == status
    assert guarded(host="::", name=name).get("/").status_code == status


def test_a_server_for_this_computer_alone_may_not_be_called_by_another_address() -> None:
    assert guarded(name="192.168.1.5").get("/").status_code == 403


@pytest.mark.parametrize("path", ["/youju/youju/samples", "/youju/samples"])
def test_a_sub_path_may_be_named_as_our_own_routes_are_whether_the_proxy_keeps_it_or_not(path: str) -> None:
    assert guarded(root="/youju").get(path).json() == "samples"


@pytest.mark.parametrize("path", ["/youju/youju/login", "/youju/login"])
def test_the_login_is_reached_below_such_a_sub_path(path: str) -> None:
    assert guarded(HASHED, root="/youju").get(path, headers={"accept": "text/html"}).status_code == 200
