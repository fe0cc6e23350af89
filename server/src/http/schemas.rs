//! What goes in and out as JSON, described: one line for each type in `schemas.txt`.
//!
//! `Name = field: type, field?: type` is an object, whose marked fields may be left out; `Name = a | b` is one of some
//! words. Types are `string`, `number`, `integer`, `boolean`, `any`, `object` (told by its name in `grid_engine`), a
//! name, and `[type]`; `or null` may follow.

use serde_json::{Map, Value, json};

const TEXT: &str = include_str!("schemas.txt");

/// All of them, by name.
pub(super) fn schemas() -> Map<String, Value> {
    let lines = TEXT.lines().filter_map(|line| line.split_once(" = "));
    lines.map(|(name, says)| (name.to_owned(), schema(says))).collect()
}

/// A type by its name.
pub(super) fn reference(name: &str) -> Value {
    if let Some(name) = name.strip_suffix(" or null") {
        return json!({ "anyOf": [reference(name), { "type": "null" }] });
    }
    match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(inner) => json!({ "type": "array", "items": reference(inner) }),
        None if name == "any" => json!({}),
        None if name.starts_with(|c: char| c.is_ascii_lowercase()) => json!({ "type": name }),
        None => json!({ "$ref": format!("#/components/schemas/{name}") }),
    }
}

fn schema(says: &str) -> Value {
    if !says.contains(':') {
        let words: Vec<&str> = says.split(" | ").collect();
        return json!({ "type": "string", "enum": words });
    }
    let fields = says.split(", ").filter_map(|field| field.split_once(": "));
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, of) in fields {
        let name = match name.strip_suffix('?') {
            Some(name) => name,
            None => {
                required.push(name);
                name
            }
        };
        properties.insert(name.to_owned(), reference(of));
    }
    json!({ "type": "object", "properties": properties, "required": required })
}
