//! Names structure elements by their place in the tree.
//!
//! Chromium names the cells of tables by numbers of the process that laid the page out
//! (`node00000107`), which differ from run to run. In the order of the tree they are the same each
//! time.

use std::collections::BTreeMap;

use lopdf::{Document, Object, ObjectId, StringFormat, dictionary};

use crate::failure::{Result, Unfinished};

/// The most elements of a document: a page has a few hundred.
const ELEMENTS_MAX: usize = 2_000_000;

/// Renames all elements that have a name, and what refers to them.
pub(crate) fn rename(pdf: &mut Document) -> Result<()> {
    let root = pdf.catalog()?.get(b"StructTreeRoot");
    let root = root.and_then(Object::as_reference);
    let root = root.map_err(|_| Unfinished::Unexpected("it has no structure tree"))?;
    let elements = in_order(pdf, root)?;
    let mut names = BTreeMap::new();
    let mut tree = Vec::new();
    for id in &elements {
        if let Ok(old) = pdf.get_dictionary(*id)?.get(b"ID").and_then(Object::as_str) {
            let new = name(names.len());
            tree.extend([new.clone(), Object::Reference(*id)]);
            names.insert(old.to_vec(), new);
        }
    }
    for id in &elements {
        let element = pdf.get_object_mut(*id)?.as_dict_mut()?;
        if let Ok(own) = element.get_mut(b"ID") {
            replace(own, &names)?;
        }
        if let Ok(attributes) = element.get_mut(b"A") {
            rename_headers(attributes, &names)?;
        }
    }
    let root = pdf.get_object_mut(root)?.as_dict_mut()?;
    root.remove(b"IDTree");
    if !tree.is_empty() {
        root.set("IDTree", dictionary! { "Names" => tree });
    }
    Ok(())
}

/// All elements, each before its kids.
fn in_order(pdf: &Document, root: ObjectId) -> Result<Vec<ObjectId>> {
    let mut found = Vec::new();
    let mut open = kids(pdf, root)?;
    while let Some(id) = open.pop() {
        found.push(id);
        if found.len() > ELEMENTS_MAX {
            return Err(Unfinished::Unexpected("a structure tree without an end"));
        }
        open.extend(kids(pdf, id)?);
    }
    Ok(found)
}

/// The elements below one, the last first.
fn kids(pdf: &Document, id: ObjectId) -> Result<Vec<ObjectId>> {
    let kids = match pdf.get_dictionary(id)?.get(b"K") {
        Ok(Object::Array(kids)) => kids.iter().rev().collect(),
        Ok(kid) => vec![kid],
        Err(_) => Vec::new(),
    };
    let kids = kids.into_iter().filter_map(|kid| kid.as_reference().ok());
    Ok(kids.collect())
}

fn name(number: usize) -> Object {
    Object::String(format!("n{number:07}").into_bytes(), StringFormat::Literal)
}

fn rename_headers(attributes: &mut Object, names: &BTreeMap<Vec<u8>, Object>) -> Result<()> {
    match attributes {
        Object::Array(all) => all
            .iter_mut()
            .try_for_each(|one| rename_headers(one, names)),
        Object::Dictionary(entries) => match entries.get_mut(b"Headers") {
            Ok(Object::Array(headers)) => headers
                .iter_mut()
                .try_for_each(|header| replace(header, names)),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn replace(name: &mut Object, names: &BTreeMap<Vec<u8>, Object>) -> Result<()> {
    let known = name.as_str().ok().and_then(|old| names.get(old));
    *name = known
        .ok_or(Unfinished::Unexpected(
            "a cell names a header that is not there",
        ))?
        .clone();
    Ok(())
}
