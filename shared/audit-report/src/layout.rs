//! A report's content as one HTML page: no script, no request, no style but ours.
//!
//! The policy in the page's head forbids all of these again, so that a fault in the escaping would
//! still load and run nothing. Tagged PDF takes its structure from the elements: headings in steps
//! of one, tables with headers and scopes, lists, and pictures with a text in their place.

use crate::chart;
use crate::content::{Block, Cell, Document, Paper, Section, Span, Table, Text};
use crate::figures;
use crate::markup::Markup;

/// The most characters of a recorded text that print. A longer one is cut with a mark that says how
/// much is left out; the whole text is in the attached record. 20,000 take some six pages.
pub const PRINTED_CHARS_MAX: usize = 20_000;

const SHEET: &str = include_str!("style.css");
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The HTML of a report.
#[must_use]
pub fn html(document: &Document) -> String {
    let mut page = Markup::document();
    page.element("html", &[("lang", "en".into())], |html| {
        html.element("head", &[], |head| head_of(document, head));
        html.newline();
        html.element("body", &[], |body| {
            body.element("h1", &[], |h1| h1.text(&document.title));
            blocks(&document.opening, body);
            if document.contents {
                contents(&document.sections, body);
            }
            for section in &document.sections {
                body.newline();
                self::section(section, body);
            }
        });
    });
    page.newline();
    page.finish()
}

fn head_of(document: &Document, head: &mut Markup) {
    head.empty("meta", &[("charset", "utf-8".into())]);
    head.empty(
        "meta",
        &[
            ("http-equiv", "Content-Security-Policy".into()),
            ("content", POLICY.into()),
        ],
    );
    head.element("title", &[], |title| title.text(&document.title));
    head.style(&pages(document));
    head.style(SHEET);
}

/// The pages' size, margins, head and foot. Of the strings only plain ASCII reaches the sheet.
fn pages(document: &Document) -> String {
    let size = match document.paper {
        Paper::A4 => "A4",
        Paper::Letter => "Letter",
    };
    let word = |text: &str| -> String {
        let plain = |c: &char| c.is_ascii_alphanumeric() || " .,:/_-".contains(*c);
        text.chars().filter(plain).collect()
    };
    let font = "font:7.5pt \"Noto Sans\";color:#4d5561;text-rendering:geometricPrecision";
    let (head, job) = (word(&document.running_head), word(&document.job));
    format!(
        "@page{{size:{size};margin:20mm 18mm 18mm;\
         @top-left{{content:\"{head}\";{font}}}\
         @bottom-left{{content:\"{job}\";{font}}}\
         @bottom-right{{content:\"Page \" counter(page) \" of \" counter(pages);{font}}}}}"
    )
}

fn contents(sections: &[Section], page: &mut Markup) {
    page.element("div", &[("class", "contents".into())], |div| {
        div.element("ul", &[], |list| {
            for section in sections {
                let target = format!("#{}", section.anchor);
                list.element("li", &[], |item| {
                    item.element("a", &[("href", target.into())], |a| a.text(section.heading));
                });
            }
        });
    });
}

fn section(section: &Section, page: &mut Markup) {
    page.element("h2", &[("id", section.anchor.into())], |h2| {
        h2.text(section.heading);
    });
    if !section.serves.is_empty() {
        let duties: Vec<String> = section.serves.iter().map(|duty| duty.short()).collect();
        page.element("p", &[("class", "serves".into())], |p| {
            p.text(&format!("Serves {}", duties.join("; ")));
        });
    }
    blocks(&section.blocks, page);
}

fn blocks(blocks: &[Block], page: &mut Markup) {
    for block in blocks {
        page.newline();
        self::block(block, page);
    }
}

fn block(block: &Block, page: &mut Markup) {
    match block {
        Block::Heading(heading) => page.element("h3", &[], |h3| h3.text(heading)),
        Block::Paragraph(text) => page.element("p", &[], |p| spans(text, p)),
        Block::Notice(text) => {
            page.element("p", &[("class", "notice".into())], |p| spans(text, p));
        }
        Block::Facts(facts) => page.element("table", &[("class", "facts".into())], |table| {
            table.element("tbody", &[], |body| {
                for (name, value) in facts {
                    body.element("tr", &[], |row| {
                        row.element("th", &[("scope", "row".into())], |th| th.text(name));
                        row.element("td", &[], |td| spans(value, td));
                    });
                }
            });
        }),
        Block::Table(table) => self::table(table, page),
        Block::Chart(picture) => {
            page.element("p", &[("class", "chart-caption".into())], |p| {
                p.text(picture.caption);
            });
            page.element("div", &[("class", "chart".into())], |div| {
                chart::draw(picture, div);
            });
        }
        Block::Quote { label, text } => quote(label, text, page),
        Block::List(items) => page.element("ul", &[], |list| {
            for item in items {
                list.element("li", &[], |li| spans(item, li));
            }
        }),
        Block::Source(query) => page.element("p", &[("class", "source".into())], |p| {
            p.text("Source: ");
            p.element("span", &[("class", "code".into())], |code| {
                code.text(&query.to_string());
            });
            if !query.then.is_empty() {
                p.text(&format!(" ({})", query.then));
            }
        }),
    }
}

