# Who may do what: one policy document for each function and one for the operator,
# action by action and resource by resource. No resource is made here, so that
# the documents can be tested for what they say without any provider.
#
# A "*" stands in a resource only where the rest of the name is data: an object key
# below a fixed prefix. No action has one.

locals {
  records = values(var.records_bucket_arns)

  # Object keys, as shared/audit-storage/src/keys.rs makes them.
  segments    = [for arn in local.records : "${arn}/ledgers/*/segments/*"]
  genesis     = [for arn in local.records : "${arn}/ledgers/*/segments/00000000000000000000"]
  staged      = ["${var.staging_bucket_arn}/ledgers/*/messages/*"]
  quarantined = ["${var.quarantine_bucket_arn}/ledgers/*/rejected/*", "${var.quarantine_bucket_arn}/unaddressed/*"]

  audit_indexes = [for name in sort(tolist(var.audit_index_names)) : "${var.audit_table_arn}/index/${name}"]

  # An index is rebuilt into a table beside the one in use, then compared.
  operator_tables = [var.audit_table_arn, "${var.audit_table_arn}-rebuilt"]

  # Partition keys, as shared/audit-storage/src/rows.rs makes them.
  row = {
    api_key       = "A#*"
    api_keys_of   = "AK#*"
    head          = "LEDGER#*"
    ledgers       = "LEDGERS"
    metrics       = "METRIC#*"
    rates         = "RATE#*"
    record        = "R#*"
    scope_keys    = "K#*"
    scopes_of_key = "KI#*"
    tenants       = "TENANTS"
  }

  # Who does what to which rows of the keys table.
  keys_rows = {
    ingest = {
      GetItem = [local.row.api_key, local.row.ledgers, local.row.tenants]
    }
    writer = {
      GetItem = [local.row.ledgers, local.row.scope_keys, local.row.scopes_of_key]
      PutItem = [local.row.scope_keys, local.row.scopes_of_key]
      Query   = [local.row.ledgers, local.row.scope_keys]
    }
    query = {
      GetItem = [local.row.api_key, local.row.ledgers, local.row.scope_keys, local.row.scopes_of_key]
      Query   = [local.row.ledgers]
    }
    operator = {
      GetItem = [local.row.api_key, local.row.ledgers, local.row.tenants, local.row.scope_keys, local.row.scopes_of_key]
      PutItem = [local.row.api_key, local.row.api_keys_of, local.row.ledgers, local.row.tenants]
      Query   = [local.row.api_keys_of, local.row.ledgers, local.row.tenants]
    }
  }

  # The same of the audit table. Ingest keeps the rate limits there and sees nothing else.
  audit_rows = {
    ingest = {
      GetItem = [local.row.rates]
      PutItem = [local.row.rates]
    }
    writer = {
      BatchGetItem   = [local.row.record]
      BatchWriteItem = [local.row.record]
      GetItem        = [local.row.head, local.row.metrics]
      PutItem        = [local.row.head, local.row.metrics]
    }
    query = {
      GetItem = [local.row.head, local.row.record]
      Query   = [local.row.metrics, local.row.record]
    }
    operator = {
      BatchGetItem   = [local.row.record]
      BatchWriteItem = [local.row.record]
      GetItem        = [local.row.head, local.row.metrics]
      PutItem        = [local.row.head, local.row.metrics]
      Query          = [local.row.metrics, local.row.record]
    }
  }

  # ForAllValues is true where the key is absent, as it is on the emulator, which
  # doesn't know it. On AWS each action granted with it names its rows always.
  rows = {
    for caller in keys(local.keys_rows) : caller => flatten([
      for table in [
        { name = "Keys", arns = [var.keys_table_arn], grants = local.keys_rows[caller] },
        { name = "Audit", arns = caller == "operator" ? local.operator_tables : [var.audit_table_arn], grants = local.audit_rows[caller] },
        ] : [for action, rows in table.grants : {
          Sid      = "${table.name}${action}"
          Effect   = "Allow"
          Action   = ["dynamodb:${action}"]
          Resource = table.arns
          Condition = {
            "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = rows }
          }
      }]
    ])
  }

  # A ledger key is wrapped under exactly {"ledger": "<tenant>/<ledger>"}. A request
  # without a context would satisfy ForAllValues, so Null asks for one as well.
  ledger_context = var.kms_request_conditions ? {
    Condition = {
      "ForAllValues:StringEquals" = { "kms:EncryptionContextKeys" = ["ledger"] }
      Null                        = { "kms:EncryptionContextKeys" = "false" }
    }
  } : {}

  # S3 asks KMS in the caller's name, with the bucket's ARN as context, because
  # both buckets use bucket keys.
  through_s3 = {
    for name, arn in { staging = var.staging_bucket_arn, quarantine = var.quarantine_bucket_arn } :
    name => var.kms_request_conditions ? {
      Condition = {
        StringEquals = {
          "kms:ViaService"                   = "s3.${var.region}.amazonaws.com"
          "kms:EncryptionContext:aws:s3:arn" = arn
        }
      }
    } : {}
  }

  # Reading records back, for writer (roll-forward), query and operator (verify):
  # always by the version that the index names, or that a listing gave. Without
  # ListBucket AWS answers 403 for a missing key, which would pass for a failure.
  # IfExists: that check happens on a GET, which carries no prefix.
  read_records = [
    {
      Sid      = "ReadSegments"
      Effect   = "Allow"
      Action   = ["s3:GetObjectVersion"]
      Resource = local.segments
    },
    {
      Sid      = "ListVersionsOfSegments"
      Effect   = "Allow"
      Action   = ["s3:ListBucketVersions"]
      Resource = local.records
      Condition = {
        StringLike = { "s3:prefix" = ["ledgers/*/segments/*"] }
      }
    },
    {
      Sid      = "TellMissingFromForbidden"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = local.records
      Condition = {
        StringLikeIfExists = { "s3:prefix" = ["ledgers/*/segments/*"] }
      }
    },
  ]

  ingest = concat(local.rows.ingest, [
    {
      Sid      = "AcceptRecords"
      Effect   = "Allow"
      Action   = concat(["sqs:SendMessage"], var.batch_actions ? ["sqs:SendMessageBatch"] : [])
      Resource = var.lane_arns
    },
    {
      Sid      = "StageLargeRecords"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = local.staged
    },
    merge({
      Sid      = "EncryptStagedRecords"
      Effect   = "Allow"
      Action   = ["kms:GenerateDataKey"]
      Resource = [var.kms_key_arn]
    }, local.through_s3.staging),
  ])

  writer = concat(local.rows.writer, local.read_records, [
    {
      Sid      = "CommitSegments"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = local.segments
    },
    {
      Sid    = "ConsumeLanes"
      Effect = "Allow"
      Action = concat([
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
      ], var.batch_actions ? ["sqs:ChangeMessageVisibilityBatch", "sqs:DeleteMessageBatch"] : [])
      Resource = var.lane_arns
    },
    {
      Sid      = "FetchStagedRecords"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = local.staged
    },
    {
      Sid      = "TellAbsentFromForbidden"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [var.quarantine_bucket_arn, var.staging_bucket_arn]
    },
    merge({
      Sid      = "DecryptStagedRecords"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [var.kms_key_arn]
    }, local.through_s3.staging),
    {
      # Read again on a redelivery: the salt of the first attempt is what counts.
      Sid      = "QuarantinePoison"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = local.quarantined
    },
    merge({
      Sid      = "EncryptQuarantine"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [var.kms_key_arn]
    }, local.through_s3.quarantine),
    merge({
      Sid      = "UnwrapLedgerKeys"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [var.kms_key_arn]
    }, local.ledger_context),
  ])

  query = concat(local.rows.query, local.read_records, [
    {
      Sid      = "FindRecordsByIndex"
      Effect   = "Allow"
      Action   = ["dynamodb:Query"]
      Resource = local.audit_indexes
    },
    merge({
      Sid      = "UnwrapLedgerKeys"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [var.kms_key_arn]
    }, local.ledger_context),
    {
      Sid      = "SeeWhetherTheKeyAnswers"
      Effect   = "Allow"
      Action   = ["kms:DescribeKey"]
      Resource = [var.kms_key_arn]
    },
  ])

  # Tenants, ledgers and API keys; genesis, the one segment that no queue brings;
  # verification and rebuild. It may not commit any later segment.
  operator = concat(local.rows.operator, local.read_records, [
    {
      Sid      = "BeginLedgers"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = local.genesis
    },
    merge({
      Sid      = "WrapAndUnwrapLedgerKeys"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [var.kms_key_arn]
    }, local.ledger_context),
  ])

  documents = {
    for name, statements in {
      ingest   = [for s in local.ingest : jsonencode(s)]
      writer   = [for s in local.writer : jsonencode(s)]
      query    = [for s in local.query : jsonencode(s)]
      operator = [for s in local.operator : jsonencode(s)]
    } : name => jsonencode({ Version = "2012-10-17", Statement = [for s in statements : jsondecode(s)] })
  }
}
