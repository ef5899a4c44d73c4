"""The part of JSON Schema (2020-12) that `rung help schema` uses, to check values with it."""
import re
from datetime import datetime

TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool,
         "array": list, "object": dict, "null": type(None)}
KNOWN = {"type", "format", "properties", "required", "additionalProperties", "patternProperties",
         "items", "$ref"}


def is_of(value, name):
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, TYPES[name])


class Checker:
    """Raises AssertionError with the place of what is wrong."""

    def __init__(self, document):
        self.definitions = document["$defs"]

    def check(self, value, schema, place="$"):
        assert set(schema) <= KNOWN, (place, set(schema) - KNOWN)
        if "$ref" in schema:
            self.check(value, self.definitions[schema["$ref"].rpartition("/")[2]], place)
            return
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        assert any(is_of(value, name) for name in names), "%s: %r is no %s" % (place, value, names)
        if isinstance(value, dict):
            self.check_object(value, schema, place)
        elif isinstance(value, list):
            for i, item in enumerate(value):
                self.check(item, schema["items"], "%s[%d]" % (place, i))
        elif isinstance(value, str) and schema.get("format") == "date-time":
            assert value.endswith("Z"), (place, value)
            datetime.fromisoformat(value[:19])

    def check_object(self, value, schema, place):
        missing = set(schema.get("required", [])) - set(value)
        assert not missing, "%s lacks %s" % (place, sorted(missing))
        for key, item in value.items():
            below = schema.get("properties", {}).get(key)
            for pattern, of_pattern in schema.get("patternProperties", {}).items():
                below = below or (of_pattern if re.search(pattern, key) else None)
            below = below or schema.get("additionalProperties")
            assert below, "%s: no key %r is known" % (place, key)
            self.check(item, below, "%s.%s" % (place, key))
