# What an operator gets on AWS. The provider is a mock: no account, no network.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/k" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/r" }
  }
  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:eu-central-1:123456789012:function:f"
      invoke_arn = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/f/invocations"
    }
  }
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:eu-central-1:123456789012:q"
      url = "https://sqs.eu-central-1.amazonaws.com/123456789012/q"
    }
  }
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/t" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:g" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-central-1:123456789012:rule/r" }
  }
  mock_resource "aws_apigatewayv2_api" {
    defaults = { execution_arn = "arn:aws:execute-api:eu-central-1:123456789012:a" }
  }
}

mock_provider "aws" {
  alias = "us_east_1"

  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/w/1" }
  }
  mock_resource "aws_cloudfront_distribution" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:distribution/D" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:g" }
  }
  mock_resource "aws_cloudwatch_log_delivery_destination" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:delivery-destination:d" }
  }
}

variables {
  region                  = "eu-central-1"
  domain                  = "audit.example.com"
  zip_directory           = "tests/zips"
  deploy_role_arn         = "arn:aws:iam::123456789012:role/deploy"
  operator_principal_arns = ["arn:aws:iam::123456789012:role/on-call"]
  certificate_arn         = "arn:aws:acm:us-east-1:123456789012:certificate/c"
  edge_secrets            = ["0123456789abcdef0123456789abcdef"]
}

run "whole" {
  assert {
    condition = toset(keys(output.environment)) == toset([
      "AUDIT_TABLE", "AUDIT_KEYS_TABLE", "AUDIT_RECORDS_BUCKETS", "AUDIT_KMS_KEY_ID", "AUDIT_DOMAIN", "AUDIT_LOG",
      "AUDIT_LANES", "AUDIT_STAGING_BUCKET", "AUDIT_QUARANTINE_BUCKET", "AWS_REGION",
      "AUDIT_RATE_RECORDS_PER_SECOND", "AUDIT_RATE_BURST_RECORDS",
    ])
    error_message = "audit-admin reads these names."
  }

  assert {
    condition = alltrue(flatten([for doc in values(module.backbone.policies.roles) : [
      for s in jsondecode(doc).Statement : [
        s.Effect == "Allow",
        [for a in s.Action : can(regex("^[a-z0-9]+:[A-Za-z]+$", a))],
        # Past the account, or S3's three colons, something of a name always stands.
        [for r in s.Resource : can(regex("^arn:aws:[a-z0-9]+:(eu-central-1:123456789012|:):[A-Za-z0-9/_-]{3,}", r)) && !can(regex("\\*[^/:]", r))],
      ]
    ]]))
    error_message = "No role has a wildcard action or resource."
  }

  assert {
    condition = alltrue(flatten([for doc in values(module.backbone.policies.roles) : [
      for s in jsondecode(doc).Statement : can(s.Condition) if length(setintersection(s.Action, ["kms:Decrypt", "kms:GenerateDataKey"])) > 0
    ]]))
    error_message = "On AWS every use of the KMS key is bound to its context."
  }

  assert {
    condition     = !anytrue(flatten([for doc in values(module.backbone.policies.roles) : [for s in jsondecode(doc).Statement : [for a in s.Action : endswith(a, "MessageBatch")]]]))
    error_message = "SQS's batch calls have no names of their own on AWS."
  }

  assert {
    condition = alltrue([for name in ["ingest", "writer", "query"] : jsondecode(module.backbone.policies.roles[name]).Statement[
      length(jsondecode(module.backbone.policies.roles[name]).Statement) - 1
      ] == {
      Sid      = "WriteItsLog"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/audit-layer-${name}:log-stream:*"]
    }])
    error_message = "Each function writes to its own log group only."
  }

  assert {
    condition = alltrue([for name in ["ingest", "writer", "query"] :
      [for s in jsondecode(module.backbone.policies.trust[name]).Statement : s.Principal] == [{ Service = "lambda.amazonaws.com" }]
    ])
    error_message = "Nobody but Lambda assumes a function's role."
  }

  assert {
    condition     = jsondecode(module.backbone.policies.trust.operator).Statement[0].Principal.AWS == ["arn:aws:iam::123456789012:role/on-call"]
    error_message = "The operator's role is assumed by those named."
  }

  assert {
    condition = alltrue(flatten([for doc in values(module.backbone.policies.buckets) : [
      contains([for s in jsondecode(doc).Statement : s.Sid], "NobodyDeletesOrRetains"),
      contains([for s in jsondecode(doc).Statement : s.Sid], "NobodyWritesUnconditionally"),
      contains([for s in jsondecode(doc).Statement : s.Sid], "NobodyUploadsInParts"),
      contains([for s in jsondecode(doc).Statement : s.Sid], "NobodyComesWithoutTls"),
      contains([for s in jsondecode(doc).Statement : s.Sid], "OnlyTheDeployRoleConfigures"),
    ]]))
    error_message = "On AWS every records bucket has every denial."
  }

  assert {
    condition = module.backbone.locks == {
      "7y"  = { mode = "COMPLIANCE", days = 2557 }
      trial = { mode = "COMPLIANCE", days = 1 }
    }
    error_message = "Each class's bucket is locked for the class's days."
  }

  assert {
    condition     = module.backbone.minimum_visibility_s == 25
    error_message = "The lanes ask for the writer's 20 seconds and the window's 5."
  }

  assert {
    condition     = toset(keys(module.backbone.policies.buckets)) == toset(["7y", "trial"])
    error_message = "One bucket for each retention class."
  }

  assert {
    condition = alltrue(flatten([for s in jsondecode(module.backbone.policies.key).Statement : [
      s.Principal == { AWS = "arn:aws:iam::123456789012:root" },
      [for a in s.Action : !strcontains(a, "*")],
    ]]))
    error_message = "The key answers to its account, action by action."
  }
}

