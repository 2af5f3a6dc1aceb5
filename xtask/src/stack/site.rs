//! What the edge serves beside the API: a page of what the API takes and gives, made from
//! `docs/openapi.json` and the files of `localstack/site`, without a script. Where the dashboard is
//! asked for, it stands at the root, and that page at `/reference/`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::dashboard;
use crate::failure::{OrFail, Result};
use crate::workspace;

const AS_THEY_ARE: [&str; 3] = ["style.css", "icon.svg", "404.html"];
const METHODS: [&str; 2] = ["get", "post"];

/// Writes the site into a folder, in place of what it holds.
pub(super) fn build(into: &Path, with_dashboard: bool) -> Result<()> {
    if into.exists() {
        fs::remove_dir_all(into).or_fail(format_args!("empty {}", into.display()))?;
    }
    if !with_dashboard {
        return reference(into);
    }
    copy(&dashboard::export(), into)?;
    reference(&into.join("reference"))
}

/// Copies a folder with all that it holds.
fn copy(from: &Path, into: &Path) -> Result<()> {
    fs::create_dir_all(into).or_fail(format_args!("make {}", into.display()))?;
    for entry in fs::read_dir(from).or_fail(format_args!("read {}", from.display()))? {
        let entry = entry.or_fail(format_args!("read {}", from.display()))?;
        let target = into.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).or_fail(format_args!("copy {}", target.display()))?;
        }
    }
    Ok(())
}

/// Writes the page of the API and what it needs.
fn reference(into: &Path) -> Result<()> {
    let from = workspace::root().join("localstack/site");
    fs::create_dir_all(into).or_fail(format_args!("make {}", into.display()))?;
    for name in AS_THEY_ARE {
        fs::copy(from.join(name), into.join(name)).or_fail(format_args!("copy {name}"))?;
    }
    let document = read(&workspace::root().join("docs/openapi.json"))?;
    let document: Value = serde_json::from_str(&document).or_fail("parse docs/openapi.json")?;
    let page = page(&read(&from.join("index.html"))?, &document);
    fs::write(into.join("index.html"), page).or_fail("write the API page")
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).or_fail(format_args!("read {}", path.display()))
}

fn page(template: &str, document: &Value) -> String {
    let groups = groups(document);
    let mut navigation = String::from("<a href=\"#first-record\">First record</a>");
    let mut sections = String::new();
    for (title, operations) in &groups {
        let anchor = anchor(title);
        let title = escape(title);
        navigation.push_str(&format!("<a href=\"#{anchor}\">{title}</a>"));
        sections.push_str(&format!(
            "<section id=\"{anchor}\" aria-labelledby=\"{anchor}-title\">\n\
             <h2 id=\"{anchor}-title\">{title}</h2>\n{operations}</section>\n"
        ));
    }
    let schemas = schemas(document);
    if !schemas.is_empty() {
        navigation.push_str("<a href=\"#forms\">Forms</a>");
        sections.push_str(&format!(
            "<section id=\"forms\" aria-labelledby=\"forms-title\">\n\
             <h2 id=\"forms-title\">Forms</h2>\n{schemas}</section>\n"
        ));
    }
    template
        .replace("<!--navigation-->", &navigation)
        .replace("<!--operations-->", &sections)
}

/// The operations as HTML, by their first tag, in the document's order.
fn groups(document: &Value) -> Vec<(String, String)> {
    let mut groups: Vec<(String, String)> = Vec::new();
    let empty = serde_json::Map::new();
    for (path, item) in document["paths"].as_object().unwrap_or(&empty) {
        for method in METHODS {
            let operation = &item[method];
            if !operation.is_object() {
                continue;
            }
            let tag = operation["tags"].get(0).and_then(Value::as_str);
            let title = heading(tag.unwrap_or("API"));
            let html = render_operation(document, method, path, operation);
            match groups.iter_mut().find(|(name, _)| *name == title) {
                Some((_, operations)) => operations.push_str(&html),
                None => groups.push((title, html)),
            }
        }
    }
    groups
}

fn render_operation(document: &Value, method: &str, path: &str, operation: &Value) -> String {
    let summary = text(&operation["summary"]);
    let mut inside = paragraphs(&text(&operation["description"]));
    inside.push_str(&parameters(document, &operation["parameters"]));
    inside.push_str(&request_body(document, &operation["requestBody"]));
    inside.push_str(&responses(document, &operation["responses"]));
    format!(
        "<details class=\"operation\"><summary><span class=\"method {method}\">{}</span>\
         <span class=\"path\">{}</span><span class=\"summary\">{}</span></summary>\n\
         <div class=\"inside\">\n{inside}</div></details>\n",
        method.to_uppercase(),
        escape(path),
        escape(&summary)
    )
}

fn parameters(document: &Value, parameters: &Value) -> String {
    let rows: String = parameters
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| resolve(document, parameter))
        .map(|parameter| {
            row(
                &text(&parameter["name"]),
                parameter["required"] == true,
                &type_of(&parameter["schema"]),
                &text(&parameter["description"]),
            )
        })
        .collect();
    table("Parameters", &["Name", "Type", ""], &rows)
}

