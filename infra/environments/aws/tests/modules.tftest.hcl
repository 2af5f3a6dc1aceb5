# Each module by itself, with the values that AWS gets.

mock_provider "aws" {
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-central-1:123456789012:dead" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/r" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-central-1:123456789012:function:f" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:123456789012:rule/r" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:g" }
  }
  mock_resource "aws_apigatewayv2_api" {
    defaults = { execution_arn = "arn:aws:execute-api:eu-central-1:123456789012:a" }
  }
}

variables {
  name   = "xx"
  domain = "audit.example.com"
  place  = { partition = "aws", region = "eu-central-1", account_id = "123456789012" }

  # Of the environment; unused by the modules below.
  region                  = "eu-central-1"
  zip_directory           = "tests/zips"
  deploy_role_arn         = "arn:aws:iam::123456789012:role/deploy"
  operator_principal_arns = ["arn:aws:iam::123456789012:role/on-call"]
  certificate_arn         = "arn:aws:acm:us-east-1:123456789012:certificate/c"
  edge_secrets            = ["0123456789abcdef0123456789abcdef"]
}

run "records" {
  module {
    source = "../../modules/records"
  }

  variables {
    bucket                = "x-records-7y"
    retention_days        = 2557
    deploy_principal_arns = ["arn:aws:iam::123456789012:role/deploy"]
  }

  assert {
    condition = (
      aws_s3_bucket.this.object_lock_enabled
      && aws_s3_bucket_object_lock_configuration.this.rule[0].default_retention[0].mode == "COMPLIANCE"
      && aws_s3_bucket_object_lock_configuration.this.rule[0].default_retention[0].days == 2557
      && aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    )
    error_message = "Every version is locked for the class's days, by the bucket's default."
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this) == 0
    error_message = "Nothing expires unless it is asked for."
  }

  assert {
    condition = (
      [for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : rule.apply_server_side_encryption_by_default[0].sse_algorithm] == ["AES256"]
      && aws_s3_bucket_public_access_block.this.block_public_acls
      && aws_s3_bucket_public_access_block.this.block_public_policy
      && aws_s3_bucket_public_access_block.this.ignore_public_acls
      && aws_s3_bucket_public_access_block.this.restrict_public_buckets
      && aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    )
    error_message = "SSE-S3, and closed to the public."
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy) == {
      Version = "2012-10-17"
      Statement = [
        {
          Sid       = "NobodyDeletesOrRetains"
          Effect    = "Deny"
          Principal = "*"
          Action    = ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectLegalHold", "s3:PutObjectRetention"]
          Resource  = "arn:aws:s3:::x-records-7y/*"
        },
        {
          Sid       = "NobodyUploadsInParts"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:PutObject"
          Resource  = "arn:aws:s3:::x-records-7y/*"
          Condition = { Bool = { "s3:ObjectCreationOperation" = "false" } }
        },
        {
          Sid       = "OnlyTheDeployRoleConfigures"
          Effect    = "Deny"
          Principal = "*"
          Action = [
            "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketObjectLockConfiguration",
            "s3:PutBucketOwnershipControls", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketVersioning",
            "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration",
          ]
          Resource  = "arn:aws:s3:::x-records-7y"
          Condition = { ArnNotLike = { "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/deploy"] } }
        },
        {
          Sid       = "NobodyWritesUnconditionally"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:PutObject"
          Resource  = "arn:aws:s3:::x-records-7y/*"
          Condition = { Null = { "s3:if-none-match" = "true" } }
        },
        {
          Sid       = "NobodyComesWithoutTls"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:*"
          Resource  = ["arn:aws:s3:::x-records-7y", "arn:aws:s3:::x-records-7y/*"]
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
      ]
    }
    error_message = "The denials, word for word."
  }
}

run "records_that_expire" {
  module {
    source = "../../modules/records"
  }

  variables {
    bucket                = "x-records-trial"
    retention_days        = 1
    expire                = true
    deploy_principal_arns = ["arn:aws:iam::123456789012:role/deploy"]
  }

  assert {
    condition = (
      aws_s3_bucket_lifecycle_configuration.this[0].rule[0].expiration[0].days == 2
      && aws_s3_bucket_lifecycle_configuration.this[0].rule[0].noncurrent_version_expiration[0].noncurrent_days == 1
      && aws_s3_bucket_lifecycle_configuration.this[0].rule[1].expiration[0].expired_object_delete_marker
    )
    error_message = "An object goes when its lock has run out, not before; then its marker."
  }
}

