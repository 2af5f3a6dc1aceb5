//! Rows as DynamoDB's attribute values and back, one to one.

use std::collections::HashMap;

use audit_storage::item::{Item, Value};
use audit_storage::rows::{PK, RowKey, SK};
use audit_storage::{Error, Result};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

/// A row as the client takes it.
pub(crate) fn attributes(item: Item) -> HashMap<String, AttributeValue> {
    item.into_attributes()
        .into_iter()
        .map(|(name, value)| (name, attribute(value)))
        .collect()
}

/// One value as the client takes it.
pub(crate) fn attribute(value: Value) -> AttributeValue {
    match value {
        Value::Text(text) => AttributeValue::S(text),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::Bytes(bytes) => AttributeValue::B(Blob::new(bytes)),
        Value::Bool(flag) => AttributeValue::Bool(flag),
        Value::Map(map) => AttributeValue::M(
            map.into_iter()
                .map(|(name, value)| (name, attribute(value)))
                .collect(),
        ),
        Value::List(list) => AttributeValue::L(list.into_iter().map(attribute).collect()),
    }
}

/// A row as the client gave it; `Corrupt` where it holds what no row of ours does.
pub(crate) fn item(attributes: HashMap<String, AttributeValue>) -> Result<Item> {
    attributes
        .into_iter()
        .map(|(name, attribute)| Ok((name, value(attribute)?)))
        .collect()
}

fn value(attribute: AttributeValue) -> Result<Value> {
    Ok(match attribute {
        AttributeValue::S(text) => Value::Text(text),
        AttributeValue::N(number) => Value::Number(
            number
                .parse()
                .map_err(|_| Error::corrupt("row holds a number that is no unsigned integer"))?,
        ),
        AttributeValue::B(bytes) => Value::Bytes(bytes.into_inner()),
        AttributeValue::Bool(flag) => Value::Bool(flag),
        AttributeValue::M(map) => Value::Map(
            map.into_iter()
                .map(|(name, attribute)| Ok((name, value(attribute)?)))
                .collect::<Result<_>>()?,
        ),
        AttributeValue::L(list) => Value::List(list.into_iter().map(value).collect::<Result<_>>()?),
        _ => {
            return Err(Error::corrupt(
                "row holds an attribute of a type that ours have not",
            ));
        }
    })
}

/// A primary key as the client takes it.
pub(crate) fn key(key: &RowKey) -> HashMap<String, AttributeValue> {
    HashMap::from([
        (PK.to_owned(), AttributeValue::S(key.pk.clone())),
        (SK.to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

/// A primary key as the client gave it, perhaps among an index's key attributes.
pub(crate) fn row_key(attributes: &HashMap<String, AttributeValue>) -> Result<RowKey> {
    match (attributes.get(PK), attributes.get(SK)) {
        (Some(AttributeValue::S(pk)), Some(AttributeValue::S(sk))) => Ok(RowKey {
            pk: pk.clone(),
            sk: sk.clone(),
        }),
        _ => Err(Error::corrupt("a key lacks pk or sk")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use audit_storage::Kind;

    use super::*;

    #[test]
    fn a_row_of_every_type_round_trips() {
        let row = Item::new()
            .with("pk", "R#acme/credit#20251124#0")
            .with("n", u64::MAX)
            .with("zero", 0)
            .with("b", [0u8, 255])
            .with("empty", Vec::new())
            .with("flag", true)
            .with("l", Value::List(vec!["a".into(), 1.into()]))
            .with(
                "m",
                Value::Map(BTreeMap::from([("x".to_owned(), Value::List(Vec::new()))])),
            );
        assert_eq!(item(attributes(row.clone())).expect("a row"), row);
    }

    #[test]
    fn what_no_row_of_ours_holds_is_corrupt() {
        for attribute in [
            AttributeValue::N("1.5".to_owned()),
            AttributeValue::N("-1".to_owned()),
            AttributeValue::Null(true),
            AttributeValue::Ss(vec!["a".to_owned()]),
        ] {
            let error = item(HashMap::from([("x".to_owned(), attribute)])).expect_err("corrupt");
            assert_eq!(error.kind(), Kind::Corrupt);
        }
    }

    #[test]
    fn a_key_is_found_among_an_index_s_attributes() {
        let row = RowKey {
            pk: "p".to_owned(),
            sk: "s".to_owned(),
        };
        let mut attributes = key(&row);
        attributes.insert("ak".to_owned(), AttributeValue::S("a".to_owned()));
        assert_eq!(row_key(&attributes).expect("a key"), row);
        attributes.remove("sk");
        assert!(row_key(&attributes).is_err());
    }
}
