"""The smallest instance of a JSON schema, for answers that must have a form."""

from __future__ import annotations

from typing import Any

_DEEPEST = 12


def instance_of(schema: dict[str, Any]) -> Any:
    """Something small that ``schema`` allows: required fields only, the first of every choice."""
    return _made(schema, schema, 0)


def _made(schema: Any, root: dict[str, Any], depth: int) -> Any:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    if isinstance(schema.get("$ref"), str):
        return _made(_pointed(schema["$ref"], root), root, depth + 1)
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    for choices in ("enum", "examples"):
        if isinstance(schema.get(choices), list) and schema[choices]:
            return schema[choices][0]
    for choices in ("anyOf", "oneOf"):
        if isinstance(schema.get(choices), list) and schema[choices]:
            return _made(schema[choices][0], root, depth + 1)
    if isinstance(schema.get("allOf"), list) and schema["allOf"]:
        parts = [_made(part, root, depth + 1) for part in schema["allOf"]]
        return {key: value for part in parts if isinstance(part, dict) for key, value in part.items()} or parts[0]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    return _of_type(kind[0] if isinstance(kind, list) else kind, schema, root, depth)


def _of_type(kind: str, schema: dict[str, Any], root: dict[str, Any], depth: int) -> Any:
    match kind:
        case "object":
            fields = schema.get("properties", {})
            return {name: _made(fields.get(name, {}), root, depth + 1) for name in schema.get("required", [])}
        case "array":
            parts = schema.get("prefixItems") or [schema.get("items", {})] * int(schema.get("minItems", 0))
            return [_made(part, root, depth + 1) for part in parts]
        case "integer" | "number":
            least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + ("exclusiveMinimum" in schema))
            return least if isinstance(least, int | float) else 0
        case "boolean":
            return False
        case "null":
            return None
    return "text".ljust(int(schema.get("minLength", 0)), "-")[: int(schema.get("maxLength", 1_000_000))]


def _pointed(pointer: str, root: dict[str, Any]) -> Any:
    found: Any = root
    for part in pointer.removeprefix("#/").split("/"):
        found = found.get(part) if isinstance(found, dict) else None
    return found
