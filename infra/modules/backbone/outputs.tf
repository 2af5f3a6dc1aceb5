output "environment" {
  description = "What audit-admin, tests and anything else that talks to this deployment need, by the names they read it under."
  value       = merge(local.environment, local.functions.writer.environment, local.rate)
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
    for key, function in module.function :
    key => { name = function.name, role_arn = function.role_arn, log_group = function.log_group }
  }
}

output "function_environments" {
  description = "Environment of each function."
  value       = { for key, function in module.function : key => function.environment }
}

output "operator_role_arn" {
  description = "ARN of the role in which audit-admin runs."
  value       = module.operator.role_arn
}

output "locks" {
  description = "Mode and days of each retention class's lock."
  value       = { for class, records in module.records : class => records.lock }
}

output "minimum_visibility_s" {
  description = "The least visibility timeout that is accepted: the writer's timeout and the batching window together."
  value       = module.lanes.minimum_visibility_s
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
    roles   = merge({ for key, function in module.function : key => function.policy }, { operator = module.access.documents.operator })
    trust   = merge({ for key, function in module.function : key => function.trust }, { operator = module.operator.trust })
    buckets = { for class, records in module.records : class => records.policy }
    key     = module.keyring.policy
  }
}
