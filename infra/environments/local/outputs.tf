output "env" {
  description = "Lines for .local/env, but for AUDIT_URL and AUDIT_API_KEY, which the stack itself makes."
  value = merge(module.backbone.environment, {
    AWS_ENDPOINT_URL  = var.endpoint
    AWS_REGION        = var.region
    AWS_ACCESS_KEY_ID = aws_iam_access_key.operator.id
  })
}

output "operator_secret_access_key" {
  description = "AWS_SECRET_ACCESS_KEY of the operator, for .local/env."
  value       = aws_iam_access_key.operator.secret
  sensitive   = true
}

output "api_url" {
  description = "URL of the HTTP API in the form that needs no name resolution; routes follow it."
  value       = "${var.endpoint}/_aws/execute-api/${module.backbone.api_id}"
}

output "api_id" {
  description = "Id of the HTTP API."
  value       = module.backbone.api_id
}

output "functions" {
  description = "Each function's name, role and log group."
  value       = module.backbone.functions
}

output "dead_letter_urls" {
  description = "URL of each lane's dead-letter queue."
  value       = module.backbone.dead_letter_urls
}

output "operator_role_arn" {
  description = "ARN of the operator's role."
  value       = module.backbone.operator_role_arn
}
