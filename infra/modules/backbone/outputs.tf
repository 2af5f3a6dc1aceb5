output "environment" {
  description = "What audit-admin, tests and anything else that talks to this deployment need, by the names they read it under."
  value = merge(local.environment, {
    AUDIT_LANES             = jsonencode(module.lanes.urls)
    AUDIT_STAGING_BUCKET    = module.staging.bucket
    AUDIT_QUARANTINE_BUCKET = module.quarantine.bucket
  })
}

output "api_id" {
  description = "Id of the HTTP API."
  value       = module.api.id
}

output "api_endpoint" {
  description = "URL of the HTTP API."
  value       = module.api.endpoint
}

output "functions" {
  description = "Each function's name, role and log group."
  value = {
    for key, function in { ingest = module.ingest, writer = module.writer, query = module.query } :
    key => { name = function.name, role_arn = function.role_arn, log_group = function.log_group }
  }
}

output "operator_role_arn" {
  description = "ARN of the role in which audit-admin runs."
  value       = module.operator.role_arn
}

output "dead_letter_urls" {
  description = "URL of each lane's dead-letter queue."
  value       = module.lanes.dead_letter_urls
}

output "audit_stream_arn" {
  description = "ARN of the derived index's stream."
  value       = module.tables.audit_stream_arn
}

output "policies" {
  description = "Every policy document of this deployment, JSON: what the tests read, and what a reviewer may."
  value = {
    roles = {
      ingest   = module.ingest.policy
      writer   = module.writer.policy
      query    = module.query.policy
      operator = module.access.documents.operator
    }
    trust = {
      ingest   = module.ingest.trust
      writer   = module.writer.trust
      query    = module.query.trust
      operator = module.operator.trust
    }
    buckets = { for class, records in module.records : class => records.policy }
    key     = module.keyring.policy
  }
}