run "retention_of_no_days_and_a_policy_without_a_deploy_role_are_refused" {
  command = plan

  module {
    source = "../../modules/records"
  }

  variables {
    bucket                = "x-records-none"
    retention_days        = 0
    deploy_principal_arns = []
  }

  expect_failures = [var.retention_days, var.deploy_principal_arns]
}

run "holding" {
  module {
    source = "../../modules/holding"
  }

  variables {
    bucket      = "x-staging"
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/k"
  }

  assert {
    condition = alltrue([for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : (
      rule.bucket_key_enabled
      && rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms"
      && rule.apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn
    )])
    error_message = "SSE-KMS under our key, by bucket key, which the roles' conditions count on."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[0].expiration[0].days == 15
    error_message = "Objects go after 15 days."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this[0].policy).Statement[0].Condition == { Bool = { "aws:SecureTransport" = "false" } }
    error_message = "Plain HTTP is refused."
  }
}

run "object_gone_before_its_message_is_refused" {
  command = plan

  module {
    source = "../../modules/holding"
  }

  variables {
    bucket      = "x-staging"
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/k"
    expire_days = 14
  }

  expect_failures = [var.expire_days]
}

run "tables" {
  module {
    source = "../../modules/tables"
  }

  assert {
    condition     = aws_dynamodb_table.keys.deletion_protection_enabled && aws_dynamodb_table.keys.point_in_time_recovery[0].enabled
    error_message = "Keys can be neither deleted nor lost."
  }

  assert {
    condition = (
      aws_dynamodb_table.audit.deletion_protection_enabled
      && aws_dynamodb_table.audit.billing_mode == "PAY_PER_REQUEST"
      && aws_dynamodb_table.audit.stream_enabled
      && aws_dynamodb_table.audit.stream_view_type == "NEW_IMAGE"
      && aws_dynamodb_table.audit.ttl[0].enabled
      && aws_dynamodb_table.audit.ttl[0].attribute_name == "ttl"
    )
    error_message = "The index is on demand, streams and expires."
  }

  assert {
    condition = { for i in aws_dynamodb_table.audit.global_secondary_index : i.name => "${i.hash_key} ${i.range_key} ${i.projection_type}" } == {
      by_actor   = "ak sk ALL"
      by_subject = "uk sk ALL"
      by_chain   = "ck sk ALL"
    }
    error_message = "Three sparse indexes by id."
  }
}

run "lanes" {
  module {
    source = "../../modules/lanes"
  }

  variables {
    lane_count           = 3
    minimum_visibility_s = 25
  }

  assert {
    condition = length(aws_sqs_queue.lane) == 3 && alltrue([for key, lane in aws_sqs_queue.lane : (
      lane.name == "xx-${key}"
      && lane.visibility_timeout_seconds == 30
      && lane.message_retention_seconds == 10 * 86400
      && lane.sqs_managed_sse_enabled
    )])
    error_message = "A lane hides a message for 30 seconds and keeps it for 10 days, encrypted."
  }

  assert {
    condition = alltrue([for key in keys(aws_sqs_queue.lane) : (
      aws_sqs_queue.dead_letters[key].name == "xx-${key}-dlq"
      && aws_sqs_queue.dead_letters[key].message_retention_seconds == 14 * 86400
      && aws_sqs_queue.dead_letters[key].sqs_managed_sse_enabled
      && jsondecode(aws_sqs_queue_redrive_policy.lane[key].redrive_policy) == {
        deadLetterTargetArn = aws_sqs_queue.dead_letters[key].arn
        maxReceiveCount     = 900
      }
    )])
    error_message = "Each lane has a dead-letter queue of 14 days, which a message reaches before it is too old for its lane."
  }
}

run "lane_that_hands_out_messages_twice_is_refused" {
  command = plan

  module {
    source = "../../modules/lanes"
  }

  variables {
    minimum_visibility_s = 31
  }

  expect_failures = [aws_sqs_queue.lane]
}

