# Who may do what. These are security tests: they read the documents that the roles get.

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

run "documents_only_allow_and_name_each_action" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for doc in [output.ingest, output.writer, output.query, output.operator] : [
        for s in jsondecode(doc).Statement : [
          s.Effect == "Allow",
          !can(s.NotAction), !can(s.NotResource),
          [for action in s.Action : can(regex("^[a-z0-9]+:[A-Za-z]+$", action))],
        ]
      ]
    ]))
    error_message = "Each statement allows actions by their whole names."
  }

  # Account and name always stand; "*" only below a bucket's name, where keys are data.
  assert {
    condition = alltrue(flatten([
      for doc in [output.ingest, output.writer, output.query, output.operator] : [
        for s in jsondecode(doc).Statement : [
          for r in s.Resource : can(regex("^arn:aws:(s3:::[a-z0-9-]+(/.*)?|(dynamodb|sqs|kms):eu-central-1:123456789012:[A-Za-z0-9_/-]+)$", r))
        ]
      ]
    ]))
    error_message = "Each resource is named; only object keys may have a wildcard."
  }

  assert {
    condition = length(setintersection(
      toset(flatten([for doc in [output.ingest, output.writer, output.query, output.operator] : [
        for s in jsondecode(doc).Statement : s.Action
      ]])),
      [
        "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention", "s3:PutObjectLegalHold",
        "s3:BypassGovernanceRetention", "s3:PutBucketPolicy", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration",
        "s3:PutBucketObjectLockConfiguration", "dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:UpdateItem",
        "dynamodb:Scan", "kms:Encrypt", "kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy", "kms:CreateGrant",
      ],
    )) == 0
    error_message = "Nobody deletes, retains, reconfigures or scans."
  }
}

run "each_may_do_exactly_this" {
  command = plan

  assert {
    condition = toset(flatten([for s in jsondecode(output.ingest).Statement : s.Action])) == toset([
      "dynamodb:GetItem", "kms:GenerateDataKey", "s3:PutObject", "sqs:SendMessage",
    ])
    error_message = "Ingest authenticates, sends and stages; it reads no record."
  }

  assert {
    condition = toset(flatten([for s in jsondecode(output.writer).Statement : s.Action])) == toset([
      "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query",
      "kms:Decrypt", "kms:GenerateDataKey",
      "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutObject",
      "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
    ])
    error_message = "The writer takes from lanes, commits and indexes."
  }

  assert {
    condition = toset(flatten([for s in jsondecode(output.query).Statement : s.Action])) == toset([
      "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "kms:Decrypt", "kms:DescribeKey",
      "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions",
    ])
    error_message = "Query only reads."
  }

  assert {
    condition = toset(flatten([for s in jsondecode(output.operator).Statement : s.Action])) == toset([
      "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query",
      "kms:Decrypt", "kms:GenerateDataKey",
      "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutObject",
    ])
    error_message = "The operator makes tenants, ledgers and keys, and verifies."
  }
}

run "records_are_written_by_the_writer_alone_but_for_genesis" {
  command = plan

  assert {
    condition = toset(flatten([for s in jsondecode(output.writer).Statement : s.Resource if contains(s.Action, "s3:PutObject")])) == toset([
      "arn:aws:s3:::x-records-7y/ledgers/*/segments/*", "arn:aws:s3:::x-records-trial/ledgers/*/segments/*", "arn:aws:s3:::x-quarantine/*",
    ])
    error_message = "The writer puts segments, and poison in quarantine."
  }

  assert {
    condition = toset(flatten([for s in jsondecode(output.operator).Statement : s.Resource if contains(s.Action, "s3:PutObject")])) == toset([
      "arn:aws:s3:::x-records-7y/ledgers/*/segments/00000000000000000000", "arn:aws:s3:::x-records-trial/ledgers/*/segments/00000000000000000000",
    ])
    error_message = "The operator puts a ledger's first segment only."
  }

  assert {
    condition     = toset(flatten([for s in jsondecode(output.ingest).Statement : s.Resource if contains(s.Action, "s3:PutObject")])) == toset(["arn:aws:s3:::x-staging/*"])
    error_message = "Ingest puts staged records only."
  }

  assert {
    condition = alltrue([for s in jsondecode(output.ingest).Statement : !anytrue([
      for r in s.Resource : strcontains(r, "x-records") || strcontains(r, "x-audit")
    ])])
    error_message = "Ingest touches neither records nor index."
  }
}

run "keys_are_reached_by_the_rows_a_caller_needs" {
  command = plan

  assert {
    condition = alltrue([for s in jsondecode(output.ingest).Statement :
      s.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] == ["A#*", "LEDGERS"] if contains(s.Resource, "arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys")
    ])
    error_message = "Ingest sees API keys and ledgers, no scope key."
  }

  assert {
    condition = alltrue([for s in jsondecode(output.writer).Statement :
      s.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] == ["K#*"]
      if contains(s.Resource, "arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys") && contains(s.Action, "dynamodb:PutItem")
    ])
    error_message = "The writer makes scope keys and no other row."
  }

  assert {
    condition = alltrue([for s in jsondecode(output.writer).Statement :
      s.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] == ["LEDGERS", "K#*"]
      if contains(s.Resource, "arn:aws:dynamodb:eu-central-1:123456789012:table/x-keys") && contains(s.Action, "dynamodb:GetItem")
    ])
    error_message = "The writer reads no API key."
  }

  assert {
    condition     = alltrue([for s in jsondecode(output.query).Statement : !anytrue([for a in s.Action : can(regex("Put|Write|Send|Generate", a))])])
    error_message = "Query writes nothing anywhere."
  }
}

run "kms_key_is_used_under_its_two_contexts_only" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for doc in [output.ingest, output.writer, output.query, output.operator] : [
        for s in jsondecode(doc).Statement : (
          (
            try(s.Condition["ForAllValues:StringEquals"]["kms:EncryptionContextKeys"], null) == ["ledger"]
            && try(s.Condition.Null["kms:EncryptionContextKeys"], null) == "false"
          )
          || (
            try(s.Condition.StringEquals["kms:ViaService"], null) == "s3.eu-central-1.amazonaws.com"
            && contains(["arn:aws:s3:::x-staging", "arn:aws:s3:::x-quarantine"], try(s.Condition.StringEquals["kms:EncryptionContext:aws:s3:arn"], ""))
          )
        ) if length(setintersection(s.Action, ["kms:Decrypt", "kms:GenerateDataKey"])) > 0
      ]
    ]))
    error_message = "Every use of the key names the ledger, or comes from S3 for one of the two buckets."
  }

  assert {
    condition     = !anytrue([for s in jsondecode(output.ingest).Statement : contains(s.Action, "kms:Decrypt")])
    error_message = "Ingest opens nothing."
  }
}

run "emulator_gets_the_same_grants_without_what_it_does_not_know" {
  command = plan

  variables {
    kms_request_conditions = false
    batch_actions          = true
  }

  assert {
    condition = alltrue(flatten([
      for doc in [output.ingest, output.writer, output.query, output.operator] : [
        for s in jsondecode(doc).Statement : !can(s.Condition) if anytrue([for a in s.Action : startswith(a, "kms:")])
      ]
    ]))
    error_message = "No kms: condition on the emulator."
  }

  assert {
    condition = toset(flatten([for s in jsondecode(output.ingest).Statement : s.Action])) == toset([
      "dynamodb:GetItem", "kms:GenerateDataKey", "s3:PutObject", "sqs:SendMessage", "sqs:SendMessageBatch",
    ])
    error_message = "Only the batch calls' own names are added."
  }
}