fn table(table: &Table, page: &mut Markup) {
    if table.rows.is_empty() {
        page.element("p", &[], |p| p.text(table.empty));
        return;
    }
    page.element("table", &[], |element| {
        element.element("caption", &[], |caption| spans(&table.caption, caption));
        element.element("thead", &[], |head| {
            head.element("tr", &[], |row| {
                for column in &table.columns {
                    let class = if column.numbers { "number" } else { "words" };
                    let attributes = [("scope", "col".into()), ("class", class.into())];
                    row.element("th", &attributes, |th| th.text(column.heading));
                }
            });
        });
        element.element("tbody", &[], |body| {
            for cells in &table.rows {
                body.element("tr", &[], |row| self::row(table, cells, row));
            }
        });
    });
}

fn row(table: &Table, cells: &[Cell], row: &mut Markup) {
    for (at, (cell, column)) in cells.iter().zip(&table.columns).enumerate() {
        let class = if column.numbers { "number" } else { "words" };
        let fill = |td: &mut Markup| self::cell(cell, td);
        if at == 0 {
            row.element(
                "th",
                &[("scope", "row".into()), ("class", class.into())],
                fill,
            );
        } else {
            row.element("td", &[("class", class.into())], fill);
        }
    }
}

fn cell(cell: &Cell, td: &mut Markup) {
    match cell {
        // A cell without content would be missing from its row in the tagged PDF.
        Cell::Text(text) if text.0.is_empty() => td.text("–"),
        Cell::Text(text) => spans(text, td),
        Cell::Count(number) => td.text(&figures::count(*number)),
        Cell::Time(time) => {
            let time = time.to_string();
            let (day, hour) = time.split_once('T').unwrap_or((&time, ""));
            for (at, part) in [day, hour].into_iter().enumerate() {
                td.text(if at == 0 { "" } else { " " });
                td.element("span", &[("class", "whole".into())], |span| span.text(part));
            }
        }
        Cell::Share { part, whole } => {
            chart::share(*part, *whole, td);
            td.text(&figures::percent(*part, *whole).unwrap_or_else(|| "none".to_owned()));
        }
    }
}

fn quote(label: &Text, text: &str, page: &mut Markup) {
    page.element("p", &[("class", "quote-label".into())], |p| spans(label, p));
    let (shown, left_out) = cut(text, PRINTED_CHARS_MAX);
    page.element(
        "div",
        &[("class", "quote".into()), ("dir", "auto".into())],
        |div| {
            if text.is_empty() {
                div.text("(empty)");
            }
            div.text(shown);
        },
    );
    if left_out > 0 {
        page.element("p", &[("class", "notice".into())], |p| {
            p.text(&mark_of(left_out));
        });
    }
}

fn spans(text: &Text, page: &mut Markup) {
    for span in &text.0 {
        match span {
            Span::Said(words) => page.text(words),
            Span::Strong(words) => page.element("strong", &[], |strong| strong.text(words)),
            Span::Recorded(words) => {
                let (shown, left_out) = cut(words, PRINTED_CHARS_MAX);
                page.element("bdi", &[("class", "said-by-record".into())], |bdi| {
                    bdi.text(seen(words, shown));
                });
                if left_out > 0 {
                    page.text(&format!(" [{}]", mark_of(left_out)));
                }
            }
            Span::Code(words) => {
                page.element("span", &[("class", "code".into())], |code| code.text(words));
            }
            Span::Link { anchor, words } => {
                let target = format!("#{anchor}");
                page.element("a", &[("href", target.into())], |a| a.text(words));
            }
        }
    }
}

/// What is shown of a text, which may be nothing that could be seen.
fn seen<'a>(text: &str, shown: &'a str) -> &'a str {
    match shown.trim() {
        "" if text.is_empty() => "(empty)",
        "" => "(white space)",
        _ => shown,
    }
}

fn mark_of(left_out: usize) -> String {
    let left_out = figures::counted(
        u64::try_from(left_out).unwrap_or(u64::MAX),
        ("more character is", "more characters are"),
    );
    format!("Cut here for print: {left_out} in the attached record.")
}

/// The beginning of a text up to a number of characters, never inside a cluster, and how many
/// characters are left out.
fn cut(text: &str, max: usize) -> (&str, usize) {
    use unicode_segmentation::UnicodeSegmentation as _;
    let Some((end, _)) = text.char_indices().nth(max) else {
        return (text, 0);
    };
    // A cluster is short but for towers of marks, which may then be cut through.
    let tail_from = text[..end]
        .char_indices()
        .rev()
        .nth(31)
        .map_or(0, |(at, _)| at);
    let window_to = text[end..]
        .char_indices()
        .nth(32)
        .map_or(text.len(), |(at, _)| end + at);
    let breaks = text[tail_from..window_to].grapheme_indices(true);
    let whole = breaks
        .map(|(at, _)| tail_from + at)
        .take_while(|at| *at <= end)
        .last()
        .filter(|at| *at > tail_from)
        .unwrap_or(end);
    (&text[..whole], text[whole..].chars().count())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_cut_between_clusters() {
        for (text, max, shown, left_out) in [
            ("abc", 3, "abc", 0),
            ("abcd", 3, "abc", 1),
            ("ab👩\u{200d}👩c", 3, "ab", 4),
            ("abe\u{301}c", 3, "ab", 3),
        ] {
            assert_eq!(cut(text, max), (shown, left_out), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_cut_is_counted(text in any::<String>(), max in 1_usize..40) {
            let (shown, left_out) = cut(&text, max);
            prop_assert!(text.starts_with(shown));
            prop_assert!(shown.chars().count() <= max);
            prop_assert_eq!(shown.chars().count() + left_out, text.chars().count());
            prop_assert!(left_out == 0 || shown.chars().count() + 32 > max);
        }
    }
}
