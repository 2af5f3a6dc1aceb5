# The emulator: the same backbone as on AWS, with what the emulator can't do switched
# off and its waits shortened. Everything here is thrown away with the process.

provider "aws" {
  region     = var.region
  access_key = "test"
  secret_key = "test"

  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true

  endpoints {
    apigatewayv2   = var.endpoint
    cloudwatch     = var.endpoint
    cloudwatchlogs = var.endpoint
    dynamodb       = var.endpoint
    events         = var.endpoint
    iam            = var.endpoint
    kms            = var.endpoint
    lambda         = var.endpoint
    s3             = var.endpoint
    sqs            = var.endpoint
    sts            = var.endpoint
  }
}

locals {
  account = "arn:aws:iam::${var.account_id}:root"
}

module "backbone" {
  source = "../../modules/backbone"

  name          = var.name
  place         = { region = var.region, account_id = var.account_id }
  domain        = var.domain
  zip_directory = var.zip_directory
  log_filter    = var.log_filter

  # Tests act as each function by assuming its role.
  assuming_principal_arns = [local.account]
  operator_principal_arns = [local.account]
  deploy_principal_arns   = [local.account]

  deletion_protection = false

  # A message that failed comes back while a test still waits for it.
  visibility_timeout_s     = 5
  visibility_covers_writer = false
  batching_window_s        = 1

  # What the emulator doesn't know.
  require_conditional_writes = false
  require_tls                = false
  kms_request_conditions     = false
  batch_actions              = true
  holding_days               = null
  throttle                   = null
  access_log_retention_days  = null
}

# audit-admin runs as this user rather than as the emulator's root, which no policy
# binds: what the operator may do is enforced here as well.
resource "aws_iam_user" "operator" {
  # checkov:skip=CKV_AWS_273: a user of the emulator
  name = "${var.name}-operator"
}

resource "aws_iam_user_policy" "operator" {
  # checkov:skip=CKV_AWS_40: the emulator's user has the policy that on AWS a role has
  name   = "operator"
  user   = aws_iam_user.operator.name
  policy = module.backbone.policies.roles.operator
}

resource "aws_iam_access_key" "operator" {
  user = aws_iam_user.operator.name
}
