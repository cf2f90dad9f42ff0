//! The table itself, for `sillon dev` and tests; on AWS `template.yaml` makes it.

use app::ports::StoreError;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};

use crate::{Store, failure, keys};

impl Store {
    /// Makes the table with its index, unless it is there. Without the stream, the expiry and the backups that
    /// `template.yaml` gives it: nothing local looks at them.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        let refused = |error: BuildError| StoreError::Permanent(Box::new(error));
        let mut request = self
            .client
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(key_schema("PK", "SK").map_err(refused)?))
            .global_secondary_indexes(due_index().map_err(refused)?);
        for name in ["PK", "SK", "due_pk", "due_sk"] {
            request = request.attribute_definitions(text_attribute(name).map_err(refused)?);
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(CreateTableError::ResourceInUseException(_)) => Ok(()),
                _ => Err(failure::of_read("CreateTable", error)),
            },
        }
    }
}

fn due_index() -> Result<GlobalSecondaryIndex, BuildError> {
    GlobalSecondaryIndex::builder()
        .index_name(keys::DUE_INDEX)
        .set_key_schema(Some(key_schema("due_pk", "due_sk")?))
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build()
}

fn key_schema(hash: &str, range: &str) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    Ok(vec![element(hash, KeyType::Hash)?, element(range, KeyType::Range)?])
}

fn text_attribute(name: &str) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build()
}
