//! [`RowStore`] and [`KeyStore`] over DynamoDB.

use std::collections::HashMap;

use audit_storage::item::Item;
use audit_storage::rows::{PK, RowKey, SK};
use audit_storage::stores::{BatchGot, Condition, KeyStore, Order, Page, Query, RowStore, Written};
use audit_storage::{Error, Result};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, PutRequest, WriteRequest};

use crate::attribute::{attribute, attributes, item, key, row_key};
use crate::connection::Pair;
use crate::failure::{Effect, failed};

#[derive(Clone)]
struct Table {
    clients: Pair<Client>,
    name: String,
}

/// The `audit` table.
#[derive(Clone)]
pub struct DynamoRows(Table);

/// The `keys` table.
#[derive(Clone)]
pub struct DynamoKeys(Table);

impl std::fmt::Debug for DynamoRows {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("DynamoRows")
            .field(&self.0.name)
            .finish()
    }
}

impl std::fmt::Debug for DynamoKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("DynamoKeys")
            .field(&self.0.name)
            .finish()
    }
}

impl DynamoRows {
    pub(crate) fn new(clients: Pair<Client>, table: &str) -> Self {
        Self(Table {
            clients,
            name: table.to_owned(),
        })
    }
}

impl DynamoKeys {
    pub(crate) fn new(clients: Pair<Client>, table: &str) -> Self {
        Self(Table {
            clients,
            name: table.to_owned(),
        })
    }
}

impl Table {
    async fn get(&self, row: &RowKey) -> Result<Option<Item>> {
        let output = self
            .clients
            .read
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key(row)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed("GetItem", Effect::Read, &error))?;
        output.item.map(item).transpose()
    }

    async fn put_if(&self, row: Item, condition: Condition) -> Result<Written> {
        let request = self
            .clients
            .write
            .put_item()
            .table_name(&self.name)
            .set_item(Some(attributes(row)));
        let request = match condition {
            Condition::Absent => request
                .condition_expression("attribute_not_exists(#a)")
                .expression_attribute_names("#a", PK),
            Condition::Equals {
                attribute: name,
                value,
            } => request
                .condition_expression("#a = :v")
                .expression_attribute_names("#a", name)
                .expression_attribute_values(":v", attribute(value)),
        };
        match request.send().await {
            Ok(_) => Ok(Written::Done),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                Ok(Written::ConditionFailed)
            }
            Err(error) => Err(failed("PutItem", Effect::Write, &error)),
        }
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        let partition = query
            .index
            .map_or(PK, audit_storage::rows::Index::attribute);
        let request = self
            .clients
            .read
            .query()
            .table_name(&self.name)
            .set_index_name(query.index.map(|index| index.name().to_owned()))
            // AWS refuses a consistent read of an index.
            .consistent_read(query.index.is_none())
            .scan_index_forward(query.order == Order::Ascending)
            .limit(i32::try_from(query.limit).unwrap_or(i32::MAX))
            .expression_attribute_names("#p", partition)
            .expression_attribute_values(":p", AttributeValue::S(query.partition.clone()))
            .set_exclusive_start_key(query.after.as_ref().map(|after| start_key(query, after)));
        let request = match &query.between {
            None => request.key_condition_expression("#p = :p"),
            Some((low, high)) => request
                .key_condition_expression("#p = :p AND #s BETWEEN :low AND :high")
                .expression_attribute_names("#s", SK)
                .expression_attribute_values(":low", AttributeValue::S(low.clone()))
                .expression_attribute_values(":high", AttributeValue::S(high.clone())),
        };
        let output = request
            .send()
            .await
            .map_err(|error| failed("Query", Effect::Read, &error))?;
        Ok(Page {
            items: output
                .items
                .unwrap_or_default()
                .into_iter()
                .map(item)
                .collect::<Result<_>>()?,
            next: output
                .last_evaluated_key
                .as_ref()
                .map(row_key)
                .transpose()?,
        })
    }

    async fn batch_get(&self, keys: &[RowKey]) -> Result<BatchGot> {
        let asked = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(key).collect()))
            .consistent_read(true)
            .build()
            .map_err(|error| Error::internal("BatchGetItem").caused_by(error))?;
        let mut output = self
            .clients
            .read
            .batch_get_item()
            .request_items(&self.name, asked)
            .send()
            .await
            .map_err(|error| failed("BatchGetItem", Effect::Read, &error))?;
        let found = output
            .responses
            .as_mut()
            .and_then(|tables| tables.remove(&self.name))
            .unwrap_or_default();
        let unprocessed = output
            .unprocessed_keys
            .as_mut()
            .and_then(|tables| tables.remove(&self.name));
        Ok(BatchGot {
            found: found.into_iter().map(item).collect::<Result<_>>()?,
            unprocessed: unprocessed
                .map(|keys| keys.keys)
                .unwrap_or_default()
                .iter()
                .map(row_key)
                .collect::<Result<_>>()?,
        })
    }

    async fn batch_put(&self, rows: Vec<Item>) -> Result<Vec<Item>> {
        let requests = rows.into_iter().map(put_request).collect::<Result<_>>()?;
        let output = self
            .clients
            .write
            .batch_write_item()
            .request_items(&self.name, requests)
            .send()
            .await
            .map_err(|error| failed("BatchWriteItem", Effect::Write, &error))?;
        let left: HashMap<String, Vec<WriteRequest>> = output.unprocessed_items.unwrap_or_default();
        left.into_values()
            .flatten()
            .filter_map(|request| request.put_request)
            .map(|request| item(request.item))
            .collect()
    }
}

fn put_request(row: Item) -> Result<WriteRequest> {
    let put = PutRequest::builder()
        .set_item(Some(attributes(row)))
        .build()
        .map_err(|error| Error::internal("BatchWriteItem").caused_by(error))?;
    Ok(WriteRequest::builder().put_request(put).build())
}

/// Where a page begins: in an index, its own key attribute beside the table's.
fn start_key(query: &Query, after: &RowKey) -> HashMap<String, AttributeValue> {
    let mut start = key(after);
    if let Some(index) = query.index {
        start.insert(
            index.attribute().to_owned(),
            AttributeValue::S(query.partition.clone()),
        );
    }
    start
}

impl RowStore for DynamoRows {
    async fn get(&self, key: &RowKey) -> Result<Option<Item>> {
        self.0.get(key).await
    }

    async fn batch_get(&self, keys: &[RowKey]) -> Result<BatchGot> {
        self.0.batch_get(keys).await
    }

    async fn batch_put(&self, items: Vec<Item>) -> Result<Vec<Item>> {
        self.0.batch_put(items).await
    }

    async fn put_if(&self, item: Item, condition: Condition) -> Result<Written> {
        self.0.put_if(item, condition).await
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        self.0.query(query).await
    }
}

impl KeyStore for DynamoKeys {
    async fn get(&self, key: &RowKey) -> Result<Option<Item>> {
        self.0.get(key).await
    }

    async fn put_if(&self, item: Item, condition: Condition) -> Result<Written> {
        self.0.put_if(item, condition).await
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        self.0.query(query).await
    }
}
