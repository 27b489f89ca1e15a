"""The description of the REST door as a page to read: plain HTML, no script, nothing from another host."""

from __future__ import annotations

import json
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; max-width: 50rem; margin: 2rem auto;
  padding: 0 1rem; }
h2 { font: 600 1.05rem ui-monospace, monospace; margin: 2.2rem 0 .3rem; overflow-wrap: anywhere; }
pre { background: color-mix(in srgb, currentColor 8%, transparent); padding: .7rem; overflow-x: auto; }
td { padding: .1rem 1rem .1rem 0; vertical-align: top; } p { white-space: pre-line; }
"""


def api_page(described: dict[str, Any]) -> str:
    """Return the page for an OpenAPI description."""
    info = described["info"]
    routes = "".join(
        _route(method, path, operation, described)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])} API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><main>'
        f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1><p>{escape(info['description'])}</p>"
        f'<p><a href="api/openapi.json">openapi.json</a></p>{routes}</main></body></html>'
    )


def _route(method: str, path: str, operation: dict[str, Any], described: dict[str, Any]) -> str:
    answers = "".join(
        f"<tr><td>{escape(status)}</td><td>{escape(answer['description'])}</td></tr>"
        for status, answer in sorted(operation["responses"].items())
    )
    return (
        f"<h2>{method.upper()} {escape(path)}</h2><p>{escape(operation.get('description', ''))}</p>"
        f"{_parameters(operation)}<pre>{escape(_curl(method, path, operation, described))}</pre><table>{answers}</table>"
    )


def _parameters(operation: dict[str, Any]) -> str:
    names = [f"<code>{escape(one['name'])}</code> ({escape(one['in'])})" for one in operation.get("parameters", ())]
    return f"<p>{', '.join(names)}</p>" if names else ""


def _curl(method: str, path: str, operation: dict[str, Any], described: dict[str, Any]) -> str:
    line = f"curl {'-X POST ' if method == 'post' else ''}http://127.0.0.1:7860{path}"
    body = operation.get("requestBody")
    if not body:
        return line
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    example = described["components"]["schemas"][name]["examples"][0]
    given = json.dumps(example, ensure_ascii=False)
    return f"curl http://127.0.0.1:7860{path} \\\n  -H 'content-type: application/json' \\\n  -d '{given}'"
