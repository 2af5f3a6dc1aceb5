# The whole of it, once, for every environment: what differs between AWS and the
# emulator is a variable here, so that what is tried on one is what runs on the other.
#
# Names are decided here and ARNs follow from them, so that a plan shows each policy
# in full before anything exists.

locals {
  arn = {
    dynamodb = "arn:${var.place.partition}:dynamodb:${var.place.region}:${var.place.account_id}:table"
    sqs      = "arn:${var.place.partition}:sqs:${var.place.region}:${var.place.account_id}"
    s3       = "arn:${var.place.partition}:s3::"
  }

  bucket_names = merge(
    { for class in keys(var.retention_classes) : "records-${class}" => "${var.name}-records-${class}${var.bucket_suffix}" },
    { for use in ["staging", "quarantine"] : use => "${var.name}-${use}${var.bucket_suffix}" },
  )

  lane_names = [for n in range(var.lane_count) : "${var.name}-lane-${n}"]

  # Names as the functions and audit-admin read them.
  environment = {
    AUDIT_TABLE           = module.tables.audit_name
    AUDIT_KEYS_TABLE      = module.tables.keys_name
    AUDIT_RECORDS_BUCKETS = jsonencode({ for class, records in module.records : class => records.bucket })
    AUDIT_KMS_KEY_ID      = module.keyring.arn
    AUDIT_DOMAIN          = var.domain
    AUDIT_LOG             = var.log_filter
  }

  # For those that answer HTTP.
  edge = length(var.edge_secret_hashes) > 0 ? { AUDIT_EDGE_SECRETS = jsonencode(var.edge_secret_hashes) } : {}

  # What ingest gives a tenant without a limit of its own; audit-admin shows it.
  rate = {
    AUDIT_RATE_RECORDS_PER_SECOND = tostring(var.rate_limit.records_per_second)
    AUDIT_RATE_BURST_RECORDS      = tostring(var.rate_limit.burst_records)
  }

  functions = {
    ingest = {
      description = "Validates records and puts them on a lane"
      environment = merge(local.edge, {
        AUDIT_LANES          = jsonencode(module.lanes.urls)
        AUDIT_STAGING_BUCKET = module.staging.bucket
      }, local.rate)
    }
    writer = {
      description = "Commits records to write-once segments and indexes them"
      environment = {
        AUDIT_LANES             = jsonencode(module.lanes.urls)
        AUDIT_STAGING_BUCKET    = module.staging.bucket
        AUDIT_QUARANTINE_BUCKET = module.quarantine.bucket
      }
    }
    query = {
      description = "Finds records and checks them on the way out"
      environment = local.edge
    }
  }
}

module "keyring" {
  source = "../keyring"

  name  = var.name
  place = var.place
}

module "records" {
  source   = "../records"
  for_each = var.retention_classes

  bucket                     = local.bucket_names["records-${each.key}"]
  place                      = var.place
  retention_days             = each.value
  deploy_principal_arns      = var.deploy_principal_arns
  expire                     = contains(var.expiring_classes, each.key)
  require_conditional_writes = var.require_conditional_writes
  require_tls                = var.require_tls
}

module "staging" {
  source = "../holding"

  bucket      = local.bucket_names["staging"]
  place       = var.place
  kms_key_arn = module.keyring.arn
  expire_days = var.holding_days
  require_tls = var.require_tls
}

module "quarantine" {
  source = "../holding"

  bucket      = local.bucket_names["quarantine"]
  place       = var.place
  kms_key_arn = module.keyring.arn
  expire_days = var.holding_days
  require_tls = var.require_tls
}

module "tables" {
  source = "../tables"

  name                = var.name
  deletion_protection = var.deletion_protection
}

module "lanes" {
  source = "../lanes"

  name                 = var.name
  lane_count           = var.lane_count
  visibility_timeout_s = var.visibility_timeout_s
  minimum_visibility_s = var.visibility_covers_writer ? var.functions.writer.timeout_s + var.batching_window_s : 0
}

module "access" {
  source = "../access"

  records_bucket_arns    = { for class in keys(var.retention_classes) : class => "${local.arn.s3}:${local.bucket_names["records-${class}"]}" }
  staging_bucket_arn     = "${local.arn.s3}:${local.bucket_names["staging"]}"
  quarantine_bucket_arn  = "${local.arn.s3}:${local.bucket_names["quarantine"]}"
  audit_table_arn        = "${local.arn.dynamodb}/${var.name}-audit"
  audit_index_names      = module.tables.audit_index_names
  keys_table_arn         = "${local.arn.dynamodb}/${var.name}-keys"
  lane_arns              = [for name in local.lane_names : "${local.arn.sqs}:${name}"]
  kms_key_arn            = module.keyring.arn
  region                 = var.place.region
  kms_request_conditions = var.kms_request_conditions
  batch_actions          = var.batch_actions
}

module "function" {
  source   = "../function"
  for_each = local.functions

  name                    = "${var.name}-${each.key}"
  description             = each.value.description
  place                   = var.place
  zip_path                = "${var.zip_directory}/${each.key}.zip"
  policy                  = module.access.documents[each.key]
  timeout_s               = var.functions[each.key].timeout_s
  memory_mb               = var.functions[each.key].memory_mb
  reserved_concurrency    = var.functions[each.key].reserved_concurrency
  log_retention_days      = var.log_retention_days
  assuming_principal_arns = var.assuming_principal_arns
  environment             = merge(local.environment, each.value.environment)
}

resource "aws_lambda_event_source_mapping" "lane" {
  for_each = { for n, name in local.lane_names : "lane-${n}" => name }

  event_source_arn                   = module.lanes.arn_by_lane[each.key]
  function_name                      = module.function["writer"].arn
  batch_size                         = 1000
  maximum_batching_window_in_seconds = var.batching_window_s
  # A message that failed comes back; those that stood beside it don't.
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.writer_concurrency
  }
}

module "sweep" {
  source = "../sweep"

  name          = "${var.name}-sweep"
  function_name = module.function["writer"].name
  function_arn  = module.function["writer"].arn
}

module "api" {
  source = "../http-api"

  name                      = var.name
  throttle                  = var.throttle
  access_log_retention_days = var.access_log_retention_days

  functions = {
    for key in ["ingest", "query"] : key => { name = module.function[key].name, invoke_arn = module.function[key].invoke_arn }
  }

  routes = {
    "POST /api/v1/audit/log"            = "ingest"
    "POST /api/v1/audit/logs"           = "ingest"
    "GET /api/v1/audit/logs"            = "query"
    "GET /api/v1/audit/logs/{id}"       = "query"
    "GET /api/v1/audit/logs/{id}/chain" = "query"
    "GET /api/v1/audit/metrics"         = "query"
    "GET /api/v1/ledgers"               = "query"
    "GET /api/v1/health"                = "query"
    "GET /api/v1/openapi.json"          = "query"
    # Anything else: query answers 404, or 405 where the path exists, in the API's
    # own error form.
    "$default" = "query"
  }
}

module "operator" {
  source = "../operator"

  name           = "${var.name}-operator"
  policy         = module.access.documents.operator
  principal_arns = var.operator_principal_arns
}

module "alarms" {
  source = "../alarms"
  count  = var.alarm_topic_arns == null ? 0 : 1

  name       = var.name
  lane_names = local.lane_names
  functions  = { for key, function in module.function : key => { name = function.name, log_group = function.log_group } }
  api_id     = module.api.id
  topic_arns = var.alarm_topic_arns
}
