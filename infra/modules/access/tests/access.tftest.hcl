# Who may do what. These are security tests: they read the documents that the roles get,
# and name each grant, so that none comes or goes unseen.

variables {
  records_bucket_arns   = { "7y" = "arn:aws:s3:::x-records-7y", trial = "arn:aws:s3:::x-records-trial" }
  staging_bucket_arn    = "arn:aws:s3:::x-staging"
  quarantine_bucket_arn = "arn:aws:s3:::x-quarantine"
  audit_table_arn       = "arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit"
  audit_index_names     = ["by_actor", "by_subject", "by_chain"]
  keys_table_arn        = "arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys"
  lane_arns             = ["arn:aws:sqs:eu-central-1:123456789012:x-lane-0"]
  kms_key_arn           = "arn:aws:kms:eu-central-1:123456789012:key/k"
  region                = "eu-central-1"
}

run "documents_only_allow_and_name_each_action_and_resource" {
  command = plan

  assert {
    condition = alltrue(flatten([for doc in values(output.documents) : [
      for s in jsondecode(doc).Statement : [
        s.Effect == "Allow",
        !can(s.NotAction), !can(s.NotResource), !can(s.Principal),
        [for action in s.Action : can(regex("^[a-z0-9]+:[A-Za-z]+$", action))],
      ]
    ]]))
    error_message = "Each statement allows actions by their whole names."
  }

  # Account and name always stand; "*" only below a bucket's name, where keys are data.
  assert {
    condition = alltrue(flatten([for doc in values(output.documents) : [
      for s in jsondecode(doc).Statement : [
        for r in s.Resource : can(regex("^arn:aws:(s3:::[a-z0-9-]+(/[a-z]+/.*)?|(dynamodb|sqs|kms):eu-central-1:123456789012:[A-Za-z0-9_/-]+)$", r))
      ]
    ]]))
    error_message = "Each resource is named; only object keys may have a wildcard."
  }

  # IAM's limit for a role's inline policies, less the statement on the role's log.
  assert {
    condition     = alltrue([for doc in values(output.documents) : length(doc) < 9800])
    error_message = "The document fits into a role."
  }
}

run "ingest_may_do_exactly_this" {
  command = plan

  assert {
    condition = toset(flatten([for s in jsondecode(output.documents.ingest).Statement : [for a in s.Action : [for r in s.Resource : "${a} ${r}"]]])) == toset([
      "dynamodb:GetItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit",
      "dynamodb:GetItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys",
      "dynamodb:PutItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit",
      "kms:GenerateDataKey arn:aws:kms:eu-central-1:123456789012:key/k",
      "s3:PutObject arn:aws:s3:::x-staging/ledgers/*/messages/*",
      "sqs:SendMessage arn:aws:sqs:eu-central-1:123456789012:x-lane-0",
    ])
    error_message = "Ingest authenticates, sends and stages. It reads no record, opens nothing and touches of the index the rate limits' rows only (see below)."
  }
}

