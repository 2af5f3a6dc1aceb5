# Two tables, apart because one can be lost and the other can't.
#
# keys  holds what S3 does not give again: scope keys, tenants, ledgers, API keys.
# audit is derived: rows, HEAD and metrics come again from S3 and keys, by command.
#
# Both are encrypted at rest under a key of DynamoDB's own, which costs no requests;
# scope keys are wrapped besides, before they come here.

locals {
  # Each sparse: a row without the hash key's attribute costs nothing there.
  indexes = {
    by_actor   = "ak"
    by_subject = "uk"
    by_chain   = "ck"
  }
}

resource "aws_dynamodb_table" "audit" {
  # checkov:skip=CKV_AWS_28: derived: audit-admin rebuilds it from S3 and the keys table
  # checkov:skip=CKV_AWS_119: encrypted under DynamoDB's own key, which costs no request and can't be deleted
  name                        = "${var.name}-audit"
  billing_mode                = "PAY_PER_REQUEST"
  deletion_protection_enabled = var.deletion_protection
  hash_key                    = "pk"
  range_key                   = "sk"
  stream_enabled              = true
  stream_view_type            = "NEW_IMAGE"

  dynamic "attribute" {
    for_each = concat(["pk", "sk"], values(local.indexes))

    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = local.indexes

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value
      range_key       = "sk"
      projection_type = "ALL"
    }
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }
}

resource "aws_dynamodb_table" "keys" {
  # checkov:skip=CKV_AWS_119: scope keys are wrapped before they come here, API keys are hashes
  name                        = "${var.name}-keys"
  billing_mode                = "PAY_PER_REQUEST"
  deletion_protection_enabled = var.deletion_protection
  hash_key                    = "pk"
  range_key                   = "sk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}
