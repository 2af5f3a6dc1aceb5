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

variables {
  region                  = "eu-central-1"
  domain                  = "audit.example.com"
  zip_directory           = "tests/zips"
  deploy_role_arn         = "arn:aws:iam::123456789012:role/deploy"
  operator_principal_arns = ["arn:aws:iam::123456789012:role/on-call"]
}

run "whole" {
  assert {
    condition = toset(keys(output.environment)) == toset([
      "AUDIT_TABLE", "AUDIT_KEYS_TABLE", "AUDIT_RECORDS_BUCKETS", "AUDIT_KMS_KEY_ID", "AUDIT_DOMAIN", "AUDIT_LOG",
      "AUDIT_LANES", "AUDIT_STAGING_BUCKET", "AUDIT_QUARANTINE_BUCKET", "AWS_REGION",
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

run "deploy_role_is_one_role" {
  command = plan

  variables {
    deploy_role_arn = "arn:aws:iam::123456789012:role/*"
  }

  expect_failures = [var.deploy_role_arn]
}