run "writer_may_do_exactly_this" {
  command = plan

  assert {
    condition = toset(flatten([for s in jsondecode(output.documents.writer).Statement : [for a in s.Action : [for r in s.Resource : "${a} ${r}"]]])) == toset([
      "dynamodb:BatchGetItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit",
      "dynamodb:BatchWriteItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit",
      "dynamodb:GetItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit",
      "dynamodb:GetItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys",
      "dynamodb:PutItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit",
      "dynamodb:PutItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys",
      "dynamodb:Query arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys",
      "kms:Decrypt arn:aws:kms:eu-central-1:123456789012:key/k",
      "kms:GenerateDataKey arn:aws:kms:eu-central-1:123456789012:key/k",
      "s3:GetObject arn:aws:s3:::x-quarantine/ledgers/*/rejected/*",
      "s3:GetObject arn:aws:s3:::x-quarantine/unaddressed/*",
      "s3:GetObject arn:aws:s3:::x-staging/ledgers/*/messages/*",
      "s3:GetObjectVersion arn:aws:s3:::x-records-7y/ledgers/*/segments/*",
      "s3:GetObjectVersion arn:aws:s3:::x-records-trial/ledgers/*/segments/*",
      "s3:ListBucket arn:aws:s3:::x-quarantine",
      "s3:ListBucket arn:aws:s3:::x-records-7y",
      "s3:ListBucket arn:aws:s3:::x-records-trial",
      "s3:ListBucket arn:aws:s3:::x-staging",
      "s3:ListBucketVersions arn:aws:s3:::x-records-7y",
      "s3:ListBucketVersions arn:aws:s3:::x-records-trial",
      "s3:PutObject arn:aws:s3:::x-quarantine/ledgers/*/rejected/*",
      "s3:PutObject arn:aws:s3:::x-quarantine/unaddressed/*",
      "s3:PutObject arn:aws:s3:::x-records-7y/ledgers/*/segments/*",
      "s3:PutObject arn:aws:s3:::x-records-trial/ledgers/*/segments/*",
      "sqs:ChangeMessageVisibility arn:aws:sqs:eu-central-1:123456789012:x-lane-0",
      "sqs:DeleteMessage arn:aws:sqs:eu-central-1:123456789012:x-lane-0",
      "sqs:GetQueueAttributes arn:aws:sqs:eu-central-1:123456789012:x-lane-0",
      "sqs:ReceiveMessage arn:aws:sqs:eu-central-1:123456789012:x-lane-0",
    ])
    error_message = "The writer takes from lanes, commits and indexes. It deletes no object and changes no retention."
  }
}

run "query_may_do_exactly_this" {
  command = plan

  assert {
    condition = toset(flatten([for s in jsondecode(output.documents.query).Statement : [for a in s.Action : [for r in s.Resource : "${a} ${r}"]]])) == toset([
      "dynamodb:GetItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit",
      "dynamodb:GetItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys",
      "dynamodb:Query arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit",
      "dynamodb:Query arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit/index/by_actor",
      "dynamodb:Query arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit/index/by_chain",
      "dynamodb:Query arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit/index/by_subject",
      "dynamodb:Query arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys",
      "kms:Decrypt arn:aws:kms:eu-central-1:123456789012:key/k",
      "kms:DescribeKey arn:aws:kms:eu-central-1:123456789012:key/k",
      "s3:GetObjectVersion arn:aws:s3:::x-records-7y/ledgers/*/segments/*",
      "s3:GetObjectVersion arn:aws:s3:::x-records-trial/ledgers/*/segments/*",
      "s3:ListBucket arn:aws:s3:::x-records-7y",
      "s3:ListBucket arn:aws:s3:::x-records-trial",
      "s3:ListBucketVersions arn:aws:s3:::x-records-7y",
      "s3:ListBucketVersions arn:aws:s3:::x-records-trial",
    ])
    error_message = "Query only reads."
  }
}

run "operator_may_do_exactly_this" {
  command = plan

  assert {
    condition = toset(flatten([for s in jsondecode(output.documents.operator).Statement : [for a in s.Action : [for r in s.Resource : "${a} ${r}"]]])) == toset(flatten([
      [for action in ["BatchGetItem", "BatchWriteItem", "GetItem", "PutItem", "Query"] : [
        "dynamodb:${action} arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit",
        "dynamodb:${action} arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit-rebuilt",
      ]],
      "dynamodb:GetItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys",
      "dynamodb:PutItem arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys",
      "dynamodb:Query arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys",
      "kms:Decrypt arn:aws:kms:eu-central-1:123456789012:key/k",
      "kms:GenerateDataKey arn:aws:kms:eu-central-1:123456789012:key/k",
      "s3:GetObjectVersion arn:aws:s3:::x-records-7y/ledgers/*/segments/*",
      "s3:GetObjectVersion arn:aws:s3:::x-records-trial/ledgers/*/segments/*",
      "s3:ListBucket arn:aws:s3:::x-records-7y",
      "s3:ListBucket arn:aws:s3:::x-records-trial",
      "s3:ListBucketVersions arn:aws:s3:::x-records-7y",
      "s3:ListBucketVersions arn:aws:s3:::x-records-trial",
      "s3:PutObject arn:aws:s3:::x-records-7y/ledgers/*/segments/00000000000000000000",
      "s3:PutObject arn:aws:s3:::x-records-trial/ledgers/*/segments/00000000000000000000",
    ]))
    error_message = "The operator makes tenants, ledgers and keys, verifies, and rebuilds beside the index; of segments it puts the first only."
  }
}

