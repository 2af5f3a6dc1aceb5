//! S3, DynamoDB, SQS and KMS behind the storage traits.
