//! Mends the structure tree where Chromium's has less than PDF/UA-1 asks for.
//!
//! - A link says in words where it leads (`Contents`; 7.18.5).
//! - A list item holds a label and a body, nothing else (7.2, ISO 32000-1 table 336).
//! - A picture has a text in its place (7.3); Chromium writes it from the page, so that one without
//!   is a fault of the page, and an error here.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Object, ObjectId, dictionary};

use crate::failure::{Result, Unfinished};
use crate::metadata::text;

/// Mends links and elements.
pub(crate) fn mend(pdf: &mut Document, anchors: &[(&str, &str)]) -> Result<()> {
    let anchors: BTreeMap<&[u8], &str> = anchors
        .iter()
        .map(|(anchor, words)| (anchor.as_bytes(), *words))
        .collect();
    let mut items = Vec::new();
    for (id, object) in &mut pdf.objects {
        let Ok(entries) = object.as_dict_mut() else {
            continue;
        };
        if entries.get(b"Subtype").and_then(Object::as_name).ok() == Some(b"Link") {
            name_link(entries, &anchors)?;
        }
        match element_type(entries) {
            Some(b"LI") => items.push(*id),
            Some(b"Figure") if !entries.has(b"Alt") => {
                return Err(Unfinished::Unexpected(
                    "a picture without a text in its place",
                ));
            }
            _ => {}
        }
    }
    items.into_iter().try_for_each(|item| give_body(pdf, item))
}

/// The type of a structure element; none for what is none.
fn element_type(entries: &Dictionary) -> Option<&[u8]> {
    entries
        .has_type(b"StructElem")
        .then(|| entries.get(b"S").and_then(Object::as_name).ok())?
}

fn name_link(link: &mut Dictionary, anchors: &BTreeMap<&[u8], &str>) -> Result<()> {
    let target = match link.get(b"Dest") {
        Ok(Object::Name(name) | Object::String(name, _)) => name.as_slice(),
        // Reports lead to their own sections only.
        _ => {
            return Err(Unfinished::Unexpected(
                "a link that leads out of the document",
            ));
        }
    };
    let words = anchors.get(target);
    let words = words.ok_or(Unfinished::Unexpected("a link to where no section is"))?;
    let words = text(&format!("To the section {words}"));
    link.set("Contents", words);
    Ok(())
}

/// Puts all of a list item but its label into a body.
fn give_body(pdf: &mut Document, item: ObjectId) -> Result<()> {
    let kids = match pdf.get_dictionary(item)?.get(b"K") {
        Ok(Object::Array(kids)) => kids.clone(),
        Ok(kid) => vec![kid.clone()],
        Err(_) => Vec::new(),
    };
    let is_part = |kid: &Object| {
        let kid = kid.as_reference().ok()?;
        let kind = element_type(pdf.get_dictionary(kid).ok()?)?;
        Some(matches!(kind, b"Lbl" | b"LBody"))
    };
    let (mut parts, rest): (Vec<Object>, Vec<Object>) =
        kids.into_iter().partition(|kid| is_part(kid) == Some(true));
    if rest.is_empty() {
        return Ok(());
    }
    let body = pdf.add_object(dictionary! {
        "Type" => "StructElem",
        "S" => "LBody",
        "P" => item,
        "K" => rest.clone(),
    });
    for kid in rest {
        // Content that hangs on the item itself would need another parent in the parent tree.
        let kid = kid.as_reference();
        let kid = kid.map_err(|_| Unfinished::Unexpected("a list item with bare content"))?;
        pdf.get_object_mut(kid)?.as_dict_mut()?.set("P", body);
    }
    parts.push(body.into());
    pdf.get_object_mut(item)?.as_dict_mut()?.set("K", parts);
    Ok(())
}