fn request_body(document: &Value, body: &Value) -> String {
    let body = resolve(document, body);
    let rows: String = body["content"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(media, content)| {
            row(
                media,
                false,
                &type_of(&content["schema"]),
                &text(&body["description"]),
            )
        })
        .collect();
    table("Body", &["Content type", "Form", ""], &rows)
}

fn responses(document: &Value, responses: &Value) -> String {
    let rows: String = responses
        .as_object()
        .into_iter()
        .flatten()
        .map(|(status, response)| {
            let response = resolve(document, response);
            let form = response["content"]
                .as_object()
                .and_then(|content| content.values().next())
                .map(|content| type_of(&content["schema"]))
                .unwrap_or_default();
            row(status, false, &form, &text(&response["description"]))
        })
        .collect();
    table("Answers", &["Status", "Form", ""], &rows)
}

fn schemas(document: &Value) -> String {
    document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            let required = schema["required"].as_array();
            let rows: String = schema["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(property, form)| {
                    let needed =
                        required.is_some_and(|names| names.contains(&property.as_str().into()));
                    row(
                        property,
                        needed,
                        &type_of(form),
                        &text(&form["description"]),
                    )
                })
                .collect();
            let members = table("", &["Member", "Type", ""], &rows);
            let description = paragraphs(&text(&schema["description"]));
            let alone = if rows.is_empty() {
                format!("<p class=\"type\">{}</p>", type_of(schema))
            } else {
                members
            };
            format!(
                "<details class=\"operation\" id=\"form-{id}\"><summary>\
                 <span class=\"path\">{id}</span></summary>\n\
                 <div class=\"inside\">{description}{alone}</div></details>\n",
                id = escape(name)
            )
        })
        .collect()
}

/// A schema in a few words, as HTML.
fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(reference.rsplit('/').next().unwrap_or(reference));
        return format!("<a href=\"#form-{name}\">{name}</a>");
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().map(|word| escape(&text(word))).collect();
        return words.join(" | ");
    }
    if let Some(constant) = schema.get("const") {
        return escape(&text(constant));
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        if let Some(forms) = schema[choice].as_array() {
            let forms: Vec<String> = forms.iter().map(type_of).collect();
            return forms.join(if choice == "allOf" { " and " } else { " or " });
        }
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("list of {}", type_of(&schema["items"])),
        Value::String(name) => match schema["format"].as_str() {
            Some(format) => format!("{} ({})", escape(name), escape(format)),
            None => escape(name),
        },
        Value::Array(names) => {
            let names: Vec<String> = names.iter().map(|name| escape(&text(name))).collect();
            names.join(" or ")
        }
        _ => "any".to_owned(),
    }
}

/// What a `$ref` points to, in this document.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"]
        .as_str()
        .and_then(|reference| document.pointer(reference.strip_prefix('#')?))
        .unwrap_or(value)
}

fn table(title: &str, heads: &[&str], rows: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let title = if title.is_empty() {
        String::new()
    } else {
        format!("<h4>{title}</h4>\n")
    };
    let heads: String = heads
        .iter()
        .map(|head| format!("<th>{head}</th>"))
        .collect();
    format!(
        "{title}<div class=\"scroll\"><table><thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table></div>\n"
    )
}

/// A row; `form` is HTML already.
fn row(name: &str, required: bool, form: &str, description: &str) -> String {
    let mark = if required {
        " <span class=\"required\">required</span>"
    } else {
        ""
    };
    format!(
        "<tr><td><code>{}</code>{mark}</td><td class=\"type\">{form}</td><td>{}</td></tr>\n",
        escape(name),
        paragraphs(description)
    )
}

fn paragraphs(description: &str) -> String {
    description
        .split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
        .map(|paragraph| format!("<p>{}</p>\n", with_code(&escape(paragraph.trim()))))
        .collect()
}

/// Words in backticks become code.
fn with_code(escaped: &str) -> String {
    let mut html = String::new();
    for (at, piece) in escaped.split('`').enumerate() {
        if at % 2 == 1 {
            html.push_str(&format!("<code>{piece}</code>"));
        } else {
            html.push_str(piece);
        }
    }
    html
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn heading(tag: &str) -> String {
    let mut letters = tag.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn anchor(title: &str) -> String {
    title
        .to_lowercase()
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_form_of_the_document_is_on_the_page() {
        let document = serde_json::json!({
            "paths": {"/api/v1/things/{id}": {"get": {
                "tags": ["reading"], "summary": "One <thing>",
                "parameters": [{"name": "id", "required": true, "schema": {"type": "string"},
                    "description": "Its `id`."}],
                "responses": {"200": {"description": "Here.", "content": {"application/json":
                    {"schema": {"$ref": "#/components/schemas/Thing"}}}}},
            }}},
            "components": {"schemas": {"Thing": {"type": "object", "required": ["size"],
                "properties": {"size": {"type": ["integer", "null"]}}}}},
        });
        let html = page(
            "<nav><!--navigation--></nav><main><!--operations--></main>",
            &document,
        );
        for part in [
            "<a href=\"#reading\">Reading</a>",
            "One &lt;thing&gt;",
            "/api/v1/things/{id}",
            "Its <code>id</code>.",
            "<a href=\"#form-Thing\">Thing</a>",
            "integer or null",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
    }
}
