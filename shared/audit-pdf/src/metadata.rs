//! What the file says about itself: XMP (ISO 16684-1) that claims PDF/A-3a and PDF/UA-1, and the
//! document information, which has to agree with it (ISO 19005-3, 6.6.3).

use audit_record::Millis;
use lopdf::{Document, Object, Stream, StringFormat, dictionary};

use crate::failure::Result;
use crate::{CREATOR, Finish, PRODUCER};

/// Writes both.
pub(crate) fn write(pdf: &mut Document, wanted: &Finish<'_>) -> Result<()> {
    let entries = dictionary! { "Type" => "Metadata", "Subtype" => "XML" };
    // Not compressed: metadata is to be found without a reader of PDF.
    let metadata = Stream::new(entries, xmp(wanted).into_bytes()).with_compression(false);
    let metadata = pdf.add_object(metadata);
    let catalog = pdf.catalog_mut()?;
    catalog.set("Metadata", metadata);
    catalog.set("Lang", Object::string_literal("en"));
    catalog.set(
        "ViewerPreferences",
        dictionary! { "DisplayDocTitle" => true },
    );
    let day = date(wanted.as_of);
    let information = dictionary! {
        "Title" => text(wanted.title),
        "Subject" => text(wanted.subject),
        "Creator" => text(CREATOR),
        "Producer" => text(PRODUCER),
        "CreationDate" => Object::string_literal(day.as_str()),
        "ModDate" => Object::string_literal(day.as_str()),
    };
    let information = pdf.add_object(information);
    pdf.trailer.set("Info", information);
    Ok(())
}

/// PDF/A allows no property that it does not know without a description of it (ISO 19005-3,
/// 6.6.2.3.3), and it does not know PDF/UA's.
const EXTENSION: &str = "<rdf:Description rdf:about=\"\" \
xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\" \
xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\" \
xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType=\"Resource\">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType=\"Resource\">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
";

fn xmp(wanted: &Finish<'_>) -> String {
    let (title, subject) = (escaped(wanted.title), escaped(wanted.subject));
    let day = day(wanted.as_of);
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" \
         xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" xmlns:pdfuaid=\"http://www.aiim.org/pdfua/ns/id/\">\n\
         <dc:format>application/pdf</dc:format>\n\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\n\
         <dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{subject}</rdf:li></rdf:Alt></dc:description>\n\
         <dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>\n\
         <xmp:CreatorTool>{CREATOR}</xmp:CreatorTool>\n\
         <xmp:CreateDate>{day}</xmp:CreateDate>\n\
         <xmp:ModifyDate>{day}</xmp:ModifyDate>\n\
         <xmp:MetadataDate>{day}</xmp:MetadataDate>\n\
         <pdf:Producer>{PRODUCER}</pdf:Producer>\n\
         <pdfaid:part>3</pdfaid:part>\n\
         <pdfaid:conformance>A</pdfaid:conformance>\n\
         <pdfuaid:part>1</pdfuaid:part>\n\
         </rdf:Description>\n{EXTENSION}</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>"
    )
}

/// A text string: UTF-16 with its mark where ASCII is not enough (ISO 32000-1, 7.9.2.2).
pub(crate) fn text(words: &str) -> Object {
    if words.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Object::string_literal(words);
    }
    let mut bytes = vec![0xfe, 0xff];
    bytes.extend(words.encode_utf16().flat_map(u16::to_be_bytes));
    Object::String(bytes, StringFormat::Hexadecimal)
}

/// A date as PDF writes it, to the second.
pub(crate) fn date(time: Millis) -> String {
    let digits = |text: String| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    format!("D:{}+00'00'", &digits(day(time))[..14])
}

/// A date as XMP writes it, to the second.
fn day(time: Millis) -> String {
    let text = time.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    format!("{seconds}+00:00")
}

/// Text of XML 1.0: what it can't hold at all is left out.
fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_date_are_the_same_second() {
        let time = Millis::parse("2026-11-24T12:34:56.789Z").unwrap();
        assert_eq!(date(time), "D:20261124123456+00'00'");
        assert_eq!(day(time), "2026-11-24T12:34:56+00:00");
    }

    #[test]
    fn text_that_is_not_ascii_is_utf_16() {
        assert_eq!(text("plain"), Object::string_literal("plain"));
        let Object::String(bytes, _) = text("ä") else {
            panic!("a string");
        };
        assert_eq!(bytes, [0xfe, 0xff, 0, 0xe4]);
    }

    #[test]
    fn a_title_can_not_end_its_element() {
        let wanted = Finish {
            title: "a</rdf:li> & b",
            subject: "s",
            id: "i",
            as_of: Millis::new(0),
            anchors: &[],
            files: &[],
        };
        let xmp = xmp(&wanted);
        assert!(xmp.contains("a&lt;/rdf:li&gt; &amp; b"), "{xmp}");
        let items = |text: &str| text.matches("</rdf:li>").count();
        assert_eq!(items(&xmp) - items(EXTENSION), 3);
    }
}
