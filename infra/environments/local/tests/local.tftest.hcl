# What the emulator gets: the same, but for what it doesn't know.

mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:000000000000:key/k" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::000000000000:role/r" }
  }
  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:us-east-1:000000000000:function:f"
      invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations"
    }
  }
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:us-east-1:000000000000:q"
      url = "http://127.0.0.1:4566/000000000000/q"
    }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:000000000000:log-group:g" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:us-east-1:000000000000:rule/r" }
  }
  mock_resource "aws_apigatewayv2_api" {
    defaults = { execution_arn = "arn:aws:execute-api:us-east-1:000000000000:a" }
  }
}

variables {
  zip_directory = "../aws/tests/zips"
}

run "whole" {
  assert {
    condition = alltrue(flatten([for doc in values(module.backbone.policies.buckets) : [
      [for s in jsondecode(doc).Statement : s.Sid] == ["NobodyDeletesOrRetains", "NobodyUploadsInParts", "OnlyTheDeployRoleConfigures"],
    ]]))
    error_message = "Denials that the emulator can judge, and not the one on s3:if-none-match."
  }

  assert {
    condition = alltrue(flatten([for doc in values(module.backbone.policies.roles) : [
      for s in jsondecode(doc).Statement : [for a in s.Action : !strcontains(a, "*")]
    ]]))
    error_message = "No wildcard action here either."
  }

  assert {
    condition     = output.env.AUDIT_TABLE == "audit-local-audit" && output.env.AUDIT_KEYS_TABLE == "audit-local-keys" && output.env.AUDIT_STAGING_BUCKET == "audit-local-staging"
    error_message = "Names as everything local expects them."
  }

  assert {
    condition     = jsondecode(output.env.AUDIT_RECORDS_BUCKETS) == { "7y" = "audit-local-records-7y", trial = "audit-local-records-trial" }
    error_message = "A bucket for each class."
  }

  assert {
    condition     = startswith(output.api_url, "http://127.0.0.1:4566/_aws/execute-api/")
    error_message = "The API by a URL that needs no name resolution."
  }
}
