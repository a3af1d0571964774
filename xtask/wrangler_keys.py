"""Makes xtask/check/src/wrangler_keys.json from the schema that wrangler brings:

    npm install && python3 xtask/wrangler_keys.py > xtask/check/src/wrangler_keys.json

A table is an object of the keys that it may have. `null` is a value; "*" stands for keys of one's own; a list of tables is
written as the table. What the schema leaves open is `null`.
"""

import json

schema = json.load(open("node_modules/wrangler/config-schema.json"))


def keys(node, seen=()):
    if not isinstance(node, dict):
        return None
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        return None if name in seen else keys(schema["definitions"][name], (*seen, name))
    found, closed = {}, False
    for part in [part for kind in ("allOf", "anyOf", "oneOf") for part in node.get(kind, [])]:
        inner = keys(part, seen)
        if inner is not None:
            closed = True
            merge(found, inner)
    if "items" in node:
        return keys(node["items"], seen)
    for name, value in node.get("properties", {}).items():
        closed = True
        merge(found, {name: keys(value, seen)})
    more = node.get("additionalProperties")
    if isinstance(more, dict):
        inner = keys(more, seen)
        if inner is None and not more.get("type") and not more:
            return found or None
        closed = True
        merge(found, {"*": inner})
    return found if closed else None


def merge(into, more):
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], value)
        elif name not in into or isinstance(value, dict):
            into[name] = value


root = keys(schema["definitions"]["RawConfig"])
# An environment has a part of the same keys, with the same tables.
root["env"] = {name: None for name in root["env"]["*"]}
# What stands below is the Worker's; the schema of previews leads elsewhere.
root["vars"] = root["define"] = root["previews"] = None
lines = [f"{json.dumps(name)}: {json.dumps(inner, sort_keys=True)}" for name, inner in sorted(root.items())]
print("{\n" + ",\n".join(lines) + "\n}")