run "functions_know_the_edge_by_hashes_alone" {
  variables {
    edge_secrets = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"]
  }

  assert {
    condition = { for name, environment in module.backbone.function_environments : name => lookup(environment, "AUDIT_EDGE_SECRETS", "none") } == {
      ingest = jsonencode(["3eb1bd439947eb762998e566ccc2e099c791118b2f40579cc4f7da2b5061b7f9", "4ba68aa8767bde72e8c798ee82d1275291cea73e72ad74d35ecf48e41386eb82"])
      query  = jsonencode(["3eb1bd439947eb762998e566ccc2e099c791118b2f40579cc4f7da2b5061b7f9", "4ba68aa8767bde72e8c798ee82d1275291cea73e72ad74d35ecf48e41386eb82"])
      writer = "none"
    }
    error_message = "Those that answer HTTP demand either secret, and hold neither."
  }
}

run "edge_without_a_secret_is_refused" {
  command = plan

  variables {
    edge_secrets = []
  }

  expect_failures = [var.edge_secrets]
}

run "budget" {
  command = plan

  variables {
    budget = { usd_per_month = 50, emails = ["on-call@example.com"] }
  }

  assert {
    condition = (
      aws_budgets_budget.this[0].limit_amount == "50"
      && [for filter in aws_budgets_budget.this[0].cost_filter : "${filter.name} ${join(" ", filter.values)}"] == ["TagKeyValue user:application$audit-layer"]
      && toset([for n in aws_budgets_budget.this[0].notification : "${n.notification_type} ${n.threshold} ${n.threshold_type} ${join(" ", n.subscriber_email_addresses)}"]) == toset([
        "ACTUAL 80 PERCENTAGE on-call@example.com", "FORECASTED 100 PERCENTAGE on-call@example.com",
      ])
    )
    error_message = "Somebody hears before the month's money is spent."
  }
}

run "longer_writer_needs_longer_visibility" {
  command = plan

  variables {
    functions            = { writer = { timeout_s = 26 } }
    batching_window_s    = 7
    visibility_timeout_s = 33
  }

  assert {
    condition     = module.backbone.minimum_visibility_s == 33
    error_message = "The writer's timeout and the batching window together are what the lanes ask for."
  }
}

run "wildcard_for_a_deploy_role_and_a_short_secret_are_refused" {
  command = plan

  variables {
    deploy_role_arn = "arn:aws:iam::123456789012:role/*"
    edge_secrets    = ["hunter2"]
  }

  expect_failures = [var.deploy_role_arn, var.edge_secrets]
}
