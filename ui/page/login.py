"""The page that asks for the password: no script, no file beside it, since nothing else is open before it."""

from __future__ import annotations

from html import escape

from ui.page.words import language_from, words

_STYLE = """
:root{color-scheme:light dark;--ground:#faf9f6;--card:#fff;--ink:#1f2328;--line:#e2dfd7;--edge:#8b8880;--accent:#9a3b26;--on:#fff;
--bad:#b3001b}
@media (prefers-color-scheme:dark){:root{--ground:#17181a;--card:#202225;--ink:#e8e6e1;--line:#34373c;--edge:#7d8187;
--accent:#f0957c;--on:#17181a;--bad:#ff6b6b}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink);
font:16px/1.75 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
form{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:32px;width:min(20rem,calc(100vw - 96px))}
h1{margin:0 0 16px;font-size:1.2rem;font-weight:400}h1 b{color:var(--accent);font-size:1.4rem;letter-spacing:.06em}
label{display:block}
input,button{box-sizing:border-box;width:100%;font:inherit;padding:8px 12px;margin-top:8px;border-radius:10px;
border:1px solid var(--edge);background:var(--ground);color:inherit}
button{font-weight:600;background:var(--accent);border-color:var(--accent);color:var(--on);cursor:pointer}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
input:focus-visible{outline:none;border-color:var(--accent);box-shadow:0 0 0 1px var(--accent)}
p{color:var(--bad);margin:4px 0;min-height:1.75em;font-size:.9rem}
"""


def login_page(accept_language: str, *, failed: bool = False, wait_s: float = 0.0) -> str:
    """Return the whole page."""
    language = language_from(accept_language)
    note = ""
    if wait_s > 0:
        note = words("wait_login", language, n=int(wait_s) + 1)
    elif failed:
        note = words("wrong_password", language)
    said = f'<p id="note"{" role=alert" if note else ""}>{escape(note)}</p>'
    invalid = ' aria-invalid="true" aria-describedby="note"' if note else ""
    return (
        f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>Youju 有据</title>'
        f'<style>{_STYLE}</style></head><body><main><form method="post"><h1><b>有据</b> Youju</h1>'
        f'<label for="password">{escape(words("password", language))}</label>'
        f'<input id="password" name="password" type="password" autocomplete="current-password" required autofocus{invalid}>'
        f'{said}<button type="submit">{escape(words("log_in", language))}</button></form></main></body></html>'
    )
