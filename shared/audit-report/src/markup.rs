//! HTML, written so that no text can become markup: this is the only file of the crate that writes
//! an angle bracket.
//!
//! Names of elements and attributes are constants of this crate, never data. Everything else goes
//! through [`printable`](crate::printable::printable), which leaves nothing but what the fonts can
//! show, and is then escaped. An element is closed where the closure that fills it ends, so that
//! elements always nest.

use std::borrow::Cow;

use crate::printable::printable;

/// An attribute: its name and its value.
pub(crate) type Attribute<'a> = (&'static str, Cow<'a, str>);

/// HTML that is being written.
#[derive(Debug, Default)]
pub(crate) struct Markup {
    out: String,
}

impl Markup {
    /// The document type and nothing else.
    pub(crate) fn document() -> Self {
        Self {
            out: "<!doctype html>\n".to_owned(),
        }
    }

    /// An element around what `fill` writes.
    pub(crate) fn element(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        fill: impl FnOnce(&mut Self),
    ) {
        self.open(name, attributes);
        fill(self);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// An element that HTML or SVG has without content.
    pub(crate) fn empty(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.open(name, attributes);
    }

    /// Text.
    pub(crate) fn text(&mut self, text: &str) {
        escape(&printable(text), &mut self.out);
    }

    /// A style sheet of ours: constants of this crate, and values that can hold no markup.
    pub(crate) fn style(&mut self, sheet: &str) {
        debug_assert!(!sheet.contains('<'), "a style sheet ends its element early");
        self.out.push_str("<style>");
        self.out.push_str(sheet);
        self.out.push_str("</style>");
    }

    /// A line break in the source, which the page does not show.
    pub(crate) fn newline(&mut self) {
        self.out.push('\n');
    }

    /// The HTML.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn open(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            self.out.push(' ');
            self.out.push_str(attribute);
            self.out.push_str("=\"");
            escape(&printable(value), &mut self.out);
            self.out.push('"');
        }
        self.out.push('>');
    }
}

/// Escapes what means something in HTML's text and in its quoted attributes.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a browser reads out of escaped text.
    fn unescape(text: &str) -> String {
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    }

    proptest! {
        #[test]
        fn text_never_becomes_markup(text in ".*", value in ".*") {
            let mut markup = Markup::default();
            markup.element("p", &[("title", value.as_str().into())], |p| p.text(&text));
            let html = markup.finish();
            let inside = html
                .strip_prefix("<p title=\"")
                .and_then(|rest| rest.strip_suffix("</p>"))
                .expect("the element is there");
            prop_assert!(!inside.contains('<'));
            prop_assert_eq!(inside.matches('"').count(), 1);
            prop_assert_eq!(inside.matches('>').count(), 1);
            let (shown_value, shown_text) = inside.split_once("\">").expect("both are there");
            prop_assert_eq!(unescape(shown_value), printable(&value).into_owned());
            prop_assert_eq!(unescape(shown_text), printable(&text).into_owned());
        }
    }

    #[test]
    fn hostile_text_is_shown_as_it_is() {
        for (text, shown) in [
            ("<script>", "&lt;script&gt;"),
            (
                "</style><b onload='x'>",
                "&lt;/style&gt;&lt;b onload=&#39;x&#39;&gt;",
            ),
            ("&lt;", "&amp;lt;"),
            ("\u{0}\u{202e}", "⟨U+0000⟩⟨U+202E⟩"),
        ] {
            let mut markup = Markup::default();
            markup.text(text);
            assert_eq!(markup.finish(), shown);
        }
    }
}
