//! Attachments (ISO 19005-3, 6.8 and Annex E): embedded files that the document names by what they
//! are to it.

use lopdf::{Dictionary, Document, Object, Stream, dictionary};

use crate::failure::Result;
use crate::metadata::date;
use crate::{File, Finish};

/// Attaches the files.
pub(crate) fn files(pdf: &mut Document, wanted: &Finish<'_>) -> Result<()> {
    if wanted.files.is_empty() {
        return Ok(());
    }
    let mut sorted: Vec<&File<'_>> = wanted.files.iter().collect();
    // A name tree is in order.
    sorted.sort_by_key(|file| file.name);
    let mut names = Vec::with_capacity(sorted.len() * 2);
    let mut associated = Vec::with_capacity(sorted.len());
    for file in sorted {
        let specification = specification(pdf, file, wanted)?;
        let id = pdf.add_object(specification);
        names.push(Object::string_literal(file.name));
        names.push(Object::Reference(id));
        associated.push(Object::Reference(id));
    }
    let catalog = pdf.catalog_mut()?;
    catalog.set("AF", associated);
    let tree = dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } };
    catalog.set("Names", tree);
    Ok(())
}

fn specification(pdf: &mut Document, file: &File<'_>, wanted: &Finish<'_>) -> Result<Dictionary> {
    let size = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
    let entries = dictionary! {
        "Type" => "EmbeddedFile",
        "Subtype" => file.media_type,
        "Params" => dictionary! {
            "Size" => size,
            "ModDate" => Object::string_literal(date(wanted.as_of)),
        },
    };
    let mut stream = Stream::new(entries, file.bytes.to_vec());
    stream.compress()?;
    let stream = pdf.add_object(stream);
    Ok(dictionary! {
        "Type" => "Filespec",
        "F" => Object::string_literal(file.name),
        "UF" => Object::string_literal(file.name),
        "Desc" => Object::string_literal(file.description),
        "AFRelationship" => file.relationship,
        "EF" => dictionary! { "F" => stream, "UF" => stream },
    })
}
