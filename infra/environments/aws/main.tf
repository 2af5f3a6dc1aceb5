# An AWS account of the operator's own. State stays with the operator: add a backend
# (see infra/README.md), because without one the state lies beside this file.

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      application = var.name
    }
  }
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

module "backbone" {
  source = "../../modules/backbone"

  name          = var.name
  bucket_suffix = "-${data.aws_caller_identity.this.account_id}"
  domain        = var.domain

  place = {
    partition  = data.aws_partition.this.partition
    region     = var.region
    account_id = data.aws_caller_identity.this.account_id
  }

  zip_directory      = var.zip_directory
  log_filter         = var.log_filter
  log_retention_days = var.log_retention_days
  functions          = var.functions

  retention_classes = var.retention_classes

  lane_count           = var.lane_count
  visibility_timeout_s = var.visibility_timeout_s
  batching_window_s    = var.batching_window_s
  writer_concurrency   = var.writer_concurrency
  alarm_topic_arns     = var.alarm_topic_arns

  throttle                  = var.throttle
  access_log_retention_days = var.log_retention_days

  # A session of the role has the role's ARN as aws:PrincipalArn.
  deploy_principal_arns   = [var.deploy_role_arn]
  operator_principal_arns = var.operator_principal_arns
}