# Real keys, as the golden listing in shared/audit-storage/src/rows.rs has them, against
# each grant on each table: what matches is what is allowed.
run "rows_are_reached_by_those_who_need_them" {
  command = plan

  assert {
    condition = jsonencode({
      for caller, doc in output.documents : caller => sort(flatten([
        for s in jsondecode(doc).Statement : [
          for pk in [
            "A#abcdefghij234567", "AK#acme", "K#acme/credit#s#person 7#x", "KI#acme/credit", "LEDGERS", "TENANTS",
            "LEDGER#acme/credit", "METRIC#acme/credit", "R#acme/credit#20250930#0", "RATE#acme",
          ] : "${trimprefix(s.Action[0], "dynamodb:")} ${pk}"
          if anytrue([for pattern in s.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] : can(regex("^${replace(pattern, "*", ".*")}$", pk))])
        ] if contains(s.Resource, "arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys")
      ]))
      }) == jsonencode({
      ingest = ["GetItem A#abcdefghij234567", "GetItem LEDGERS", "GetItem TENANTS"]
      writer = [
        "GetItem K#acme/credit#s#person 7#x", "GetItem KI#acme/credit", "GetItem LEDGERS",
        "PutItem K#acme/credit#s#person 7#x", "PutItem KI#acme/credit",
        "Query K#acme/credit#s#person 7#x", "Query LEDGERS",
      ]
      query = [
        "GetItem A#abcdefghij234567", "GetItem K#acme/credit#s#person 7#x", "GetItem KI#acme/credit", "GetItem LEDGERS",
        "Query LEDGERS",
      ]
      operator = [
        "GetItem A#abcdefghij234567", "GetItem K#acme/credit#s#person 7#x", "GetItem KI#acme/credit", "GetItem LEDGERS", "GetItem TENANTS",
        "PutItem A#abcdefghij234567", "PutItem AK#acme", "PutItem LEDGERS", "PutItem TENANTS",
        "Query AK#acme", "Query LEDGERS", "Query TENANTS",
      ]
    })
    error_message = "Rows of the keys table: writer, query and operator find scope keys by id, the writer alone makes them, the operator alone makes the rest."
  }

  assert {
    condition = jsonencode({
      for caller, doc in output.documents : caller => sort(flatten([
        for s in jsondecode(doc).Statement : [
          for pk in [
            "A#abcdefghij234567", "AK#acme", "K#acme/credit#s#person 7#x", "KI#acme/credit", "LEDGERS", "TENANTS",
            "LEDGER#acme/credit", "METRIC#acme/credit", "R#acme/credit#20250930#0", "RATE#acme",
          ] : "${trimprefix(s.Action[0], "dynamodb:")} ${pk}"
          if anytrue([for pattern in s.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] : can(regex("^${replace(pattern, "*", ".*")}$", pk))])
        ] if contains(s.Resource, "arn:aws:dynamodb:eu-central-1:123456789012:table/x-audit")
      ]))
      }) == jsonencode({
      ingest = ["GetItem RATE#acme", "PutItem RATE#acme"]
      writer = [
        "BatchGetItem R#acme/credit#20250930#0", "BatchWriteItem R#acme/credit#20250930#0",
        "GetItem LEDGER#acme/credit", "GetItem METRIC#acme/credit",
        "PutItem LEDGER#acme/credit", "PutItem METRIC#acme/credit",
      ]
      query = [
        "GetItem LEDGER#acme/credit", "GetItem R#acme/credit#20250930#0",
        "Query METRIC#acme/credit", "Query R#acme/credit#20250930#0",
      ]
      operator = [
        "BatchGetItem R#acme/credit#20250930#0", "BatchWriteItem R#acme/credit#20250930#0",
        "GetItem LEDGER#acme/credit", "GetItem METRIC#acme/credit",
        "PutItem LEDGER#acme/credit", "PutItem METRIC#acme/credit",
        "Query METRIC#acme/credit", "Query R#acme/credit#20250930#0",
      ]
    })
    error_message = "Rows of the audit table: records in batches, HEAD and metrics one by one; ingest alone has the rate limits' rows, and no other."
  }

  assert {
    condition = alltrue(flatten([for doc in values(output.documents) : [
      for s in jsondecode(doc).Statement : length(s.Action) == 1 && length(s.Condition) == 1
      if anytrue([for a in s.Action : startswith(a, "dynamodb:")]) && !anytrue([for r in s.Resource : strcontains(r, "/index/")])
    ]]))
    error_message = "Each action on a table names its rows."
  }
}

