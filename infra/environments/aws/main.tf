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

# CloudFront, its firewall, its certificate and its logs all live there.
provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"

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
  expiring_classes  = var.expiring_classes

  # What the functions see of the secrets; a hash of 32 random characters tells nothing.
  edge_secret_hashes = [for secret in nonsensitive(var.edge_secrets) : sha256(secret)]

  lane_count           = var.lane_count
  visibility_timeout_s = var.visibility_timeout_s
  batching_window_s    = var.batching_window_s
  writer_concurrency   = var.writer_concurrency
  alarm_topic_arns     = var.alarm_topic_arns

  throttle                  = var.throttle
  rate_limit                = var.rate_limit
  access_log_retention_days = var.log_retention_days

  # A session of the role has the role's ARN as aws:PrincipalArn.
  deploy_principal_arns   = [var.deploy_role_arn]
  operator_principal_arns = var.operator_principal_arns
}

module "edge" {
  source = "../../modules/edge"

  providers = {
    aws = aws.us_east_1
  }

  name                 = var.name
  domain               = var.domain
  certificate_arn      = var.certificate_arn
  api_host             = trimprefix(module.backbone.api_endpoint, "https://")
  secret               = var.edge_secrets[0]
  requests_per_address = var.requests_per_address
  price_class          = var.price_class
  log_retention_days   = var.log_retention_days
}

# By tag: once "application" is an active cost allocation tag, it counts this deployment and
# nothing beside it.
resource "aws_budgets_budget" "this" {
  count = var.budget == null ? 0 : 1

  name         = var.name
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(var.budget.usd_per_month)
  limit_unit   = "USD"

  cost_filter {
    name   = "TagKeyValue"
    values = [join("$", ["user:application", var.name])]
  }

  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }

    content {
      notification_type          = notification.key
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      comparison_operator        = "GREATER_THAN"
      subscriber_email_addresses = var.budget.emails
    }
  }
}