run "function" {
  module {
    source = "../../modules/function"
  }

  variables {
    name        = "x-writer"
    description = "Writes"
    zip_path    = "tests/zips/writer.zip"
    policy      = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    environment = { AUDIT_LOG = "info" }
    timeout_s   = 20
    memory_mb   = 1024
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 90 && aws_cloudwatch_log_group.this.name == "/aws/lambda/x-writer"
    error_message = "The log is kept for 90 days, never for ever."
  }

  assert {
    condition = (
      aws_lambda_function.this.runtime == "provided.al2023"
      && aws_lambda_function.this.timeout == 20
      && aws_lambda_function.this.reserved_concurrent_executions == -1
      && aws_lambda_function.this.source_code_hash == filebase64sha256("tests/zips/writer.zip")
    )
    error_message = "A binary by its hash, without concurrency set aside."
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].log_group == aws_cloudwatch_log_group.this.name
    error_message = "It writes to the log group that its role may write to."
  }

  assert {
    condition = [for s in jsondecode(aws_iam_role.this.assume_role_policy).Statement : "${s.Effect} ${jsonencode(s.Principal)} ${s.Action}"] == [
      "Allow {\"Service\":\"lambda.amazonaws.com\"} sts:AssumeRole",
    ]
    error_message = "Lambda alone assumes the role."
  }
}

run "function_with_concurrency_set_aside" {
  command = plan

  module {
    source = "../../modules/function"
  }

  variables {
    name                 = "x-writer"
    description          = "Writes"
    zip_path             = "tests/zips/writer.zip"
    policy               = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    environment          = {}
    timeout_s            = 20
    memory_mb            = 1024
    reserved_concurrency = 5
  }

  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == 5
    error_message = "What is set aside is set aside."
  }
}

run "function_switched_off_by_its_concurrency_and_a_log_for_ever_are_refused" {
  command = plan

  module {
    source = "../../modules/function"
  }

  variables {
    name                 = "x-writer"
    description          = "Writes"
    zip_path             = "tests/zips/writer.zip"
    policy               = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    environment          = {}
    timeout_s            = 20
    memory_mb            = 1024
    reserved_concurrency = 0
    log_retention_days   = 0
  }

  expect_failures = [var.reserved_concurrency, var.log_retention_days]
}

run "http_api" {
  module {
    source = "../../modules/http-api"
  }

  variables {
    functions = { query = { name = "x-query", invoke_arn = "arn:aws:apigateway:eu-central-1:lambda:path/f" } }
    routes    = { "GET /api/v1/health" = "query", "$default" = "query" }
    throttle  = { rate = 500, burst = 1000 }
  }

  assert {
    condition = (
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 500
      && aws_apigatewayv2_stage.this.default_route_settings[0].throttling_burst_limit == 1000
      && aws_apigatewayv2_stage.this.access_log_settings[0].destination_arn == aws_cloudwatch_log_group.access[0].arn
      && aws_cloudwatch_log_group.access[0].retention_in_days == 90
      && !strcontains(aws_apigatewayv2_stage.this.access_log_settings[0].format, "queryString")
    )
    error_message = "The stage is throttled, and its log names no filter."
  }

  assert {
    condition     = aws_apigatewayv2_integration.this["query"].payload_format_version == "2.0"
    error_message = "Functions read payload 2.0."
  }
}

run "sweep" {
  module {
    source = "../../modules/sweep"
  }

  variables {
    function_name = "x-writer"
    function_arn  = "arn:aws:lambda:eu-central-1:123456789012:function:x-writer"
  }

  assert {
    condition     = aws_cloudwatch_event_rule.this.schedule_expression == "rate(1 minute)" && jsondecode(aws_cloudwatch_event_target.this.input) == { audit = "sweep" }
    error_message = "The writer sweeps each minute."
  }
}

run "backbone" {
  command = plan

  module {
    source = "../../modules/backbone"
  }

  variables {
    deploy_principal_arns = ["arn:aws:iam::123456789012:role/deploy"]
  }

  assert {
    condition = alltrue([for mapping in aws_lambda_event_source_mapping.lane : (
      mapping.batch_size == 1000
      && mapping.maximum_batching_window_in_seconds == 5
      && mapping.scaling_config[0].maximum_concurrency == 2
      && mapping.function_response_types == toset(["ReportBatchItemFailures"])
    )])
    error_message = "Batches of 1,000 in 5 seconds by two writers, failures message by message."
  }

  assert {
    condition     = var.functions.writer.reserved_concurrency == null && var.functions.writer.timeout_s == 20 && var.retention_classes == tomap({ "7y" = 2557, trial = 1 })
    error_message = "The defaults."
  }
}

run "single_writer_is_refused" {
  command = plan

  module {
    source = "../../modules/backbone"
  }

  variables {
    deploy_principal_arns = ["arn:aws:iam::123456789012:role/deploy"]
    writer_concurrency    = 1
  }

  expect_failures = [var.writer_concurrency]
}