run "listings_stay_below_segments" {
  command = plan

  assert {
    condition = alltrue(flatten([for doc in values(output.documents) : [
      for s in jsondecode(doc).Statement : s.Condition == { StringLike = { "s3:prefix" = ["ledgers/*/segments/*"] } } if contains(s.Action, "s3:ListBucketVersions")
    ]]))
    error_message = "Versions are listed of segments."
  }
}

run "kms_key_is_used_under_its_two_contexts_only" {
  command = plan

  # What each caller does with the key, and under which context.
  assert {
    condition = jsonencode({
      for caller, doc in output.documents : caller => sort(flatten([
        for s in jsondecode(doc).Statement : [for a in s.Action : "${a} ${
          try(s.Condition, null) == {
            "ForAllValues:StringEquals" = { "kms:EncryptionContextKeys" = ["ledger"] }
            Null                        = { "kms:EncryptionContextKeys" = "false" }
            } ? "ledger" : try(
            s.Condition.StringEquals["kms:ViaService"] == "s3.eu-central-1.amazonaws.com" ? s.Condition.StringEquals["kms:EncryptionContext:aws:s3:arn"] : "",
            "anything"
        )}"] if anytrue([for a in s.Action : startswith(a, "kms:")])
      ]))
      }) == jsonencode({
      ingest = ["kms:GenerateDataKey arn:aws:s3:::x-staging"]
      writer = [
        "kms:Decrypt arn:aws:s3:::x-quarantine", "kms:Decrypt arn:aws:s3:::x-staging", "kms:Decrypt ledger",
        "kms:GenerateDataKey arn:aws:s3:::x-quarantine",
      ]
      query    = ["kms:Decrypt ledger", "kms:DescribeKey anything"]
      operator = ["kms:Decrypt ledger", "kms:GenerateDataKey ledger"]
    })
    error_message = "Every use of the key names the ledger, or comes from S3 for one of the two buckets."
  }
}

run "emulator_gets_the_same_grants_without_what_it_does_not_know" {
  command = plan

  variables {
    kms_request_conditions = false
    batch_actions          = true
  }

  assert {
    condition = alltrue(flatten([for doc in values(output.documents) : [
      for s in jsondecode(doc).Statement : !can(s.Condition) if anytrue([for a in s.Action : startswith(a, "kms:")])
    ]]))
    error_message = "No kms: condition on the emulator."
  }

  assert {
    condition = jsonencode({
      for caller, doc in output.documents : caller => [
        for a in distinct(flatten([for s in jsondecode(doc).Statement : s.Action])) : a if startswith(a, "sqs:") && endswith(a, "Batch")
      ]
      }) == jsonencode({
      ingest   = ["sqs:SendMessageBatch"]
      writer   = ["sqs:ChangeMessageVisibilityBatch", "sqs:DeleteMessageBatch"]
      query    = []
      operator = []
    })
    error_message = "Only the batch calls' own names are added."
  }
}
